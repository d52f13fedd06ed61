"""What is new in the log of incidents since the last look: what began, grew worse or ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msktop.alerting.marks import graver
from msktop.alerting.message import Alert, Event
from msktop.model.incidents import Incident, Severity


class News:
    """What was given of each incident.

    >>> from msktop.model.incidents import Kind
    >>> disk = Incident(1, Kind.DISK, "warn", "b-1", 1.0, 1.0, "")
    >>> news = News()
    >>> [[a.event for a in news.of([disk], lambda _: hushed)] for hushed in (True, False, False)]
    [[], ['open'], []]
    """

    def __init__(self) -> None:
        self._seen: dict[int, tuple[Severity, bool]] = {}
        """By incident: how grave it was when it was last given, and whether its end was given."""

    def of(self, log: Sequence[Incident], hushed: Callable[[Incident], bool]) -> list[Alert]:
        """What there is to tell now; what is `hushed` is looked at again the next time."""
        alerts: list[Alert] = []
        for incident in log:
            event = self._event(incident, hushed)
            if event is not None:
                self._seen[incident.id] = (incident.severity, not incident.open)
                alerts.append(Alert(event, incident))
        if len(self._seen) > 2 * len(log) + 100:
            kept = {incident.id for incident in log}
            self._seen = {number: seen for number, seen in self._seen.items() if number in kept}
        return alerts

    def _event(self, incident: Incident, hushed: Callable[[Incident], bool]) -> Event | None:
        """What there is to tell of it; None: nothing new, or not now."""
        grave, closed = self._seen.get(incident.id, (None, False))
        if closed and not incident.open:
            return None
        if not incident.open:
            return "moment" if grave is None else "close"  # or it came and went between two looks
        if incident.parent is not None or hushed(incident):
            return None  # a consequence, whose cause is told; or silenced
        if grave is None or closed:  # it may have come back under its number: flapping is one incident
            return "open"
        return "worse" if graver(incident.severity, grave) else None
