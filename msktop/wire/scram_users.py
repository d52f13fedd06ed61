"""AlterUserScramCredentials 0 (Kafka 2.7 and later): give a user a SCRAM-SHA-512 password, as MSK has it."""

from __future__ import annotations

import hashlib
import struct

from msktop.wire.call import Call
from msktop.wire.fields import NO_TAGS, Reader, compact_string, decoding, uvarint

ALTER_USER_SCRAM_CREDENTIALS = 51
ITERATIONS = 4096
"""Kafka's least and default."""

_SCRAM_SHA_512 = 2


def upsert(user: str, password: str, salt: bytes) -> Call:
    """The request that makes the user, or changes the password. What travels is the salted hash.

    In ZooKeeper mode only the controller takes it; others answer 41, NOT_CONTROLLER.
    """
    salted = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
    kind = struct.pack(">bi", _SCRAM_SHA_512, ITERATIONS)
    entry = compact_string(user) + kind + _compact_bytes(salt) + _compact_bytes(salted) + NO_TAGS
    body = uvarint(1) + uvarint(2) + entry + NO_TAGS
    name = "alter_user_scram_credentials"
    return Call(name, ALTER_USER_SCRAM_CREDENTIALS, 0, body, flexible=True)


def altered(body: bytes) -> tuple[int, str]:
    r"""Error code and message of the one user asked for. Raises WireError.

    >>> altered(b"\0\0\0\0" b"\2" b"\4ann" b"\0\x29" b"\0" b"\0" b"\0")
    (41, '')
    """
    with decoding("alter_user_scram_credentials"):
        r = Reader(body)
        r.int32()  # throttle time
        if r.uvarint() != 2:
            raise ValueError("not one result")
        r.compact_string()
        return r.int16(), r.compact_string() or ""


def _compact_bytes(data: bytes) -> bytes:
    return uvarint(len(data) + 1) + data
