"""The few messages a probe needs, by hand: a process that only probes need not load a Kafka library.

Each request builder returns the payload of one frame; each decoder takes the payload of one response.
Versions: ApiVersions 1 (0.10.1 to today, tells the throttle time), Metadata 5 to 7 (Kafka 1.0 to today),
SaslHandshake 1 and SaslAuthenticate 1 (2.2 to today). Format: https://kafka.apache.org/protocol
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from msktop.wire.fields import Reader, decoding, string

CLIENT_ID = "msktop"

METADATA = 3
SASL_HANDSHAKE = 17
API_VERSIONS = 18
SASL_AUTHENTICATE = 36

METADATA_VERSION = 7
"""Has the throttle time and the rack; 5 and 6 look the same as far as the brokers go."""

UNSUPPORTED_VERSION = 35

VersionRange = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ApiVersions:
    """Which APIs a broker offers. An `error_code` is an answer too: the broker is alive."""

    error_code: int
    ranges: dict[int, VersionRange]
    throttle_ms: int


@dataclass(frozen=True, slots=True)
class Node:
    """A broker as Metadata lists it."""

    id: int
    host: str
    port: int
    rack: str | None


@dataclass(frozen=True, slots=True)
class Brokers:
    """A Metadata response without topics."""

    nodes: tuple[Node, ...]
    cluster_id: str | None
    controller_id: int
    throttle_ms: int


@dataclass(frozen=True, slots=True)
class SaslAnswer:
    """One step of a login."""

    error_code: int
    message: str
    token: bytes
    lifetime_ms: int


def header(api_key: int, version: int, correlation_id: int) -> bytes:
    r"""Request header 1.

    >>> header(18, 1, 7)
    b'\x00\x12\x00\x01\x00\x00\x00\x07\x00\x06msktop'
    """
    return struct.pack(">hhi", api_key, version, correlation_id) + string(CLIENT_ID)


def api_versions_request(correlation_id: int) -> bytes:
    """ApiVersions 1: a header and nothing else."""
    return header(API_VERSIONS, 1, correlation_id)


def brokers_request(correlation_id: int, version: int = METADATA_VERSION) -> bytes:
    """Metadata of no topics, which creates none: brokers, cluster id and controller."""
    return header(METADATA, version, correlation_id) + b"\0\0\0\0\0"


def sasl_handshake_request(correlation_id: int, mechanism: str) -> bytes:
    """SaslHandshake 1: which mechanism we mean to use."""
    return header(SASL_HANDSHAKE, 1, correlation_id) + string(mechanism)


def sasl_authenticate_request(correlation_id: int, token: bytes) -> bytes:
    """SaslAuthenticate 1: one token of the mechanism's own conversation."""
    return header(SASL_AUTHENTICATE, 1, correlation_id) + struct.pack(">i", len(token)) + token


def correlation_id(payload: bytes) -> int:
    r"""First field of every response.

    >>> correlation_id(b"\0\0\0\5rest")
    5
    """
    value: int = _I32.unpack_from(payload, 0)[0]
    return value


def api_versions_response(payload: bytes) -> ApiVersions:
    """Decode ApiVersions 1; a broker that does not know version 1 answers in version 0 with error 35."""
    with decoding("api_versions"):
        r = Reader(payload, 4)
        error_code = r.int16()
        offered = r.array(lambda: (r.int16(), (r.int16(), r.int16())))
        return ApiVersions(error_code, dict(offered), 0 if error_code else r.int32())


def pong_throttle_ms(payload: bytes) -> int:
    """The throttle time at the end of an ApiVersions 1 response; 0 in an answer with an error."""
    if len(payload) < 14 or payload[4:6] != b"\0\0":
        return 0
    return int(_I32.unpack_from(payload, len(payload) - 4)[0])


def brokers_response(payload: bytes) -> Brokers:
    """Decode Metadata 5 to 7 up to the controller."""
    with decoding("metadata"):
        r = Reader(payload, 4)
        throttle_ms = r.int32()
        nodes = r.array(lambda: Node(r.int32(), r.string() or "", r.int32(), r.string()))
        return Brokers(tuple(nodes), r.string(), r.int32(), throttle_ms)


def sasl_handshake_response(payload: bytes) -> tuple[int, tuple[str, ...]]:
    """Error code, and the mechanisms that the listener offers."""
    with decoding("sasl"):
        r = Reader(payload, 4)
        return r.int16(), tuple(r.array(lambda: r.string() or ""))


def sasl_authenticate_response(payload: bytes) -> SaslAnswer:
    """Decode SaslAuthenticate 1; a lifetime of 0 means that the session does not end."""
    with decoding("sasl"):
        r = Reader(payload, 4)
        return SaslAnswer(r.int16(), r.string() or "", r.take(max(0, r.int32())), r.int64())


_I32 = struct.Struct(">i")
