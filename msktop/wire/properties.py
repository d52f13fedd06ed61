"""Java's .properties format, as Kafka's client.properties are written."""

from __future__ import annotations

import re
from collections.abc import Iterator

_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}
_UNICODE = re.compile(r"[0-9a-fA-F]{4}")


def parse(text: str) -> dict[str, str]:
    r"""Keys and values; a later one wins.

    >>> parse("# a comment\nsecurity.protocol = SSL\npath:a\\\n   b\n empty=\n")
    {'security.protocol': 'SSL', 'path': 'ab', 'empty': ''}
    >>> parse("key\\ with\\:odd=caf\\u00e9 \\\\ x")
    {'key with:odd': 'café \\ x'}
    """
    return dict(_split(line) for line in _logical_lines(text))


def _logical_lines(text: str) -> Iterator[str]:
    whole = ""
    for raw in text.splitlines():
        line = raw.lstrip(" \t\f")
        if not whole and (not line or line[0] in "#!"):
            continue
        whole += line
        backslashes = len(whole) - len(whole.rstrip("\\"))
        if backslashes % 2:
            whole = whole[:-1]
            continue
        yield whole
        whole = ""
    if whole:
        yield whole


def _split(line: str) -> tuple[str, str]:
    """The key ends at the first unescaped `=`, `:` or white space."""
    at = 0
    while at < len(line) and line[at] not in "=: \t\f":
        at += 2 if line[at] == "\\" else 1
    value = line[at:].lstrip(" \t\f")
    if value[:1] in ("=", ":"):
        value = value[1:].lstrip(" \t\f")
    return _unescape(line[:at]), _unescape(value)


def _unescape(text: str) -> str:
    out = []
    at = 0
    while at < len(text):
        char = text[at]
        at += 1
        if char != "\\" or at == len(text):
            out.append(char)
            continue
        char = text[at]
        at += 1
        digits = _UNICODE.match(text, at) if char == "u" else None
        if digits is not None:
            out.append(chr(int(digits[0], 16)))
            at = digits.end()
        else:
            out.append(_ESCAPES.get(char, char))
    return "".join(out)
