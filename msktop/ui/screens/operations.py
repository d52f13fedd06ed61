"""What is being done to the cluster and what was, as its control plane tells it: newest first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.widget import Widget

from msktop.model.control_samples import OperationSeen
from msktop.session import View
from msktop.ui.columns import Cell, Column, Now
from msktop.ui.format import age, dur, foreign, watch
from msktop.ui.keys import MOVE, Key
from msktop.ui.places import Place
from msktop.ui.rows.operations import (
    current_step,
    difference,
    lasted_s,
    severity_of,
    steps_done,
    why_none,
)
from msktop.ui.screens.drill import DrillScreen
from msktop.ui.theme import sign, token
from msktop.ui.widgets.draw import sentence
from msktop.ui.widgets.incident_table import moment
from msktop.ui.widgets.table import LiveTable
from msktop.ui.widgets.titled import Head, TitledTable

_OLD_S = 90.0
"""Thrice the pace at which operations are asked for."""


class OperationsScreen(DrillScreen):
    """Enter opens one: its steps, and what it changes."""

    DEFAULT_CSS = "OperationsScreen #operations { height: 1fr; }"
    SCOPED_CSS = False
    KEYS: ClassVar[tuple[Key, ...]] = (MOVE[-1],)

    def body(self) -> Iterable[Widget]:
        """One table."""
        yield TitledTable[OperationSeen](columns(self.now), key=lambda o: o.arn, id="operations", margin=1)

    @property
    def _table(self) -> TitledTable[OperationSeen]:
        return self.query_one("#operations", TitledTable)

    def fill(self, view: View) -> None:
        """Those that match by type, state, words of the change or error."""
        cluster, table = view.cluster, self._table
        known = cluster.operations or ()
        rows = [o for o in known if self.matches(*words_of(o))]
        rows.sort(key=lambda o: o.final)
        under_way = sum(not o.final for o in known)
        read_s = None if cluster.operations_at is None else cluster.at - cluster.operations_at
        reason, advice = why_none(cluster)
        table.head = Head(
            "Operations",
            sentence(
                "newest first" if known else "",
                (f"{len(rows)} of {len(known)}" if self.filter_text else str(len(known))) if known else "",
                f"{under_way} running" if under_way else "",
                "MSK API" if known else "",
            ),
            right=f"{age(read_s)} old" if read_s is not None and read_s > _OLD_S else "",
            advice=foreign(f"{reason}. {advice}") if advice and not known else "",
        )
        table.empty = "nothing matches" if self.filter_text and known else foreign(reason)
        table.set_rows(rows)

    @on(LiveTable.Opened)
    def _opened(self, message: LiveTable.Opened) -> None:
        if isinstance(message.row, OperationSeen):
            self.monitor.drill(Place("operation", operation=message.row.arn))

    def copied(self) -> str | None:
        """The operation's ARN."""
        row = self._table.current
        return None if row is None else foreign(row.arn)


def words_of(operation: OperationSeen) -> tuple[str, ...]:
    """What the filter looks at."""
    return (operation.type, operation.state, difference(operation), operation.error_text or "")


def columns(now: Now) -> list[Column[OperationSeen]]:
    """When, what, how far, how long."""

    def lasted(operation: OperationSeen) -> Cell:
        seconds = lasted_s(operation, now.at)
        if seconds is None or operation.final:
            return dur(seconds), "text"
        return watch(seconds), "heal b"

    def began(operation: OperationSeen) -> Cell:
        at = operation.started_at
        return ("—", "faint") if at is None else (moment(at, now.at), "muted")

    return [
        Column(head="", width=1, cell=lambda o: (sign(severity_of(o)), token(severity_of(o))), gap=1),
        Column(head="began", width=14, cell=began),
        Column(head="operation", width=28, cell=lambda o: (foreign(o.type), "strong b")),
        Column(head="state", width=18, cell=lambda o: (foreign(o.state), "text"), min_width=130),
        Column(head="steps", width=5, cell=_steps, align=">"),
        Column(head="lasted", width=7, cell=lasted, align=">"),
        Column(head="what", width=0, cell=_what),
        Column(head="by", width=24, cell=lambda o: (foreign(o.identity or "—"), "muted"), min_width=150),
    ]


def _steps(operation: OperationSeen) -> Cell:
    done = steps_done(operation)
    return ("—", "faint") if done is None else (f"{done[0]}/{done[1]}", "text")


def _what(operation: OperationSeen) -> Cell:
    if operation.failed:
        return foreign(operation.error_text or operation.error_code or operation.state), "crit"
    if not operation.final and (step := current_step(operation)):
        return sentence(foreign(step), foreign(difference(operation))), "text"
    return foreign(difference(operation)), "text"
