"""One topic: what it is set to beside the default, where its replicas are, who writes it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget

from msktop.actions.topic_looking import Looked, Writer
from msktop.errors import MsktopError
from msktop.model.topic import Topic
from msktop.session import View
from msktop.ui.asking import in_a_thread
from msktop.ui.columns import Cell, Column
from msktop.ui.format import age, foreign, num, rate
from msktop.ui.keys import MOVE, Key, bindings
from msktop.ui.places import Place
from msktop.ui.rows.partitions import tally_of
from msktop.ui.rows.topics import Rates, spread_of
from msktop.ui.screens.drill import DrillScreen
from msktop.ui.screens.live import LiveScreen
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.draw import sentence, title
from msktop.ui.widgets.paced import Paced
from msktop.ui.widgets.table import LiveTable
from msktop.ui.widgets.titled import Head, TitledTable
from msktop.wire.topic_configs import TopicSetting

LOOK_S = 15.0
"""How often leaders are asked who writes, while the screen is seen."""
UNSEEN = "others leave no trace in Kafka"


class TopicScreen(DrillScreen):
    """Enter opens its partitions; settings and producers are asked for while the screen is seen."""

    DEFAULT_CSS = """
    TopicScreen #facts { height: 5; margin: 0 1; }
    TopicScreen #settings { height: 1fr; width: 100%; }
    TopicScreen #producers { height: 1fr; width: 100%; }
    """
    SCOPED_CSS = False
    KEYS: ClassVar[tuple[Key, ...]] = (
        Key("topic.records", "v", "records", "records", "Look at its records", footer=True),
        Key("topic.all", "d", "every", "defaults", "Its own settings, or every one", footer=True),
        Key("panel", "tab", "app.focus_next", "panel", "The next panel"),
        MOVE[-1],
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(KEYS[:3])]

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self._rates = Rates()
        self._every = False
        self._looked: Looked | None = None
        self._asked_at: float | None = None
        self._looked_at = 0.0
        self._asking = False
        self._error: MsktopError | None = None

    def body(self) -> Iterable[Widget]:
        """Facts, settings, producers."""
        yield Paced(self._facts, id="facts").data_bind(LiveScreen.view)
        yield TitledTable[TopicSetting](_settings(), key=lambda s: s.name, id="settings", margin=1)
        yield TitledTable[Writer](_writers(), key=lambda w: (w.partition, w.id), id="producers", margin=1)

    def on_mount(self) -> None:
        """Ask at once, and now and then."""
        super().on_mount()
        self._ask()
        self.set_interval(1.0, self._ask)

    def _ask(self) -> None:
        actor, name = self.monitor.feed.topics, self.place.topic
        soon = self._asked_at is not None and time.monotonic() - self._asked_at < LOOK_S
        frozen = self.monitor.paused and self._looked is not None
        if actor is None or name is None or self._asking or soon or frozen or not self.is_active:
            return
        self._asking = True
        in_a_thread(self.app, lambda: actor.look(name), self._came, "topic")

    def _came(self, found: Looked | MsktopError) -> None:
        self._asking, self._asked_at = False, time.monotonic()
        if isinstance(found, Looked):
            self._looked, self._looked_at, self._error = found, self._asked_at, None
        else:
            self._error = found
        if self.is_attached:
            self.fill_now()

    # -------------------------------------------------------------- what is shown

    def _facts(self, canvas: Canvas, view: View) -> None:
        topic, name = view.cluster.topics.get(self.place.topic or ""), self.place.topic or ""
        title(canvas, 0, f"Topic {foreign(name, 80)}", foreign(topic.topic_id if topic else "", 30))
        if topic is None:
            canvas.text(0, 1, "not there (any more)", "muted")
            return
        tally = tally_of(topic.partitions, None)
        rates = self._rates.of(view.cluster)
        lines = (
            (
                f"{tally.partitions} partitions",
                f"RF {tally.replicas}",
                f"URP {tally.under_replicated}",
                f"offline {tally.offline}",
            ),
            (
                f"{rate(topic.messages_per_s).strip()} records/s",
                f"{_mb(rates.get(f'bytes_in/{name}'))} MB/s in",
                f"{_mb(rates.get(f'bytes_out/{name}'))} out",
            ),
            (self._spread(topic), _readers(view, name)),
        )
        for y, words in enumerate(lines, start=1):
            canvas.text(2, y, sentence(*words), "text" if y == 1 else "muted", canvas.width - 2)

    def _spread(self, topic: Topic) -> str:
        found = spread_of(self.view.cluster, topic)
        if found is None:
            return "zones of its replicas are not known"
        together, least = found
        if together:
            return f"{together} partitions have replicas together in one zone"
        return f"replicas of each partition are in {least} zones"

    def fill(self, view: View) -> None:
        """Settings and producers, as they were last told."""
        looked = self._looked
        every = [] if looked is None else list(looked.settings)
        shown = [s for s in every if (self._every or s.own) and self.matches(s.name, s.value)]
        settings: TitledTable[TopicSetting] = self.query_one("#settings", TitledTable)
        own = sum(s.own for s in every)
        note = f"{own} of {len(every)} are its own" if every else ""
        settings.head = Head("Settings", sentence(note, self._old()), "d every one  v records")
        settings.empty = self._why(looked.config_error if looked else "", "every setting is the default")
        settings.set_rows(shown)
        producers: TitledTable[Writer] = self.query_one("#producers", TitledTable)
        writers = [] if looked is None else list(looked.producers)
        open_ones = sum(w.transaction_start is not None for w in writers)
        note = f"{len(writers)} idempotent, {open_ones} in a transaction" if looked else ""
        producers.head = Head("Producers", sentence(note, self._old() or UNSEEN))
        producers.empty = self._why(looked.producers_error if looked else "", "none is remembered")
        producers.set_rows([w for w in writers if self.matches(str(w.id))])
        self.query_one("#facts", Paced).tick()

    def _old(self) -> str:
        """How old it is, and why, where it could not be asked for anew."""
        if self._looked is None or self._error is None:
            return ""
        return f"{age(time.monotonic() - self._looked_at)} old: {foreign(self._error.title, 60)}"

    def _why(self, error: str, otherwise: str) -> str:
        if self._error is not None:
            return foreign(f"{self._error.title}. {self._error.advice}", 200)
        if self.monitor.feed.topics is None:
            return "a recording does not hold this"
        return foreign(error, 200) if error else otherwise if self._looked is not None else "asking …"

    # -------------------------------------------------------------- keys

    def action_every(self) -> None:
        """All settings, or those of its own."""
        self._every = not self._every
        self.fill_now()

    @on(LiveTable.Opened)
    def _opened(self, _: LiveTable.Opened) -> None:
        self.monitor.drill(Place("partitions", topic=self.place.topic))

    def copied(self) -> str | None:
        """The topic's name."""
        return None if self.place.topic is None else foreign(self.place.topic)


