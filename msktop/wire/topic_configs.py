"""DescribeConfigs 1 of topics, cut into topics first: what is as it was costs one comparison."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from msktop.wire.call import Call
from msktop.wire.describe import DESCRIBE_CONFIGS, DESCRIBE_CONFIGS_VERSION, Setting, setting
from msktop.wire.fields import NULL_ARRAY, Reader, decoding, string

_TOPIC_RESOURCE = 2
OWN = "DYNAMIC_TOPIC_CONFIG"
"""Where a setting was set, if it was for this topic alone."""


@dataclass(frozen=True, slots=True)
class TopicSetting(Setting):
    """One setting. `default`: what it would be without the topic's own, where that was asked for."""

    default: str | None = None

    @property
    def own(self) -> bool:
        """Set for this topic."""
        return self.source == OWN


def request(names: Iterable[str], *, defaults: bool = False) -> Call:
    """All settings of these topics; any broker knows them. `defaults`: with what they would be otherwise."""
    resources = [struct.pack(">b", _TOPIC_RESOURCE) + string(name) + NULL_ARRAY for name in names]
    body = struct.pack(">i", len(resources)) + b"".join(resources) + struct.pack(">?", defaults)
    return Call("describe_configs", DESCRIBE_CONFIGS, DESCRIBE_CONFIGS_VERSION, body)


def split(body: bytes, known: Mapping[str, bytes]) -> dict[str, bytes]:
    """Each topic's piece of the answer; one that is as it was is the same object as in `known`.

    Raises WireError.
    """
    with decoding("describe_configs"):
        r = Reader(body)
        r.int32()  # throttle time
        found = {}
        for _ in range(max(0, r.int32())):
            start = r.at
            r.int16(), r.string(), r.int8()
            name = r.string() or ""
            piece = known.get(name)
            if piece is not None and body.startswith(piece, start):
                r.at = start + len(piece)
            else:
                r.array(lambda: _skip(r))
                piece = body[start : r.at]
            found[name] = piece
        return found


def _skip(r: Reader) -> None:
    r.take(r.int16())
    r.take(max(0, r.int16()))
    r.at += 3
    for _ in range(max(0, r.int32())):
        r.take(r.int16())
        r.take(max(0, r.int16()))
        r.at += 1


@dataclass(frozen=True, slots=True)
class TopicConfig:
    """One topic's settings, by name; with an `error`, none."""

    error: int
    message: str
    settings: Mapping[str, TopicSetting]


def config(piece: bytes) -> TopicConfig:
    """Decode one topic of `split`. Raises WireError."""
    with decoding("describe_configs"):
        r = Reader(piece)
        error, message = r.int16(), r.string() or ""
        r.int8(), r.string()
        found = r.array(lambda: _setting(r))
        return TopicConfig(error, message, {one.name: one for one in found})


def _setting(r: Reader) -> TopicSetting:
    one, others = setting(r)
    default = next((value for source, value in others if source != OWN), None)
    return TopicSetting(one.name, one.value, one.source, one.sensitive, default)
