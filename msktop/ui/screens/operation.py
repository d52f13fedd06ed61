"""One cluster operation: its steps as they go, what it changes, and why it failed."""

from __future__ import annotations

from collections.abc import Iterable

from textual.widget import Widget

from msktop.model.control_samples import OperationSeen, StepSeen
from msktop.session import View
from msktop.ui.columns import Column
from msktop.ui.format import dur, foreign, watch
from msktop.ui.rows.operations import changes, lasted_s, severity_of, step_severity, steps_done
from msktop.ui.screens.drill import DrillScreen
from msktop.ui.screens.live import LiveScreen
from msktop.ui.theme import sign, token
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.draw import sentence, title
from msktop.ui.widgets.incident_table import moment
from msktop.ui.widgets.paint import Draw
from msktop.ui.widgets.titled import Head, TitledTable, wrap

_LABEL = 16
_CHANGES = 6
_ERROR_LINES = 3


class OperationScreen(DrillScreen):
    """What it is above, its steps below."""

    DEFAULT_CSS = """
    OperationScreen #what { height: 13; margin: 0 1; }
    OperationScreen #steps { height: 1fr; width: 100%; }
    """
    SCOPED_CSS = False

    def body(self) -> Iterable[Widget]:
        """What it is, and its steps."""
        yield Draw(self._what, id="what").data_bind(LiveScreen.view)
        yield TitledTable[tuple[int, StepSeen]](_columns(), key=lambda row: row[0], id="steps", margin=1)

    def _operation(self, view: View) -> OperationSeen | None:
        wanted = self.place.operation
        return next((o for o in view.cluster.operations or () if o.arn == wanted), None)

    def fill(self, view: View) -> None:
        """Its steps, in their order."""
        operation, table = self._operation(view), self.query_one("#steps", TitledTable)
        done = steps_done(operation) if operation is not None else None
        table.head = Head("Steps", f"{done[0]} of {done[1]} completed" if done else "")
        table.empty = "MSK tells no steps of this one"
        steps = enumerate(operation.steps, 1) if operation is not None else ()
        table.set_rows([row for row in steps if self.matches(row[1].name)])

    def _what(self, canvas: Canvas, view: View) -> None:
        operation, now = self._operation(view), view.cluster.at
        if operation is None:
            title(canvas, 0, "Operation")
            canvas.text(0, 1, "the control plane lists it no more", "muted")
            return
        severity = severity_of(operation)
        title(canvas, 0, foreign(operation.type), foreign(view.cluster.name))
        x = canvas.text(0, 1, sign(severity) + " ", token(severity))
        x = canvas.text(
            x, 1, foreign(operation.state), f"{token(severity)} b" if severity != "ok" else "strong b"
        )
        canvas.text(x + 2, 1, sentence(*_times(operation, now)), "muted", canvas.width - x - 2)
        y = 3
        for line in wrap(foreign(operation.error_text or ""), canvas.width - 2)[:_ERROR_LINES]:
            canvas.text(2, y, line, "crit")
            y += 1
        for label, text in _facts(operation):
            canvas.text(2, y, label, "muted", _LABEL + 12)
            canvas.text(2 + _LABEL + 13, y, text, "text", canvas.width - _LABEL - 15)
            y += 1

    def copied(self) -> str | None:
        """Its ARN."""
        operation = self._operation(self.view)
        return None if operation is None else foreign(operation.arn)


def _times(operation: OperationSeen, now: float) -> tuple[str, ...]:
    seconds = lasted_s(operation, now)
    lasts = "" if seconds is None else dur(seconds).strip() if operation.final else watch(seconds)
    return (
        f"{'lasted' if operation.final else 'for'} {lasts}" if lasts else "",
        f"began {moment(operation.started_at, now)}Z" if operation.started_at is not None else "",
        f"ended {moment(operation.ended_at, now)}Z" if operation.ended_at is not None else "",
        f"by {foreign(operation.identity, 60)}" if operation.identity else "",
    )


def _facts(operation: OperationSeen) -> list[tuple[str, str]]:
    differing = changes(operation)
    facts = [(foreign(n), f"{foreign(b or '—')} → {foreign(a or '—')}") for n, b, a in differing[:_CHANGES]]
    if len(differing) > _CHANGES:
        facts.append(("", f"and {len(differing) - _CHANGES} more"))
    if operation.error_code:
        facts.append(("error code", foreign(operation.error_code)))
    return [*facts, ("ARN", foreign(operation.arn))]


def _columns() -> list[Column[tuple[int, StepSeen]]]:
    return [
        Column(
            head="", width=1, cell=lambda r: (sign(step_severity(r[1])), token(step_severity(r[1]))), gap=1
        ),
        Column(head="step", width=0, cell=lambda r: foreign(r[1].name)),
        Column(head="status", width=16, cell=lambda r: (foreign(r[1].status or "—"), "muted")),
    ]
