"""The foot of a form: the confirmation, why there is none, and what its keys do."""

from __future__ import annotations

from rich.cells import cell_len

from msktop.ui.filling import Filling, Page
from msktop.ui.format import foreign
from msktop.ui.theme import Glyph, sign
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.dialog import EDGE, Line, keys_line, put, put_right, words

SLOW_S = 2.0
"""From here on it is said for how long AWS has been asked."""
ASK = "ask"
"""Instead of colours: here the confirmation is typed."""
_WIDE = 54
_ESCAPE = {"sending": "leave it", "sent": "close", "refused": "close", "unknown": "close"}


def foot_of(shown: Page, width: int) -> list[Line]:
    """The confirmation, or why there is none."""
    plan = shown.filling.plan if shown.filling else None
    if shown.phase == "sending":
        waited = f"  {shown.waited_s:.0f} s" if shown.waited_s >= SLOW_S else ""
        return [
            [
                (sign("heal") + " ", "heal"),
                (f"It is sent; {_who(shown)} has not answered yet …", "text"),
                (waited, "muted"),
            ],
            [],
        ]
    if shown.phase != "filling" or plan is None:
        return []
    if shown.hindrance:
        return [*words(f"Only to look at. {shown.hindrance}", width, mark=[(Glyph.WARN + " ", "warn")]), []]
    note = [*words(shown.note, width, mark=[(sign("crit") + " ", "crit")])] if shown.note else []
    what_name = "topic" if shown.form.needs == "topics" else "cluster"
    asked = f"the {what_name}'s name" if plan.needs_name else plan.confirmation
    what = f"Type {asked} to go on  " if width >= _WIDE else f"Type {asked}  "
    return [*note, [(what, ASK)], []]


def _who(shown: Page) -> str:
    return "Kafka" if shown.form.needs == "topics" else "MSK"


def draw_confirmation(canvas: Canvas, y: int, shown: Page, what: str) -> None:
    """What was typed so far, behind what is to be typed."""
    filling = shown.filling
    assert filling is not None
    here = filling.field is None
    x = put(canvas, y, [(what, "text" if here else "muted")])
    end = canvas.width - EDGE
    back = "select" if here else "raised"
    canvas.text(x, y, " " * max(0, end - x), f"text on:{back}")
    if here:
        x = canvas.text(x, y, foreign(filling.confirmed, max(0, end - x - 1)), "strong b on:select")
        canvas.text(x, y, Glyph.SELECTED, "accent on:select")


def draw_keys(canvas: Canvas, y: int, shown: Page) -> None:
    """Esc at the left, Enter at the right."""
    filling = shown.filling
    keys = [("esc", _ESCAPE.get(shown.phase, "cancel"))]
    if shown.phase == "filling" and shown.form.fields:
        keys.append(("↑ ↓", "field"))
    x = keys_line(canvas, y, keys if canvas.width >= _WIDE else keys[:1])
    right = _enter(shown, filling)
    if right:
        word, spec = right
        enter = "ret" if canvas.look.ascii else Glyph.ENTER
        if x + cell_len(enter + word) + 1 > canvas.width - EDGE:
            word = word.partition(" (")[0]
        put_right(canvas, y, [(enter, "accent" if spec != "faint" else "faint"), (f" {word}", spec)])


def _enter(shown: Page, filling: Filling | None) -> tuple[str, str] | None:
    """What Enter does, and how loud that is."""
    if shown.phase == "sent":
        return ("follow it", "text") if shown.sent and shown.sent.operation_arn else None
    if shown.phase in ("unread", "refused"):
        return "look again", "text"
    if shown.phase != "filling" or filling is None:
        return None
    if filling.busy:
        return "look again", "text"
    if filling.plan is None or (shown.hindrance and filling.field is None):
        return None
    if filling.field is not None:
        last = filling.at == len(shown.form.fields) - 1
        return (("go on", "text") if last else ("next", "text")) if not (last and shown.hindrance) else None
    missing = "name not complete" if filling.plan.needs_name else f"{filling.plan.confirmation} not typed"
    return ("send it", "strong b") if filling.ready else (f"send it ({missing})", "faint")
