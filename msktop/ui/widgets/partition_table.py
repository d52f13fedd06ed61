"""Columns of tables of partitions. Rows are keys; what they show is looked up when they are drawn."""

from __future__ import annotations

from collections.abc import Callable

from msktop.model.cluster import Cluster
from msktop.model.topic import Partition, Topic
from msktop.ui.columns import Cell, Column
from msktop.ui.format import foreign, rate
from msktop.ui.rows.partitions import WORST_FIRST, Key, Pace, PartitionState, state_of
from msktop.ui.theme import Glyph, Severity, sign, token
from msktop.ui.widgets.canvas import Canvas

SEVERITIES: dict[PartitionState, Severity] = {
    "ok": "ok",
    "led elsewhere": "ok",
    "under-replicated": "warn",
    "offline": "crit",
}
_GONE = (Glyph.UNKNOWN, "faint")


class Looked:
    """The newest cluster, for cells; and how fast single partitions grow."""

    def __init__(self) -> None:
        self.cluster = Cluster()
        self.pace = Pace()

    def topic(self, key: Key) -> Topic | None:
        """The topic of a key."""
        return self.cluster.topics.get(key[0])

    def partition(self, key: Key) -> Partition | None:
        """The partition of a key; None once it is gone."""
        topic = self.topic(key)
        return None if topic is None else topic.partitions.get(key[1])

    def end(self, key: Key) -> int | None:
        """Its end offset."""
        topic = self.topic(key)
        return None if topic is None else topic.ends.get(key[1])

    def per_s(self, key: Key) -> float | None:
        """Records per second; None while not known."""
        topic = self.topic(key)
        return None if topic is None else self.pace.of(self.cluster, topic, key[1])

    def state(self, key: Key) -> PartitionState | None:
        """One word."""
        partition = self.partition(key)
        return None if partition is None else state_of(partition)


def columns(looked: Looked, *, topic: bool = True) -> list[Column[Key]]:
    """State, topic and number, leader, replicas, in sync, end offset, rate, what is wrong."""
    of = _with(looked)
    all_columns: list[Column[Key]] = [
        Column(head="", width=1, cell=of(_sign), gap=1, sort=lambda k: _rank(looked, k)),
        Column(head="topic", width=0, cell=lambda k: foreign(k[0]), sort=lambda k: k),
        Column(head="part", width=5, cell=lambda k: str(k[1]), align=">", sort=lambda k: k[1]),
        Column(head="leader", width=6, cell=of(_leader), align=">"),
        Column(head="led in", width=9, cell=of(lambda p: (_zone(looked.cluster, p), "muted")), min_width=110),
        Column(
            head="epoch", width=5, cell=of(lambda p: (str(p.leader_epoch), "faint")), align=">", min_width=100
        ),
        Column(head="replicas", width=_REPLICAS, draw=_replicas(looked)),
        Column(
            head="zones",
            width=26,
            cell=of(lambda p: (zones_of(looked.cluster, p), "muted")),
            min_width=150,
        ),
        Column(head="ISR", width=3, cell=of(_in_sync), align=">"),
        Column(
            head="end offset",
            width=14,
            cell=lambda k: _offset(looked.end(k)),
            align=">",
            sort=looked.end,
            descending=True,
            min_width=76,
        ),
        Column(
            head="msg/s",
            width=5,
            cell=lambda k: _rate(looked.per_s(k)),
            align=">",
            sort=looked.per_s,
            descending=True,
        ),
        Column(head="state", width=16, cell=of(_words), min_width=98),
    ]
    return [c for c in all_columns if topic or c.head != "topic"]


_REPLICAS = 17
"""Room for three replicas of brokers up to b-99, the usual case; more are cut."""


def zones_of(cluster: Cluster, partition: Partition) -> str:
    """Zones of the replicas, each once, in order; what is not known is left out."""
    zones = [cluster.brokers[r].zone for r in partition.replicas if r in cluster.brokers]
    return " ".join(dict.fromkeys(foreign(z) for z in zones if z))


def _zone(cluster: Cluster, partition: Partition) -> str:
    """The zone that it is led in."""
    leader = cluster.brokers.get(partition.leader) if partition.leader is not None else None
    return foreign((leader.zone if leader is not None else None) or Glyph.UNKNOWN)


def _with(looked: Looked) -> Callable[[Callable[[Partition], Cell]], Callable[[Key], Cell]]:
    """A cell of a partition as a cell of its key; a dash once it is gone."""

    def of(cell: Callable[[Partition], Cell]) -> Callable[[Key], Cell]:
        def shown(key: Key) -> Cell:
            partition = looked.partition(key)
            return _GONE if partition is None else cell(partition)

        return shown

    return of


def _rank(looked: Looked, key: Key) -> tuple[int, Key] | None:
    state = looked.state(key)
    return None if state is None else (WORST_FIRST.index(state), key)


def _sign(partition: Partition) -> Cell:
    severity = SEVERITIES[state_of(partition)]
    return sign(severity), token(severity)


def _leader(partition: Partition) -> Cell:
    return ("none", "crit b") if partition.leader is None else f"b-{partition.leader}"


def _replicas(looked: Looked) -> Callable[[Canvas, int, int, int, Key], None]:
    """Replicas in order of preference; one that is not in sync is marked."""

    def draw(canvas: Canvas, x: int, y: int, width: int, key: Key) -> None:
        partition = looked.partition(key)
        if partition is None:
            canvas.text(x, y, Glyph.UNKNOWN, "faint")
            return
        end = x + width
        for replica in partition.replicas:
            word = f"b-{replica}"
            there = replica in partition.isr
            if x + len(word) + (0 if there else 1) > end:
                canvas.text(end - 1, y, Glyph.ELLIPSIS, "faint")
                return
            x = canvas.text(x, y, word, "text" if there else "warn")
            x = (x if there else canvas.text(x, y, Glyph.CRIT, "warn")) + 1

    return draw


def _in_sync(partition: Partition) -> Cell:
    text = f"{len(partition.isr)}/{len(partition.replicas)}"
    return text, "text" if partition.under_replicated else "muted"


def _offset(end: int | None) -> Cell:
    return _GONE if end is None else f"{end:,}".replace(",", " ")


def _rate(per_s: float | None) -> Cell:
    return rate(per_s), "text" if per_s else "faint"


def _words(partition: Partition) -> Cell:
    state = state_of(partition)
    return ("", "faint") if state == "ok" else (state, "muted" if state == "led elsewhere" else "text")
