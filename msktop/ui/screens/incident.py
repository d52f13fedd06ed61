"""One incident: what, when, the evidence, its turns, and how long the recovery took."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from msktop.model.impact import ZoneImpact
from msktop.model.incidents import FAILURES, Incident, Kind
from msktop.model.report import Report, report_of
from msktop.session import View
from msktop.ui.columns import Column
from msktop.ui.format import clock, dur, foreign, size, watch
from msktop.ui.keys import Key, bindings
from msktop.ui.places import Place
from msktop.ui.recovery_track import TrackStep, track_of
from msktop.ui.rows.incidents import Turn, kind_words, turns_of
from msktop.ui.screens.live import LiveScreen
from msktop.ui.screens.telling import TELLING, TellingScreen
from msktop.ui.theme import sign, token
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.draw import sentence, title
from msktop.ui.widgets.headline import cells_of, track
from msktop.ui.widgets.incident_table import moment, severity_of
from msktop.ui.widgets.paint import Draw
from msktop.ui.widgets.recovery_report import BESIDE, draw_report
from msktop.ui.widgets.titled import Head, TitledTable, wrap


class IncidentScreen(TellingScreen):
    """Enter opens the broker that it befell; `[` and `]`: the one before, the next."""

    DEFAULT_CSS = """
    IncidentScreen #what { height: 10; margin: 0 1; }
    IncidentScreen #steps { height: 1fr; width: 100%; }
    """
    SCOPED_CSS = False
    KEYS: ClassVar[tuple[Key, ...]] = (
        Key("incident.before", "left_square_bracket", "other(-1)", "", "The incident before"),
        Key(
            "incident.next",
            "right_square_bracket",
            "other(1)",
            "incident",
            "The next incident",
            "[]",
            footer=True,
        ),
        Key("broker", "b,enter", "broker", "broker", "The broker that it befell", "↵", footer=True),
        *TELLING,
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(KEYS)]

    def body(self) -> Iterable[Widget]:
        """What it is, and its turns."""
        yield Draw(self._what, id="what").data_bind(LiveScreen.view)
        yield TitledTable[Turn](_columns(), key=lambda t: (t.at, t.who, t.text), id="steps", margin=1)

    def incident_in(self, view: View) -> Incident | None:
        """The incident of this screen; None once it is too old to be kept."""
        number = self.place.incident
        return next((i for i in view.incidents.log if i.id == number), None)

    @property
    def meant(self) -> Incident | None:
        """The incident of this screen."""
        return self.incident_in(self.view)

    def fill(self, view: View) -> None:
        """Its turns, in order."""
        incident = self.incident_in(view)
        table = self.query_one("#steps", TitledTable)
        table.head = Head("Turns, and who saw what", "seconds count from the beginning")
        table.empty = "none yet" if incident is not None and incident.open else "none"
        turns = turns_of(incident, view.cluster.at) if incident is not None else []
        table.set_rows([t for t in turns if self.matches(t.text) or self.matches(t.who)])

    def _what(self, canvas: Canvas, view: View) -> None:
        incident, now = self.incident_in(view), view.cluster.at
        if incident is None:
            title(canvas, 0, "Incident")
            canvas.text(0, 1, "not kept any more: the log holds the newest 500", "muted")
            return
        severity = severity_of(incident)
        name = f"{foreign(incident.subject, 40)} {kind_words(incident)}"
        title(canvas, 0, name, foreign(incident.zone or "", 24), right=f"incident {incident.id}")
        x = canvas.text(0, 1, sign(severity) + " ", token(severity))
        x = canvas.text(x, 1, *_lasted(incident, now))
        canvas.text(x + 2, 1, sentence(*_times(incident, now)), "muted", canvas.width - x - 2)
        y = 2
        beside = canvas.width >= BESIDE and incident.kind in FAILURES
        room = canvas.width // 2 + 4 if beside else canvas.width
        for line in wrap(foreign(incident.detail), room - 2)[:2]:
            canvas.text(2, y, line, "text")
            y += 1
        told = ("told", foreign(self.word(incident), 120))
        for label, text in (told, *_facts(incident, view.incidents.log, now)):
            if not text:
                continue
            canvas.text(2, y, label, "muted")
            for line in wrap(text, room - 17)[:3]:
                canvas.text(16, y, line, "text", room - 16)
                y += 1
        if canvas.width >= BESIDE and draw_report(canvas, incident, view, canvas.width // 2 + 8):
            return
        for steps in _lines(track_of(incident), canvas.width - 3):
            if y < canvas.height:
                track(canvas, 2, y, steps)
            y += 1

    # -------------------------------------------------------------- keys

    def action_broker(self) -> None:
        """The broker that it befell; of a cluster whose traffic rises its requests."""
        incident = self.incident_in(self.view)
        if incident is not None and incident.broker is not None:
            self.monitor.drill(Place("broker", broker=incident.broker))
        elif incident is not None and incident.zone:
            self.monitor.drill(Place("zone", zone=incident.zone))
        elif incident is not None and incident.kind is Kind.REQUEST_RATE_RISE:
            self.monitor.drill(Place("requests"))

    def on_live_table_opened(self) -> None:
        """Enter in the table of turns."""
        self.action_broker()

    def action_other(self, by: int) -> None:
        """The incident before or after this one; stops at the ends."""
        ids = [i.id for i in self.view.incidents.log]
        if self.place.incident not in ids:
            return
        at = max(0, min(len(ids) - 1, ids.index(self.place.incident) + by))
        self.place = Place("incident", incident=ids[at])
        self.fill_now()
        self.query_one("#what", Draw).tick()

    def copied(self) -> str | None:
        """The incident with its turns, a line each."""
        incident = self.incident_in(self.view)
        if incident is None:
            return None
        lines = [f"{clock(incident.began)}Z {foreign(incident.subject)} {foreign(incident.detail)}"]
        told = (sentence(f"{clock(t.at)}Z", t.who, foreign(t.text)) for t in turns_of(incident))
        return "\n".join([*lines, *told])


def _lasted(incident: Incident, now: float) -> tuple[str, str]:
    if incident.open:
        return f"open {watch(now - incident.began)}", "crit b" if incident.severity == "crit" else "warn b"
    if incident.lasted_s:
        return f"lasted {dur(incident.lasted_s).strip()}", "strong b"
    return "a moment", "strong b"


def _times(incident: Incident, now: float) -> tuple[str, ...]:
    late = incident.detected - incident.began
    return (
        f"began {moment(incident.began, now)}Z",
        f"seen {dur(late).strip()} later" if late > 0 else "",
        f"ended {moment(incident.ended, now)}Z" if incident.ended and incident.lasted_s else "",
        f"planned: {foreign(incident.planned, 40)}" if incident.planned else "",
    )


def _lines(steps: Sequence[TrackStep], width: int) -> list[list[TrackStep]]:
    """The track in as many lines as it takes."""
    lines: list[list[TrackStep]] = []
    used = 0
    for step in steps:
        cells = cells_of(step)
        if not lines or used + 4 + cells > width:
            lines.append([])
            used = 0
        used += cells + (4 if lines[-1] else 0)
        lines[-1].append(step)
    return lines


def _facts(incident: Incident, log: Sequence[Incident], now: float) -> list[tuple[str, str]]:
    report = report_of(incident, log, now)
    facts = [
        ("address", foreign(incident.address, 60)),
        ("leaders lost", str(incident.leaders_lost) if incident.leaders_lost else ""),
        ("came back", _came_back(incident)),
        ("storage", _storage(incident, report) if report is not None else ""),
        _not_writable(report),
        ("rule", foreign(incident.rule, 60)),
        ("what to do", foreign(incident.advice, 400)),
        ("part of", f"incident {incident.parent}" if incident.parent is not None else ""),
    ]
    return [(label, text) for label, text in facts if text]


def _storage(incident: Incident, report: Report) -> str:
    """Whether it was reused, with what that rests on."""
    if incident.replicated_bytes is None:
        return ""
    word = {"reused": "reused", "copied": "copied anew", None: "reused or not: not known"}[report.storage]
    held = incident.before.held_bytes if incident.before is not None else None
    copied = f"{size(incident.replicated_bytes).strip()} copied"
    return sentence(word, f"{copied} of {size(held).strip()} held" if held is not None else copied)


def _not_writable(report: Report | None) -> tuple[str, str]:
    """By zone; the label says whose word that is."""
    impact = report.impact if report is not None else None
    if report is None or impact is None:
        return "", ""
    usual = "" if impact.usual_s is None else f"usually {dur(impact.usual_s).strip()}"
    if impact.by == "Metadata":
        told = f"what it led, for {dur(report.leaderless_s).strip()} (estimated by Metadata)"
        return "not writable", sentence(told, usual)
    return "no good write", sentence(*(_zone_impact(zone) for zone in impact.zones), usual)


def _zone_impact(zone: ZoneImpact) -> str:
    """One zone.

    >>> _zone_impact(ZoneImpact("use1-az2", 1, 9.1, 9.1)), _zone_impact(ZoneImpact("", 3, 0.0, 0.0))
    ('use1-az2 9.1 s', 'no zone never')
    >>> _zone_impact(ZoneImpact("use1-az2", 1, 9.1, 11.0, open=True))
    'use1-az2 9.1 s, in all 11.0 s so far'
    """
    name = foreign(zone.zone, 24) or "no zone"
    if zone.total_s == 0 and not zone.open:
        return f"{name} never"
    more = f", in all {dur(zone.total_s).strip()}" if zone.total_s - zone.longest_s > 0.05 else ""
    return f"{name} {dur(zone.longest_s).strip()}{more}{' so far' if zone.open else ''}"


def _came_back(incident: Incident) -> str:
    """How, on which address, and how often it was gone."""
    if incident.before is None:
        return ""
    words = {
        "resumed": "the same process",
        "restarted": "restarted",
        "replaced": "replaced by the control plane",
        None: "",
    }[incident.came_back]
    after = incident.address_after
    where = "" if not after else "same address" if after == incident.address else f"now {foreign(after, 60)}"
    return sentence(words, where, f"down {incident.times} times" if incident.times > 1 else "")


def _columns() -> list[Column[Turn]]:
    return [
        Column(head="", width=1, cell=lambda t: (sign(t.severity), token(t.severity)), gap=1),
        Column(head="when", width=9, cell=lambda t: (f"{clock(t.at)}Z", "muted")),
        Column(head="who saw it", width=15, cell=lambda t: (t.who, "muted")),
        Column(head="what", width=0, cell=lambda t: (foreign(t.text), "text" if t.who else "strong")),
        Column(
            head="after", width=7, cell=lambda t: (dur(t.took_s), "muted" if t.who else "strong b"), align=">"
        ),
    ]
