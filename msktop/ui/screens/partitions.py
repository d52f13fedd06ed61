"""Partitions: of a broker, of a topic, of both, or all of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget

from msktop.model.topic import Partition
from msktop.session import View
from msktop.ui.format import foreign, num
from msktop.ui.keys import MOVE, Key, bindings
from msktop.ui.places import Place
from msktop.ui.rows.partitions import Key as PartitionKey
from msktop.ui.rows.partitions import Keys
from msktop.ui.screens.drill import LOOK, SORT, DrillScreen
from msktop.ui.screens.topics import freshness
from msktop.ui.widgets.draw import sentence
from msktop.ui.widgets.partition_table import Looked, columns
from msktop.ui.widgets.table import LiveTable
from msktop.ui.widgets.titled import Head, TitledTable


class PartitionsScreen(DrillScreen):
    """Rows are keys: what a tick costs follows what is seen, not how many partitions there are."""

    DEFAULT_CSS = "PartitionsScreen #partitions { height: 1fr; }"
    SCOPED_CSS = False
    KEYS: ClassVar[tuple[Key, ...]] = (*LOOK, *SORT, MOVE[-1])
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(LOOK)]

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self._looked = Looked()
        self._keys = Keys(self._wanted)
        self._shown: tuple[object, str] | None = None

    def _wanted(self, topic: str, partition: Partition) -> bool:
        place = self.place
        return (place.topic is None or place.topic == topic) and (
            place.broker is None or place.broker in partition.replicas
        )

    def body(self) -> Iterable[Widget]:
        """One table."""
        yield TitledTable[PartitionKey](columns(self._looked), key=lambda k: k, id="partitions", margin=1)

    @property
    def _table(self) -> TitledTable[PartitionKey]:
        return self.query_one("#partitions", TitledTable)

    def fill(self, view: View) -> None:
        """New rows only where partitions came, went or moved, or where a figure sorts them."""
        cluster = self._looked.cluster = view.cluster
        keys = self._keys.of(cluster)
        table = self._table
        table.head = self._head(view, len(keys))
        table.empty = "nothing matches" if self.filter_text and keys else "no partition is known here"
        shown = (keys, self.filter_text)
        same = self._shown is not None and self._shown[0] is keys and self._shown[1] == self.filter_text
        if same and table.sorted_by is None:
            table.tick()
            return
        self._shown = shown
        table.set_rows(keys if not self.filter_text else [k for k in keys if self.matches(f"{k[0]}-{k[1]}")])

    def _head(self, view: View, found: int) -> Head:
        place = self.place
        whose = f"of {foreign(place.topic)}" if place.topic is not None else ""
        on_broker = f"on b-{place.broker}" if place.broker is not None else ""
        words = " ".join(w for w in ("Partitions", whose, on_broker) if w)
        return Head(words, sentence(num(found).strip(), freshness(view.cluster)))

    @on(LiveTable.Opened)
    def _opened(self, message: LiveTable.Opened) -> None:
        key = message.row
        if isinstance(key, tuple):
            self.monitor.drill(Place("partition", topic=key[0], partition=key[1]))

    def topic_selected(self) -> str | None:
        """Of the partition under the cursor, where all of one topic or of a broker are listed."""
        key = self._table.current
        return self.place.topic if key is None else key[0]

    def partition_selected(self) -> int | None:
        """The one under the cursor."""
        key = self._table.current
        return None if key is None else key[1]

    def copied(self) -> str | None:
        """`topic-3`, as Kafka's own tools write it."""
        key = self._table.current
        return None if key is None else f"{foreign(key[0])}-{key[1]}"
