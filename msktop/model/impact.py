"""What a failure cost those who write: for how long nothing could be written, by zone and by partition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from msktop.model.incidents import Incident
from msktop.model.writes import Outage, longest_s, total_s


@dataclass(frozen=True, slots=True)
class PartitionImpact:
    """One partition of the probe topic, and who led it when the failure began; seconds, 0 for no outage."""

    partition: int
    leader: int
    zone: str
    longest_s: float
    total_s: float
    open: bool = False
    """It still cannot be written to."""


@dataclass(frozen=True, slots=True)
class ZoneImpact:
    """What was led in one zone; `total_s` is how long any of it could not be written to."""

    zone: str
    """Empty: not known."""
    partitions: int
    longest_s: float
    total_s: float
    open: bool = False


@dataclass(frozen=True, slots=True)
class Impact:
    """For how long nothing could be written, and by whose word."""

    by: Literal["write probe", "Metadata"]
    """Metadata's is an estimate: from the failure until all that the broker led had another leader."""
    zones: tuple[ZoneImpact, ...]
    """By name."""
    partitions: tuple[PartitionImpact, ...] = ()
    """By number; Metadata's word is of all that it led together, so that there are none."""
    earlier_s: tuple[float, ...] = ()
    """The longest of each earlier failure, by the same word, sorted."""

    @property
    def longest_s(self) -> float:
        """Of all zones."""
        return max((zone.longest_s for zone in self.zones), default=0.0)

    @property
    def usual_s(self) -> float | None:
        """Median of earlier ones."""
        return median(self.earlier_s) if self.earlier_s else None


def impact_of(incident: Incident, leaderless_s: float | None, now: float) -> Impact | None:
    """By the write probe where there was one, else by `leaderless_s`; None where nobody knows.

    What was never seen to end counts up to `now`, of an incident that is settled up to its last turn.
    """
    if incident.watched:
        last = max((step.at for step in incident.steps), default=incident.ended or now)
        return _by_writes(incident, min(now, last) if incident.settled else now)
    if leaderless_s is None:
        return None
    zone = ZoneImpact(incident.zone or "", incident.leaders_lost, leaderless_s, leaderless_s)
    return Impact("Metadata", (zone,))


def _by_writes(incident: Incident, now: float) -> Impact:
    partitions: list[PartitionImpact] = []
    zones: dict[str, list[Outage]] = {}
    for w in incident.watched:
        of = [o for o in incident.outages if o.partition == w.partition]
        partitions.append(PartitionImpact(w.partition, w.leader, w.zone, *_times(of, now), _lasts(of)))
        zones.setdefault(w.zone, []).extend(of)
    held = {zone: sum(w.zone == zone for w in incident.watched) for zone in zones}
    return Impact(
        "write probe",
        tuple(
            ZoneImpact(zone, held[zone], *_times(of, now), _lasts(of)) for zone, of in sorted(zones.items())
        ),
        tuple(partitions),
    )


def _times(outages: Sequence[Outage], now: float) -> tuple[float, float]:
    return longest_s(outages, now) or 0.0, total_s(outages, now)


def _lasts(outages: Sequence[Outage]) -> bool:
    return any(o.ended is None for o in outages)
