"""What another setting of a topic does to the records that are there."""

from __future__ import annotations

from collections.abc import Mapping

_SHORTER = ("retention.ms", "retention.bytes")


def consequences(
    name: str, before: Mapping[str, str | None], after: Mapping[str, str | None]
) -> tuple[str, ...]:
    """In sentences; empty where nothing is lost.

    >>> consequences("orders", {"retention.ms": "-1"}, {"retention.ms": "1000"})
    ('Less is kept: records of orders beyond the new retention.ms are deleted for good.',)
    """
    said = []
    for key in _SHORTER:
        old, new = _number(before.get(key)), _number(after.get(key))
        if old is not None and new is not None and new >= 0 and (old < 0 or new < old):
            said.append(f"Less is kept: records of {name} beyond the new {key} are deleted for good.")
    was, is_ = before.get("cleanup.policy"), after.get("cleanup.policy")
    if is_ is not None and was != is_:
        if "delete" in is_ and "delete" not in (was or ""):
            said.append("Old records are deleted from now on, by retention.ms and retention.bytes.")
        if "compact" in is_ and "compact" not in (was or ""):
            said.append(
                "Only the newest record of each key is kept from now on; records without a key are refused."
            )
    return tuple(said)


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.lstrip("-").isdecimal() else None