def _mb(per_s: float | None) -> str:
    return rate(None if per_s is None else per_s / 1e6).strip()


def _settings() -> list[Column[TopicSetting]]:
    return [
        Column(head="setting", width=34, cell=lambda s: (foreign(s.name), "strong b" if s.own else "text")),
        Column(head="value", width=0, cell=lambda s: foreign(s.value or "—")),
        Column(
            head="default", width=18, cell=lambda s: (foreign((s.default if s.own else "") or ""), "muted")
        ),
        Column(
            head="set by",
            width=26,
            cell=lambda s: (s.source.lower().replace("_", " "), "faint"),
            min_width=100,
        ),
    ]


def _writers() -> list[Column[Writer]]:
    return [
        Column(head="part", width=5, cell=lambda w: str(w.partition), align=">"),
        Column(head="producer id", width=14, cell=lambda w: str(w.id), align=">"),
        Column(head="epoch", width=5, cell=lambda w: (str(w.epoch), "muted"), align=">"),
        Column(head="last seq", width=10, cell=lambda w: num(w.last_sequence, 10), align=">"),
        Column(head="last record", width=11, cell=_last, align=">"),
        Column(head="transaction", width=0, cell=_transaction),
    ]


def _last(writer: Writer) -> Cell:
    if writer.last_at is None:
        return "—", "faint"
    return f"{age(max(0.0, writer.now - writer.last_at))} ago".replace("now ago", "now"), "text"


def _transaction(writer: Writer) -> Cell:
    start = writer.transaction_start
    return ("none open", "faint") if start is None else (f"open since offset {start}", "warn")


_NAMED = 3


def _readers(view: View, topic: str) -> str:
    """Groups that have committed offsets of it, or have it assigned; nothing where no group is known."""
    groups = view.cluster.groups.by_name.values()
    found = [g.name for g in groups if topic in g.held or any(topic in m.assignment for m in g.members or ())]
    if not found:
        return "read by no group" if groups else ""
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return f"read by {', '.join(foreign(name, 40) for name in found[:_NAMED])}{more}"
