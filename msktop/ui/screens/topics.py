"""All topics of the cluster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget

from msktop.model.broker import Broker
from msktop.model.cluster import Cluster
from msktop.model.samples import LogDirSeen
from msktop.model.text import is_canary_or_internal
from msktop.model.topic import Topic
from msktop.session import View
from msktop.ui.format import age, foreign, num
from msktop.ui.keys import MOVE, Key, bindings
from msktop.ui.places import Place
from msktop.ui.rows.brokers import stored_bytes
from msktop.ui.rows.partitions import Tallies, Tally
from msktop.ui.rows.topics import Rates, retention_words, spread_of, tiered_words
from msktop.ui.screens.drill import HIDDEN, LOOK, SORT, DrillScreen
from msktop.ui.widgets.draw import sentence
from msktop.ui.widgets.table import LiveTable
from msktop.ui.widgets.titled import Head, TitledTable
from msktop.ui.widgets.topic_table import TopicRow, columns


class TopicsScreen(DrillScreen):
    """Enter opens a topic's partitions."""

    DEFAULT_CSS = "TopicsScreen #topics { height: 1fr; }"
    SCOPED_CSS = False
    KEYS: ClassVar[tuple[Key, ...]] = (*LOOK, *SORT, *HIDDEN, MOVE[-1])
    BINDINGS: ClassVar[list[BindingType]] = [*bindings((*LOOK, *HIDDEN))]

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self._hidden = False
        self._tallies = Tallies()
        self._stored = Stored()
        self._rates = Rates()
        self._spreads: dict[str, tuple[object, tuple[int, int] | None]] = {}
        self._zones: dict[int, str | None] = {}

    def body(self) -> Iterable[Widget]:
        """One table."""
        yield TitledTable[TopicRow](columns(), key=lambda r: r.name, id="topics", margin=1)

    @property
    def _table(self) -> TitledTable[TopicRow]:
        return self.query_one("#topics", TitledTable)

    def fill(self, view: View) -> None:
        """Topics that match, by name unless sorted."""
        cluster = view.cluster
        sizes = self._stored.of(cluster)
        rates = self._rates.of(cluster)
        zones = {b.id: b.zone for b in cluster.brokers.values()}
        if zones != self._zones:
            self._zones, self._spreads = zones, {}
        rows, left_out = [], 0
        for name, tally in self._tallies.of(cluster).items():
            if not self._hidden and is_canary_or_internal(name):
                left_out += 1
            elif self.matches(name):
                stored = None if sizes is None else sizes.get(name, 0)
                rows.append(self._row(cluster.topics[name], tally, stored, rates))
        table = self._table
        of = f"{num(len(rows)).strip()} of " if self.filter_text else ""
        table.head = Head(
            "Topics",
            sentence(
                of + num(cluster.topic_count).strip(),
                f"{left_out} internal hidden" if left_out else "",
                freshness(cluster),
            ),
            "d topic  v records" if self.monitor.feed.topics is not None else "",
        )
        table.empty = "nothing matches" if self.filter_text and cluster.topics else "no topic is known yet"
        table.set_rows(rows)

    def _row(self, topic: Topic, tally: Tally, stored: int | None, rates: Mapping[str, float]) -> TopicRow:
        name = topic.name
        return TopicRow(
            name,
            tally,
            topic.messages_per_s,
            stored,
            topic.internal,
            topic.error,
            rates.get(f"bytes_in/{name}"),
            rates.get(f"bytes_out/{name}"),
            topic.setting("cleanup.policy") or "",
            retention_words(topic.setting("retention.ms")),
            tiered_words(topic),
            self._spread(topic),
        )

    def action_hidden(self) -> None:
        """Show internal topics, or not."""
        self._hidden = not self._hidden
        self.fill_now()

    def _spread(self, topic: Topic) -> tuple[int, int] | None:
        """Where replicas are, looked at again only when a partition changed, or a broker's zone."""
        known = self._spreads.get(topic.name)
        if known is None or known[0] is not topic.partitions:
            known = self._spreads[topic.name] = (topic.partitions, spread_of(self.view.cluster, topic))
        return known[1]

    @on(LiveTable.Opened)
    def _opened(self, message: LiveTable.Opened) -> None:
        if isinstance(message.row, TopicRow):
            self.monitor.drill(Place("partitions", topic=message.row.name))

    def topic_selected(self) -> str | None:
        """The one under the cursor."""
        row = self._table.current
        return None if row is None else row.name

    def copied(self) -> str | None:
        """The topic's name."""
        row = self._table.current
        return None if row is None else foreign(row.name)


class Stored:
    """Bytes by topic over all brokers, added up again only when log dirs were read again."""

    def __init__(self) -> None:
        self._of: dict[int, tuple[LogDirSeen, ...] | None] = {}
        self._sum: dict[str, int] | None = None

    def of(self, cluster: Cluster) -> dict[str, int] | None:
        """None where no broker's log dirs were ever read."""
        now = {b.id: b.log_dirs for b in cluster.brokers.values()}
        if now.keys() != self._of.keys() or any(now[b] is not self._of[b] for b in now):
            self._of, self._sum = now, _added(cluster.brokers.values())
        return self._sum


def _added(brokers: Iterable[Broker]) -> dict[str, int] | None:
    known = [sizes for b in brokers if (sizes := stored_bytes(b)) is not None]
    if not known:
        return None
    out: dict[str, int] = {}
    for sizes in known:
        for topic, stored in sizes.items():
            out[topic] = out.get(topic, 0) + stored
    return out


def freshness(cluster: Cluster) -> str:
    """How old leaders and ISR are.

    >>> freshness(Cluster(at=9.0, metadata_at=2.0)), freshness(Cluster())
    ('metadata 7 s old', 'no metadata yet')
    """
    if cluster.metadata_at is None:
        return "no metadata yet"
    old = age(cluster.at - cluster.metadata_at)
    return "metadata of now" if old == "now" else f"metadata {old} old"
