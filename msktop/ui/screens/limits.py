"""Every rule in force: how near its figure is to the threshold, when it will be there, and who says so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.widget import Widget

from msktop.model.alert_gauges import Gauge, gauges
from msktop.model.alert_words import span, with_unit
from msktop.session import View
from msktop.ui.columns import Cell, Column, Now
from msktop.ui.format import age, foreign
from msktop.ui.keys import MOVE, Key
from msktop.ui.places import Place
from msktop.ui.screens.drill import SORT, DrillScreen
from msktop.ui.theme import Severity, sign, token
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.draw import meter, sentence
from msktop.ui.widgets.table import LiveTable
from msktop.ui.widgets.titled import Head, TitledTable

_OLD_S = 180.0
_GRAVE = {"crit": 0, "warn": 1, "info": 2}
_ORDER = {"firing": 0, "met": 1, "calm": 2, "unknown": 3}


class LimitsScreen(DrillScreen):
    """Enter opens the broker that is nearest to the threshold."""

    DEFAULT_CSS = "LimitsScreen #limits { height: 1fr; }"
    SCOPED_CSS = False
    KEYS: ClassVar[tuple[Key, ...]] = (*SORT, MOVE[-1])

    def body(self) -> Iterable[Widget]:
        """One table."""
        yield TitledTable[Gauge](columns(self.now), key=lambda g: g.rule.name, id="limits", margin=1)

    @property
    def _table(self) -> TitledTable[Gauge]:
        return self.query_one("#limits", TitledTable)

    def fill(self, view: View) -> None:
        """The nearest first; what cannot be read last."""
        known = gauges(view.cluster, view.incidents)
        rows = [g for g in known if self.matches(g.rule.name, g.rule.kind, g.rule.figure, g.subject)]
        rows.sort(key=_rank)
        states = [g.state for g in known]
        open_now, unknown = states.count("firing"), states.count("unknown")
        table = self._table
        table.head = Head(
            "Limits",
            sentence(
                f"{len(rows)} of {len(known)} rules" if self.filter_text else f"{len(known)} rules",
                f"{open_now} open" if open_now else "",
                f"{unknown} without data" if unknown else "",
                "rules of a file" if view.cluster.rules is not None else "",
                self._silences(),
            ),
        )
        table.empty = "nothing matches" if self.filter_text else "no rule is in force"
        table.set_rows(rows)

    def _silences(self) -> str:
        """What nobody is told of, whether anything of it has happened or not."""
        desk = self.monitor.feed.desk
        words = desk.silences() if desk is not None else ()
        return "" if not words else foreign("silenced: " + ", ".join(words), 120)

    @on(LiveTable.Opened)
    def _opened(self, message: LiveTable.Opened) -> None:
        if isinstance(message.row, Gauge) and message.row.broker is not None:
            self.monitor.drill(Place("broker", broker=message.row.broker))

    def copied(self) -> str | None:
        """The rule with its advice."""
        row = self._table.current
        return None if row is None else sentence(row.rule.name, foreign(row.rule.advice))


def _rank(gauge: Gauge) -> tuple[int, int, float]:
    grave = _GRAVE[gauge.rule.severity] if gauge.state == "firing" else 0
    return _ORDER[gauge.state], grave, -(gauge.share or 0.0)


def columns(now: Now) -> list[Column[Gauge]]:
    """Rule, who is nearest, how near, when it will be there, who says so."""

    def read(gauge: Gauge) -> Cell:
        if gauge.at is None:
            return "—", "faint"
        old = now.at - gauge.at
        return (f"{age(old)} old", "faint") if old > _OLD_S else (age(old), "muted")

    return [
        Column(head="", width=1, cell=_sign, gap=1),
        Column(head="rule", width=25, cell=_name, sort=lambda g: g.rule.name),
        Column(head="nearest", width=7, cell=_nearest, sort=lambda g: g.subject or None),
        Column(head="now", width=9, cell=_value, align=">"),
        Column(head="", width=7, draw=_meter, sort=lambda g: g.share, descending=True),
        Column(head="threshold", width=9, cell=_threshold, align=">"),
        Column(head="there in", width=8, cell=_left, align=">", sort=lambda g: g.left_s),
        Column(head="for", width=5, cell=_hold, align=">", min_width=96),
        Column(head="read", width=8, cell=read, align=">", min_width=130),
        Column(
            head="who says so", width=0, cell=lambda g: (foreign(g.rule.source, 80), "muted"), min_width=110
        ),
    ]


def _sign(gauge: Gauge) -> Cell:
    words: dict[str, Severity] = {"met": "heal", "calm": "ok", "unknown": "none"}
    severity: Severity = words.get(gauge.state) or (
        "none" if gauge.rule.severity == "info" else gauge.rule.severity
    )
    return sign(severity), token(severity)


def _name(gauge: Gauge) -> Cell:
    spec = {"firing": "strong b", "unknown": "muted"}.get(gauge.state, "text")
    return foreign(gauge.rule.name), spec


def _nearest(gauge: Gauge) -> Cell:
    return (foreign(gauge.subject), "text") if gauge.subject else ("—", "faint")


def _value(gauge: Gauge) -> Cell:
    if gauge.value is None:
        return "—", "faint"
    mark = "~" if gauge.estimated else ""
    return mark + with_unit(gauge.value, gauge.of.unit), "strong" if gauge.state == "firing" else "text"


def _threshold(gauge: Gauge) -> Cell:
    """In the figure's unit, with its sign where less is worse; nothing where no limit is known."""
    rule = gauge.rule
    below = f"{rule.compare} " if rule.compare in ("<", "<=") else ""
    if gauge.threshold is None:
        return ("—" if rule.limit else below + with_unit(rule.threshold, gauge.of.unit)), "faint"
    return below + with_unit(gauge.threshold, gauge.of.unit), "muted"


def _left(gauge: Gauge) -> Cell:
    """Estimated, so it has a tilde; nothing where it is not on its way."""
    return ("", "faint") if gauge.left_s is None else (f"~{span(gauge.left_s)}", "text")


def _hold(gauge: Gauge) -> Cell:
    return (span(gauge.rule.for_s) if gauge.rule.for_s else "", "muted")


def _source(gauge: Gauge) -> Cell:
    return foreign(gauge.rule.source, 80), "muted"


def _meter(canvas: Canvas, x: int, y: int, width: int, gauge: Gauge) -> None:
    """Full at the threshold."""
    if gauge.share is None:
        return
    spec = gauge.rule.severity if gauge.state == "firing" and gauge.rule.severity != "info" else "muted"
    meter(canvas, x, y, width, min(1.0, gauge.share), spec)
