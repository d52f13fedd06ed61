"""Small multiples of one panel, one below the other on one scale and one time axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from msktop.session import View
from msktop.ui.recovery_track import BROKER_KINDS
from msktop.ui.rows.incidents import loudness
from msktop.ui.theme import Glyph, Severity, sign, token
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.graph import area
from msktop.ui.widgets.grid import Grid, Value, linear


@dataclass(frozen=True, slots=True)
class Strip:
    """One graph of a panel: its name, what stands below the name, its cells."""

    name: str
    value: str
    unit: str
    cells: Sequence[Value]
    spec: str
    top: str = ""
    bad: Sequence[bool] = ()
    trouble: str = ""
    """Stands where the value would, when there is none because something is broken."""
    trouble_severity: Severity = "crit"
    spec_name: str = field(default="muted")


def draw_strips(
    canvas: Canvas, strips: Sequence[Strip], end: float, label: int, on: Grid, view: View
) -> None:
    """Equal heights under the title, and below them the time axis where there is room for it."""
    count = max(1, len(strips))
    axis = 1 if strips and canvas.height >= 2 + count * 2 else 0
    height = max(1, (canvas.height - 1 - axis) // count)
    scale = linear(0.0, end)
    x = label + 1
    width = canvas.width - x
    for i, strip in enumerate(strips):
        y = 1 + i * height
        if y >= canvas.height:
            return
        _legend(canvas, y, height, strip, label)
        area(canvas, x, y, width, height, strip.cells, scale, strip.spec, strip.bad, end)
    if axis:
        _axis(canvas, 1 + count * height, x, width, on, view)


def _legend(canvas: Canvas, y: int, height: int, strip: Strip, label: int) -> None:
    canvas.text(0, y, strip.name, strip.spec_name, label)
    vy, vx = (y, label - 9) if height == 1 else (y + 1, 0)
    if strip.trouble:
        spec = token(strip.trouble_severity)
        mark = (sign(strip.trouble_severity) + " ", spec)
        canvas.spans(vx, vy, mark, (strip.trouble[: label - vx - 2], spec + " b"))
    else:
        canvas.spans(vx, vy, (strip.value, "strong b"), (" " + strip.unit, "faint"))
    if height > 2 and strip.top:
        canvas.spans(0, y + 2, (strip.top, "muted"), (" max", "faint"))


def _axis(canvas: Canvas, y: int, x: int, width: int, on: Grid, view: View) -> None:
    """A rule with the minutes; failures and recoveries are marked where they happened."""
    canvas.text(x, y, Glyph.RULE * width, "rule")
    marks = [(px, severity) for at, severity in _turns(view) if 0 <= (px := _place(at, on, width)) < width]
    minutes = on.span_s / 60
    step = next((s for s in (1, 2, 5, 10, 15, 30, 60) if width / (minutes / s) >= 9), 60)
    labels = [(width - 3, "now")] + [
        (_place(on.now - m * 60, on, width) - 1, f"-{m}m") for m in range(step, int(minutes) + 1, step)
    ]
    for px, text in labels:
        if px >= 0 and not any(px - 1 <= at <= px + len(text) for at, _ in marks):
            canvas.text(x + px, y, text, "faint")
    for px, severity in marks:
        canvas.text(x + px, y, sign(severity), severity)


def _place(at: float, on: Grid, width: int) -> int:
    return int((at - on.begin) / on.span_s * width)


def _turns(view: View) -> list[tuple[float, Severity]]:
    """Falls of brokers, as loud as they are, and ends of them.

    >>> from msktop.model.cluster import Cluster
    >>> from msktop.model.incidents import Incident, Incidents, Kind
    >>> leaving = Incident(1, Kind.BROKER_UNREACHABLE, "warn", "b-2", began=5.0, detected=7.0, detail="")
    >>> _turns(View(Cluster(), Incidents(log=(leaving,))))
    [(5.0, 'warn')]
    """
    out: list[tuple[float, Severity]] = []
    for incident in view.incidents.log:
        if incident.kind in BROKER_KINDS:
            if incident.ended is not None:
                out.append((incident.ended, "ok"))
            out.append((incident.began, loudness(incident)))
    return out


def span_word(on: Grid) -> str:
    """What a graph covers.

    >>> span_word(Grid(0.0, 10.0, 39)), span_word(Grid(0.0, 60.0, 75))
    ('6.5 min', '75 min')
    """
    minutes = on.span_s / 60
    return f"{minutes:.1f}".removesuffix(".0") + " min" if minutes < 10 else f"{minutes:.0f} min"
