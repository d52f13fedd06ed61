"""Foreign strings made harmless: the one gate before a screen, a log, a notification or a terminal."""

from __future__ import annotations

import unicodedata

_LOUD = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Control, format (with all bidirectional controls), surrogate, private, unassigned, line separators."""


def plain(text: str, limit: int = 1000) -> str:
    r"""Neutralise control, escape and bidirectional characters; cut at `limit` characters.

    >>> plain("orders")
    'orders'
    >>> plain("a\x1b[31mb\u202ec\nd")
    'a�[31mb�c d'
    >>> plain("x" * 5, limit=3)
    'xx…'
    """
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        " " if c in "\t\n\r" else "\ufffd" if unicodedata.category(c) in _LOUD else c for c in text
    )


_HIDDEN = ("__", "amazon.msk.canary.")


def is_canary_or_internal(name: str) -> bool:
    """Whether a group or topic is MSK's own canary or Kafka's own: not shown unless asked for.

    >>> [is_canary_or_internal(n) for n in ("__x", "amazon.msk.canary.group.broker-1", "orders")]
    [True, True, False]
    """
    return name.startswith(_HIDDEN)
