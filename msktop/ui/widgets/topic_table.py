"""Columns of the table of topics."""

from __future__ import annotations

from dataclasses import dataclass

from msktop.ui.columns import Cell, Column, figure
from msktop.ui.format import count, foreign, megabytes, num, rate, size
from msktop.ui.rows.partitions import Tally
from msktop.ui.theme import Severity, sign, token


@dataclass(frozen=True, slots=True)
class TopicRow:
    """One topic; `bytes` over all replicas, None where no log dirs were read."""

    name: str
    tally: Tally
    messages_per_s: float | None
    bytes: int | None
    internal: bool = False
    error: int = 0
    in_per_s: float | None = None
    """Bytes, by the exporters."""
    out_per_s: float | None = None
    cleanup: str = ""
    retention: str = ""
    tiered: str = ""
    zones: tuple[int, int] | None = None
    """Partitions with replicas together in one zone, and zones used at least."""

    @property
    def severity(self) -> Severity:
        """Offline and below min ISR are failures; under-replicated a warning."""
        if self.tally.offline or self.tally.under_min_isr:
            return "crit"
        return "warn" if self.tally.under_replicated or self.error else "ok"


SKEW_WORTH_A_WORD = 1.5
"""A broker with half as many leaders again as its share is worth a look."""


def columns() -> list[Column[TopicRow]]:
    """State, name, partitions, replication, what is wrong, records, bytes, skew."""
    return [
        Column(
            head="",
            width=1,
            cell=lambda r: (sign(r.severity), token(r.severity)),
            gap=1,
        ),
        Column(head="topic", width=0, cell=_name, sort=lambda r: r.name),
        figure("partitions", 10, lambda r: num(r.tally.partitions), lambda r: r.tally.partitions),
        Column(head="RF", width=2, cell=lambda r: (count(r.tally.replicas, 2), "muted"), align=">"),
        figure(
            "URP",
            5,
            lambda r: (num(r.tally.under_replicated), "warn" if r.tally.under_replicated else "faint"),
            lambda r: r.tally.under_replicated,
        ),
        figure(
            "offline",
            7,
            lambda r: (num(r.tally.offline), "crit b" if r.tally.offline else "faint"),
            lambda r: r.tally.offline,
        ),
        figure("<min", 4, _under_min_isr, lambda r: r.tally.under_min_isr, min_width=90),
        figure(
            "msg/s",
            5,
            lambda r: (rate(r.messages_per_s), _spec(r.messages_per_s)),
            lambda r: r.messages_per_s,
        ),
        figure(
            "MB/s in",
            7,
            lambda r: (megabytes(r.in_per_s), _spec(r.in_per_s)),
            lambda r: r.in_per_s,
            min_width=100,
        ),
        figure(
            "out",
            5,
            lambda r: (megabytes(r.out_per_s), _spec(r.out_per_s)),
            lambda r: r.out_per_s,
            min_width=100,
        ),
        figure(
            "size",
            8,
            lambda r: (size(r.bytes), "muted" if r.bytes is not None else "faint"),
            lambda r: r.bytes,
            min_width=64,
        ),
        figure("skew", 5, _skew, lambda r: r.tally.skew, min_width=74),
        Column(head="cleanup", width=14, cell=lambda r: _said(r.cleanup), min_width=150),
        Column(head="retention", width=9, cell=lambda r: _said(r.retention), align=">", min_width=110),
        Column(head="tiered", width=6, cell=lambda r: _said(r.tiered), min_width=150),
        Column(head="zones", width=11, cell=_zones, min_width=160),
    ]


def _spec(value: float | None) -> str:
    return "text" if value else "faint"


def _under_min_isr(row: TopicRow) -> Cell:
    under = row.tally.under_min_isr
    return count(under, 4), "crit b" if under else "faint"


def _said(words: str) -> Cell:
    return (foreign(words), "muted") if words else ("—", "faint")


def _zones(row: TopicRow) -> Cell:
    """Whether each partition's replicas are in different zones."""
    if row.zones is None:
        return "—", "faint"
    together, least = row.zones
    if together:
        return f"{num(together).strip()} together", "warn"
    return (f"spread on {least}", "muted") if least > 1 else ("one", "warn")


def _name(row: TopicRow) -> Cell:
    return foreign(row.name), "muted" if row.internal else "text"


def _skew(row: TopicRow) -> Cell:
    """Leaders of the busiest broker over an even share."""
    skew = row.tally.skew
    if skew is None:
        return "—", "faint"
    return f"{skew:.2f}", "text" if skew >= SKEW_WORTH_A_WORD else "faint"
