"""Every incident of the session, newest first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.widget import Widget

from msktop.model.incidents import Incident
from msktop.session import View
from msktop.ui.format import dur, foreign
from msktop.ui.keys import MOVE, Key
from msktop.ui.places import Place
from msktop.ui.rows.incidents import kind_words
from msktop.ui.screens.drill import SORT
from msktop.ui.screens.telling import TELLING, TellingScreen
from msktop.ui.widgets.draw import sentence
from msktop.ui.widgets.incident_table import cluster_columns
from msktop.ui.widgets.table import LiveTable
from msktop.ui.widgets.titled import Head, TitledTable


class IncidentsScreen(TellingScreen):
    """Enter opens one: its evidence, its turns, its recovery."""

    DEFAULT_CSS = "IncidentsScreen #incidents { height: 1fr; }"
    SCOPED_CSS = False
    KEYS: ClassVar[tuple[Key, ...]] = (*SORT, MOVE[-1], *TELLING)

    def body(self) -> Iterable[Widget]:
        """One table."""
        columns = cluster_columns(self.now, self.word)
        yield TitledTable[Incident](columns, key=lambda i: i.id, id="incidents", margin=1)

    @property
    def _table(self) -> TitledTable[Incident]:
        return self.query_one("#incidents", TitledTable)

    @property
    def meant(self) -> Incident | None:
        """The selected one, as it is now."""
        row = self._table.current
        return None if row is None else self.view.incidents.get(row.id)

    def fill(self, view: View) -> None:
        """Those that match by subject, zone, words or steps."""
        log, now = view.incidents.log, view.cluster.at
        rows = [i for i in reversed(log) if self.matches(*words_of(i))]
        lasting = sum(i.open for i in log)
        watched = now - view.cluster.started_at if view.cluster.started_at is not None else None
        table = self._table
        table.head = Head(
            "Events",
            sentence(
                f"newest first, {dur(watched).strip()} of watching"
                if watched is not None
                else "newest first",
                f"{len(rows)} of {len(log)}" if self.filter_text else str(len(log)),
                f"{lasting} open" if lasting else "",
                self._quiet(log),
            ),
        )
        table.empty = "nothing matches" if self.filter_text and log else "nothing has happened yet"
        table.set_rows(rows)

    def _quiet(self, log: Iterable[Incident]) -> str:
        words = [word for i in log if i.open and (word := self.word(i))]
        silenced = sum(word.startswith("silenced") for word in words)
        seen = len(words) - silenced
        return sentence(f"{seen} acknowledged" if seen else "", f"{silenced} silenced" if silenced else "")

    @on(LiveTable.Opened)
    def _opened(self, message: LiveTable.Opened) -> None:
        if isinstance(message.row, Incident):
            self.monitor.drill(Place("incident", incident=message.row.id))

    def copied(self) -> str | None:
        """The incident in a line."""
        row = self._table.current
        return None if row is None else f"{foreign(row.subject)} {foreign(row.detail)}"


def words_of(incident: Incident) -> tuple[str, ...]:
    """What the filter looks at."""
    return (
        incident.subject,
        incident.zone or "",
        kind_words(incident),
        incident.detail,
        incident.planned or "",
        *(step.text for step in incident.steps),
    )
