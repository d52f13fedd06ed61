"""CloudWatch: every series with its age and hours of its past, and what asking for them costs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget

from msktop.session import View
from msktop.ui.columns import Cell, Column, widths
from msktop.ui.format import UNKNOWN, age, foreign
from msktop.ui.keys import MOVE, Key, bindings
from msktop.ui.places import Place
from msktop.ui.rows.cloudwatch import (
    SPAN_S,
    MetricRow,
    cost_words,
    resolution_words,
    rows_of,
    value_words,
    why_none,
)
from msktop.ui.screens.drill import DrillScreen
from msktop.ui.screens.live import LiveScreen
from msktop.ui.theme import sign, token
from msktop.ui.widgets.broker_cells import severity_of
from msktop.ui.widgets.by_cloudwatch import cells_of
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.draw import fitting, sentence, title
from msktop.ui.widgets.graph import spark
from msktop.ui.widgets.grid import Ceiling, Grid, grid, linear, usual
from msktop.ui.widgets.multiples import Graph, draw_multiples, graph_cells
from msktop.ui.widgets.paint import Draw
from msktop.ui.widgets.row_sparks import span_words
from msktop.ui.widgets.table import LiveTable
from msktop.ui.widgets.titled import Head, TitledTable


class CloudWatchScreen(DrillScreen):
    """Series above, the selected one's past below; Enter on a broker's series opens the broker."""

    DEFAULT_CSS = """
    CloudWatchScreen #about { height: 2; margin: 0 1; }
    CloudWatchScreen #series { height: 1fr; width: 100%; }
    CloudWatchScreen #past { height: 9; margin: 1 1 0 1; }
    CloudWatchScreen.-h24 #past { display: none; }
    CloudWatchScreen.-h60 #past { height: 14; }
    """
    SCOPED_CSS = False
    KEYS: ClassVar[tuple[Key, ...]] = (
        Key(
            "metered", "x", "extend", "topics", "Topics and groups too, which costs more; or not", footer=True
        ),
        Key("switch", "W", "app.cloudwatch", "off/on", "Ask CloudWatch, or stop asking", footer=True),
        MOVE[-1],
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(KEYS[:1])]

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self._grid: Grid = grid(0.0, SPAN_S, 1)
        self._end = Ceiling()
        self._extended = False

    @property
    def metered(self) -> frozenset[str]:
        """Everything of the cluster and its brokers; by topic and group where the person wants it."""
        return frozenset({"cloudwatch", "topics", "groups"} if self._extended else {"cloudwatch"})

    def action_extend(self) -> None:
        """Topics and groups too, or no more."""
        self._extended = not self._extended
        self.monitor.say("topics and groups too" if self._extended else "no topics and groups any more")

    def all_keys(self) -> tuple[Key, ...]:
        """With what moves in the table."""
        return (*MOVE[:-1], *super().all_keys())

    def body(self) -> Iterable[Widget]:
        """What it costs, the series, one's past."""
        yield Draw(self._about, id="about").data_bind(LiveScreen.view)
        yield TitledTable[MetricRow](self._columns(), key=lambda r: r.key, id="series", margin=1)
        yield Draw(self._past, id="past").data_bind(LiveScreen.view)

    @property
    def _table(self) -> TitledTable[MetricRow]:
        return self.query_one("#series", TitledTable)

    def _is_on(self) -> bool | None:
        switch = self.monitor.feed.cloudwatch
        return None if switch is None else switch.on

    def fill(self, view: View) -> None:
        """Series that match by metric or subject."""
        cluster, table = view.cluster, self._table
        known = rows_of(cluster)
        rows = [r for r in known if self.matches(r.key.metric, r.subject)]
        cells = next((own for c, own in widths(table.columns, table.size.width - 2) if c.draw), 1)
        self._grid = grid(cluster.at, SPAN_S, cells)
        reason, advice = why_none(cluster, self._is_on())
        table.head = Head(
            "Series",
            sentence(
                f"{len(rows)} of {len(known)}" if self.filter_text else str(len(known)) if known else "",
                f"{span_words(self._grid)} {'▃ usual'}" if known else "",
                reason if known else "",
            ),
            advice=f"{reason}. {advice}" if not known else "",
        )
        table.empty = "nothing matches"
        table.set_rows(rows)
        self.query_one("#past", Draw).tick()

    def _about(self, canvas: Canvas, view: View) -> None:
        cluster, is_on = view.cluster, self._is_on()
        word = {None: "", True: "on", False: "off"}[is_on]
        title(canvas, 0, "CloudWatch", word, right="namespace AWS/Kafka")
        if not cluster.metrics and not cluster.metrics_queries:
            return
        facts = (
            cost_words(cluster),
            *(resolution_words(cluster) if cluster.metrics else ()),
            f"{cluster.metrics_queries_per_hour:,} metrics an hour",
        )
        canvas.text(2, 1, fitting([f for f in facts if f], canvas.width - 2), "text" if is_on else "muted")

    def _past(self, canvas: Canvas, view: View) -> None:
        """The selected series, or that of all brokers where it is one of a broker."""
        row = self._table.current
        if row is None:
            return
        cluster = view.cluster
        shown = [row]
        if row.key.broker_id is not None:
            same = [
                r
                for r in rows_of(cluster)
                if r.key.metric == row.key.metric and r.key.dimensions == row.key.dimensions
            ]
            room = max(1, (canvas.height - 2) // 2)
            at = next(i for i, r in enumerate(same) if r.key == row.key)
            begin = max(0, min(at - room // 2, len(same) - room))
            shown = same[begin : begin + room]
        on = grid(cluster.at, SPAN_S, graph_cells(canvas.width))
        values = [cells_of(r.series, on, r.period_s) for r in shown]
        end = self._end.of([v for one in values for v in one])
        scale, unit = value_words(row.key.metric, end)
        note = sentence(span_words(on), f"0–{scale.strip()} {unit}".rstrip(), f"newest {age(row.age_s)} old")
        title(canvas, 0, foreign(row.key.metric), note)
        graphs = []
        for one, cells in zip(shown, values, strict=True):
            figure, unit = value_words(one.key.metric, one.value)
            name = "strong b" if one.key == row.key else "muted"
            graphs.append(Graph(one.subject, figure, unit, cells, "s1", name))
        draw_multiples(canvas, 1, graphs, linear(0.0, end), on)

    @on(LiveTable.Moved)
    def _moved(self) -> None:
        self._end = Ceiling()
        self.query_one("#past", Draw).tick()

    @on(LiveTable.Opened)
    def _opened(self, message: LiveTable.Opened) -> None:
        if isinstance(message.row, MetricRow) and message.row.key.broker_id is not None:
            self.monitor.drill(Place("broker", broker=message.row.key.broker_id))

    def copied(self) -> str | None:
        """The metric's name."""
        row = self._table.current
        return None if row is None else foreign(row.key.metric)

    def _columns(self) -> list[Column[MetricRow]]:
        def past(canvas: Canvas, x: int, y: int, width: int, row: MetricRow) -> None:
            on = Grid(self._grid.now, self._grid.step_s, width)
            cells = cells_of(row.series, on, row.period_s)
            spark(canvas, x, y, cells, usual(cells))

        def lamp(row: MetricRow) -> Cell:
            broker = self.view.cluster.brokers.get(row.key.broker_id or -1)
            return ("", "text") if broker is None else (sign(severity_of(broker)), token(severity_of(broker)))

        return [
            Column(head="", width=1, cell=lamp, gap=1),
            Column(head="of", width=20, cell=lambda r: (r.subject, "strong b"), sort=lambda r: r.subject),
            Column(
                head="metric", width=29, cell=lambda r: foreign(r.key.metric), sort=lambda r: r.key.metric
            ),
            Column(
                head="value",
                width=9,
                cell=_value,
                sort=lambda r: r.value if r.value is not None else -1.0,
                descending=True,
            ),
            Column(head="age", width=7, cell=_age, align=">", sort=lambda r: r.age_s or 0.0),
            Column(head="past", width=0, draw=past, min_width=90),
        ]


def _value(row: MetricRow) -> Cell:
    figure, unit = value_words(row.key.metric, row.value)
    return f"{figure} {unit}", "faint" if row.old else "text"


def _age(row: MetricRow) -> Cell:
    return (UNKNOWN if row.age_s is None else age(row.age_s)), "warn" if row.old else "muted"
