"""What the doctor found, as lines for a person and as a document for a program."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from msktop.model.text import plain

State = Literal["ok", "failed", "note", "skipped"]
"""`note`: worth knowing, but nothing depends on it. `skipped`: it makes no sense here."""

_WORDS: dict[State, str] = {"ok": "ok", "failed": "FAIL", "note": "note", "skipped": "-"}
_INDENT = " " * 7


@dataclass(frozen=True, slots=True)
class Check:
    """One step."""

    stage: str
    """credentials, api, dns, ports, login, kafka."""
    name: str
    """`kafka:ListNodes`, `port 9098`, `tls`."""
    state: State
    took_ms: float | None = None
    """Of the slowest, where it was done for several brokers."""
    detail: str = ""
    advice: str = ""
    action: str = ""
    """The IAM action that is missing."""


Say = Callable[[Check], None]


class Stopwatch:
    """Milliseconds since it was made."""

    def __init__(self) -> None:
        self._begun = time.perf_counter()

    @property
    def ms(self) -> float:
        """Until now."""
        return round((time.perf_counter() - self._begun) * 1e3, 1)


def line(check: Check) -> str:
    """The check as one line, and one more with what to do.

    >>> line(Check("ports", "port 9098", "ok", 0.8, "3 of 3"))
    'ok     port 9098                                0.8 ms  3 of 3'
    """
    took = f"{check.took_ms:.1f} ms" if check.took_ms is not None else ""
    text = f"{_WORDS[check.state]:<6} {check.name:<36} {took:>10}  {plain(check.detail)}".rstrip()
    return text + (f"\n{_INDENT}→ {plain(check.advice)}" if check.advice and check.state != "ok" else "")


def document(target: str, checks: Sequence[Check]) -> dict[str, Any]:
    """The whole report; `ok` is what the exit code says."""
    return {
        "version": 1,
        "target": target,
        "ok": is_ok(checks),
        "checks": [{k: v if v != "" else None for k, v in asdict(check).items()} for check in checks],
    }


def is_ok(checks: Sequence[Check]) -> bool:
    """Whether nothing failed."""
    return not any(check.state == "failed" for check in checks)


def summary(checks: Sequence[Check]) -> str:
    """The last line.

    >>> summary([Check("ports", "port 9098", "failed"), Check("kafka", "topics", "ok")])
    '1 of 2 checks failed'
    """
    failed = sum(check.state == "failed" for check in checks)
    done = sum(check.state != "skipped" for check in checks)
    return f"{failed} of {done} checks failed" if failed else f"all is well: {done} checks"
