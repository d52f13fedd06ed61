"""One partition: who leads it, who follows and how well, how far it has come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget

from msktop.model.broker import Broker
from msktop.model.cluster import Cluster
from msktop.model.topic import Partition
from msktop.session import View
from msktop.ui.columns import Cell, Column
from msktop.ui.format import age, dec, foreign, rate
from msktop.ui.keys import MOVE, Key, bindings
from msktop.ui.places import Place
from msktop.ui.rows.partitions import state_of
from msktop.ui.screens.drill import LOOK, DrillScreen
from msktop.ui.screens.live import LiveScreen
from msktop.ui.screens.topics import freshness
from msktop.ui.theme import Severity, sign, token
from msktop.ui.widgets.broker_head import state_of as broker_state
from msktop.ui.widgets.broker_head import word_of
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.draw import sentence, title
from msktop.ui.widgets.paint import Draw
from msktop.ui.widgets.partition_table import SEVERITIES, Looked
from msktop.ui.widgets.table import LiveTable
from msktop.ui.widgets.titled import Head, TitledTable


@dataclass(frozen=True, slots=True)
class Replica:
    """One replica of the partition, with its broker where that is known."""

    id: int
    role: str
    in_sync: bool
    offline: bool
    broker: Broker | None
    words: str


class PartitionScreen(DrillScreen):
    """Enter opens a replica's broker; `[` and `]` go to the partition before and the next."""

    DEFAULT_CSS = """
    PartitionScreen #who { height: 6; margin: 0 1; }
    PartitionScreen #replicas { height: 1fr; width: 100%; }
    """
    SCOPED_CSS = False
    KEYS: ClassVar[tuple[Key, ...]] = (
        Key("partition.before", "left_square_bracket", "other(-1)", "", "The partition before"),
        Key(
            "partition.next",
            "right_square_bracket",
            "other(1)",
            "partition",
            "The next partition",
            "[]",
            footer=True,
        ),
        *LOOK,
        MOVE[-1],
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(KEYS[:2]), *bindings(LOOK)]

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self._looked = Looked()

    def body(self) -> Iterable[Widget]:
        """What it is, and its replicas."""
        yield Draw(self._who, id="who").data_bind(LiveScreen.view)
        yield TitledTable[Replica](_columns(), key=lambda r: r.id, id="replicas", margin=1)

    @property
    def key(self) -> tuple[str, int]:
        """Topic and number."""
        return self.place.topic or "", self.place.partition or 0

    def fill(self, view: View) -> None:
        """Its replicas, in order of preference."""
        self._looked.cluster = view.cluster
        partition = self._looked.partition(self.key)
        table = self.query_one("#replicas", TitledTable)
        rows = replicas_of(view.cluster, partition) if partition is not None else []
        in_sync = sum(r.in_sync for r in rows)
        table.head = Head("Replicas", f"{in_sync} of {len(rows)} in sync, preferred first" if rows else "")
        table.empty = "this partition is not there (any more)"
        table.set_rows([r for r in rows if self.matches(f"b-{r.id}", r.broker.zone if r.broker else None)])
        self.query_one("#who", Draw).tick()

    def _who(self, canvas: Canvas, view: View) -> None:
        looked, key = self._looked, self.key
        looked.cluster = view.cluster
        partition = looked.partition(key)
        title(canvas, 0, f"{foreign(key[0])} partition {key[1]}", freshness(view.cluster))
        if partition is None:
            canvas.text(0, 1, "not there (any more)", "muted")
            return
        state = state_of(partition)
        severity = SEVERITIES[state]
        x = canvas.text(0, 1, sign(severity) + " ", token(severity))
        x = canvas.text(x, 1, "in sync" if state == "ok" else state, "strong b")
        canvas.text(x + 2, 1, sentence(*_leadership(view.cluster, partition)), "muted", canvas.width - x - 2)
        end, per_s, topic = looked.end(key), looked.per_s(key), looked.topic(key)
        canvas.text(2, 2, "end offset", "muted")
        canvas.right(
            34,
            2,
            "—" if end is None else f"{end:,}".replace(",", " "),
            "text" if end is not None else "faint",
        )
        read_at = topic.ends_at if topic is not None else None
        old = "" if read_at is None else f"read {age(view.cluster.at - read_at)} ago"
        canvas.text(36, 2, old.replace("now ago", "now"), "faint")
        canvas.text(2, 3, "written", "muted")
        canvas.right(34, 3, rate(per_s), "text" if per_s is not None else "faint")
        canvas.text(36, 3, "records/s", "faint")
        canvas.text(2, 4, "offline", "muted")
        offline = " ".join(f"b-{r}" for r in partition.offline)
        canvas.right(34, 4, offline or "none", "warn" if offline else "faint")

    @on(LiveTable.Opened)
    def _opened(self, message: LiveTable.Opened) -> None:
        if isinstance(message.row, Replica):
            self.monitor.drill(Place("broker", broker=message.row.id))

    def action_other(self, by: int) -> None:
        """The partition of this topic before or after this one, around."""
        topic = self.view.cluster.topics.get(self.key[0])
        if topic is None or not topic.partitions:
            return
        numbers = sorted(topic.partitions)
        at = numbers.index(self.key[1]) if self.key[1] in numbers else 0
        self.place = Place("partition", topic=topic.name, partition=numbers[(at + by) % len(numbers)])
        self.fill_now()

    def copied(self) -> str | None:
        """`topic-3`."""
        return f"{foreign(self.key[0])}-{self.key[1]}"


def replicas_of(cluster: Cluster, partition: Partition) -> list[Replica]:
    """Replicas in order of preference."""
    rows = []
    for place, number in enumerate(partition.replicas):
        broker = cluster.brokers.get(number)
        role = "leader" if number == partition.leader else "follower"
        rows.append(
            Replica(
                number,
                role + (" (preferred)" if place == 0 else ""),
                number in partition.isr,
                number in partition.offline,
                broker,
                word_of(cluster, broker) if broker is not None else "not known",
            )
        )
    return rows


def _leadership(cluster: Cluster, partition: Partition) -> tuple[str, ...]:
    leader = cluster.brokers.get(partition.leader) if partition.leader is not None else None
    zone = f" in {foreign(leader.zone, 24)}" if leader is not None and leader.zone else ""
    return (
        "no leader" if partition.leader is None else f"led by b-{partition.leader}{zone}",
        f"leader epoch {partition.leader_epoch}" if partition.leader_epoch >= 0 else "",
        f"error {partition.error}" if partition.error else "",
    )


def _columns() -> list[Column[Replica]]:
    return [
        Column(head="", width=1, cell=_sign, gap=1),
        Column(head="broker", width=7, cell=lambda r: (f"b-{r.id}", "strong b")),
        Column(
            head="zone",
            width=10,
            cell=lambda r: (foreign((r.broker.zone if r.broker else "") or "—"), "muted"),
        ),
        Column(head="role", width=20, cell=lambda r: r.role),
        Column(head="in sync", width=10, cell=_in_sync),
        Column(
            head="probe",
            width=5,
            cell=lambda r: dec(r.broker.probe.last_ms if r.broker and r.broker.probe.word == "up" else None),
            align=">",
        ),
        Column(head="broker says", width=0, cell=lambda r: (r.words, "muted"), min_width=76),
    ]


def _sign(row: Replica) -> Cell:
    severity: Severity = "none" if row.broker is None else broker_state(row.broker)
    return sign(severity), token(severity)


def _in_sync(row: Replica) -> Cell:
    if row.offline:
        return "offline", "crit"
    return ("yes", "text") if row.in_sync else ("behind", "warn")
