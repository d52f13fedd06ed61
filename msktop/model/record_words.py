"""Bytes of a record as a person can read them: text, JSON or hex, with the schema id where there is one.

Everything here is foreign: callers pass what comes out through `plain` before it meets a terminal.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

How = Literal["auto", "text", "json", "hex"]
HOWS: tuple[How, ...] = ("auto", "text", "json", "hex")
MOST_SHOWN = 4096
"""Bytes of a key or value that are made into words; of the rest only the size is told."""

_LAST_S = 253_402_300_799.0
"""The end of the year 9999: a timestamp that nobody checked may be anything."""
_CONFLUENT = 5
"""0x00 and four bytes of schema id: docs.confluent.io, "Wire format"."""
_GLUE = 18
"""0x03, whether it is compressed, a schema version's UUID: awslabs/aws-glue-schema-registry."""


@dataclass(frozen=True, slots=True)
class Words:
    """What stands for some bytes. `schema`: `12`, or Glue's UUID; empty without one."""

    text: str
    form: Literal["null", "empty", "text", "json", "hex"]
    size: int
    schema: str = ""
    cut: bool = False
    """Only the beginning is in `text`."""


def moment(at: float) -> str:
    """A record's time in UTC, which nobody checked.

    >>> moment(1_769_860_800.123), moment(9e15)
    ('2026-01-31 12:00:00.123', '9999-12-31 23:59:59.000')
    """
    return datetime.fromtimestamp(min(at, _LAST_S), UTC).replace(tzinfo=None).isoformat(" ", "milliseconds")


def words_of(data: bytes | None, how: How = "auto", most: int = MOST_SHOWN) -> Words:
    r"""Some bytes as words.

    >>> words_of(b'{"a": 1}').form, words_of(b"abc").text, words_of(None).form
    ('json', 'abc', 'null')
    >>> words_of(b"\0\0\0\0\x0c" + b"abc").schema, words_of(b"\xff\0\1", "auto").text
    ('12', 'ff 00 01')
    """
    if data is None:
        return Words("null", "null", 0)
    if not data:
        return Words("", "empty", 0)
    schema, body = _schema(data)
    if how == "hex" or (how == "auto" and not _is_text(body, most)):
        return Words(data[:most].hex(" "), "hex", len(data), schema, len(data) > most)
    cut = len(body) > most
    if how in ("auto", "json") and not cut:
        document = _json(body)
        if document is not None:
            return Words(document, "json", len(data), schema)
    return Words(body[:most].decode("utf-8", "replace"), "text", len(data), schema, cut)


def _schema(data: bytes) -> tuple[str, bytes]:
    """Schema id, and what comes after it."""
    if data[0] == 0 and len(data) >= _CONFLUENT:
        return str(int.from_bytes(data[1:_CONFLUENT])), data[_CONFLUENT:]
    if data[0] == 3 and len(data) >= _GLUE and data[1] in (0, 5):
        return str(uuid.UUID(bytes=data[2:_GLUE])), data[_GLUE:]
    return "", data


def _is_text(data: bytes, most: int) -> bool:
    """Whether its beginning reads as UTF-8, but for a character that we cut ourselves."""
    begin = data[:most]
    try:
        text = begin.decode()
    except UnicodeDecodeError as error:
        if len(data) <= most or error.start < most - 3:
            return False
        text = begin[: error.start].decode()
    return all(char.isprintable() or char in "\t\r\n" for char in text)


def _json(data: bytes) -> str | None:
    """The document in one line; None where it is none. A bare number or word is text."""
    if data.lstrip()[:1] not in (b"{", b"["):
        return None
    try:
        return json.dumps(json.loads(data), ensure_ascii=False)
    except (ValueError, RecursionError):
        return None
