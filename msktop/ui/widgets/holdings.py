"""What a broker holds and how it is set up: topics, log directories, settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from msktop.model.broker import Broker
from msktop.model.samples import ConfigEntry, LogDirSeen
from msktop.ui.columns import Cell, Column
from msktop.ui.format import UNKNOWN, foreign, num, rate, size
from msktop.ui.rows.brokers import stored_bytes
from msktop.ui.rows.partitions import Tally
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.draw import title
from msktop.ui.widgets.told import read_age


@dataclass(frozen=True, slots=True)
class Holding:
    """One topic's partitions on one broker."""

    topic: str
    tally: Tally
    bytes: int | None
    messages_per_s: float | None
    """Records per second written to the partitions of this topic that are led here."""


def holdings(
    broker: Broker, tallies: Mapping[str, Tally], rates: Mapping[str, float | None]
) -> list[Holding]:
    """By topic, those with most leaders first."""
    sizes = stored_bytes(broker)
    rows = [
        Holding(name, tally, None if sizes is None else sizes.get(name, 0), rates.get(name))
        for name, tally in tallies.items()
    ]
    return sorted(rows, key=lambda row: (-row.tally.leads, -row.tally.partitions, row.topic))


def holding_columns() -> list[Column[Holding]]:
    """Leads, holds, in sync, written per second, bytes."""
    return [
        Column(head="topic", width=0, cell=lambda r: foreign(r.topic), sort=lambda r: r.topic),
        Column(
            head="leads",
            width=5,
            cell=lambda r: str(r.tally.leads),
            align=">",
            sort=lambda r: r.tally.leads,
            descending=True,
        ),
        Column(
            head="holds",
            width=5,
            cell=lambda r: str(r.tally.partitions),
            align=">",
            sort=lambda r: r.tally.partitions,
            descending=True,
        ),
        Column(head="in sync", width=7, cell=lambda r: str(r.tally.in_sync), align=">"),
        Column(
            head="msg/s",
            width=5,
            cell=lambda r: (rate(r.messages_per_s), "text" if r.messages_per_s else "faint"),
            align=">",
            min_width=52,
        ),
        Column(
            head="size",
            width=8,
            cell=lambda r: (size(r.bytes), "muted"),
            align=">",
            sort=lambda r: r.bytes,
            descending=True,
        ),
    ]


def log_dir_figures(one: LogDirSeen, width: int) -> str:
    """What lies in a log directory, and what its volume has where there is room to say so.

    >>> one = LogDirSeen(path="/kafka/datalogs", topics={"a": (3, 2**31)}, total_bytes=2**40)
    >>> log_dir_figures(one, 40), log_dir_figures(one, 90)
    ('2.00 GiB of 1.00 TiB', '2.00 GiB of 1.00 TiB, 3 replicas')
    """
    if one.error:
        return f"failed: error {one.error}"
    used = sum(b for _, b in one.topics.values())
    volume = f" of {size(one.total_bytes).strip()}" if one.total_bytes is not None else ""
    if width < _ROOMY:
        return f"{size(used).strip()}{volume}"
    replicas = sum(n for n, _ in one.topics.values())
    free = f", {size(one.usable_bytes).strip()} free" if one.usable_bytes is not None else ""
    return f"{size(used).strip()}{volume}{free}, {num(replicas).strip()} replicas"


_ROOMY = 70


def config_columns() -> list[Column[ConfigEntry]]:
    """Name, value, and where it was set."""
    return [
        Column(head="setting", width=0, cell=lambda e: (foreign(e.name), "muted"), sort=lambda e: e.name),
        Column(head="value", width=16, cell=_value, align=">"),
        Column(head="set by", width=14, cell=lambda e: (_source(e.source), "faint"), min_width=64),
    ]


def _value(entry: ConfigEntry) -> Cell:
    if entry.sensitive:
        return "hidden", "faint"
    return (UNKNOWN, "faint") if entry.value is None else foreign(entry.value)


def _source(word: str) -> str:
    """Kafka's word for where a setting comes from, shorter.

    >>> _source("DYNAMIC_DEFAULT_BROKER_CONFIG"), _source("STATIC_BROKER_CONFIG")
    ('dynamic, all', 'file')
    """
    return {
        "DYNAMIC_BROKER_CONFIG": "dynamic, own",
        "DYNAMIC_DEFAULT_BROKER_CONFIG": "dynamic, all",
        "STATIC_BROKER_CONFIG": "file",
        "DYNAMIC_TOPIC_CONFIG": "topic",
        "DEFAULT_CONFIG": "default",
    }.get(word, foreign(word.lower().replace("_", " "), 14))


def draw_dirs(canvas: Canvas, broker: Broker, at: float) -> None:
    """Log directories: a title, and a line for each."""
    told = read_age(broker.log_dirs_at, broker.log_dirs_error, at, "log dirs")
    title(canvas, 0, "Log dirs", told)
    dirs = broker.log_dirs or ()
    room = canvas.height - 1
    for y, one in enumerate(dirs[:room], start=1):
        figures = log_dir_figures(one, canvas.width)
        canvas.text(0, y, foreign(one.path), "text", max(0, canvas.width - len(figures) - 2))
        canvas.right(canvas.width, y, figures, "muted")
    if len(dirs) > room > 0:
        canvas.right(canvas.width, canvas.height - 1, f"  {len(dirs) - room} more", "faint")
    if not dirs:
        canvas.text(0, 1, UNKNOWN, "faint")
