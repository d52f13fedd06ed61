"""What every picture of a broker is made of: its state, its figures with their age, their past."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass

from msktop.model.broker import Broker, Page
from msktop.model.cluster import Cluster
from msktop.model.incidents import Incident, Incidents
from msktop.model.rules import PAGE_FRESH_S
from msktop.model.series import Series
from msktop.session import View
from msktop.ui.recovery_track import BROKER_KINDS
from msktop.ui.theme import Severity
from msktop.ui.widgets.grid import Grid, Value, grid, held, highest, mean, pace_of

SPARK_SPAN_S = 120.0


def severity_of(broker: Broker, quiet: Container[int] = ()) -> Severity:
    """The dot of a broker: what our probe says, then what the cluster says of it. `quiet`: quiet_falls.

    >>> severity_of(Broker(1))
    'none'
    """
    word = broker.probe.word
    if word == "down":
        return "warn" if broker.id in quiet else "crit"
    if word == "suspect":
        return "warn"
    if word == "unknown":
        return "none" if not broker.probe.error else "warn"
    if not broker.in_metadata and broker.left_metadata_at is not None:
        return "warn"
    return "heal" if broker.counts.out_of_isr else "ok"


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with when it was observed; `fresh` is False where it is to be drawn faint with its age."""

    value: float | None = None
    at: float | None = None
    fresh: bool = True


def rate_figure(page: Page, key: str, now: float) -> Figure:
    """A rate of an exporter page: the newest, or faint the last one known."""
    value = page.rates.get(key)
    if value is not None and page.at is not None and page.failed_at is None:
        return Figure(value, page.at, now - page.at <= PAGE_FRESH_S)
    series = page.history.get(key)
    if series is None or page.failed_at is None:
        return Figure()
    kept = [(at, v) for at, v in series.since(now - 3600.0) if v is not None]
    return Figure(kept[-1][1], kept[-1][0], False) if kept else Figure()


def page_stale(page: Page, now: float) -> bool:
    """Whether what a page said is too old to be taken as true now."""
    return page.at is not None and (page.failed_at is not None or now - page.at > PAGE_FRESH_S)


def spark_grid(cluster: Cluster, cells: int) -> Grid:
    """One grid for all sparklines of a screen: no cell is shorter than the time between two scrapes."""
    pace = pace_of(b.jmx.history.get("requests") for b in cluster.brokers.values())
    return grid(cluster.at, SPARK_SPAN_S, cells, max(pace or 0.0, SPARK_SPAN_S / 12))


def rate_cells(series: Series | None, on: Grid) -> list[Value]:
    """A rate's past on a grid."""
    if series is None:
        return highest((), on)
    pace = pace_of([series]) or on.step_s
    return held(series.since(on.begin - 2 * max(pace, on.step_s)), on, pace)


def latency_cells(series: Series, on: Grid) -> list[Value]:
    """The highest latency in each cell."""
    return highest(series.since(on.begin), on)


def mean_cells(series: Series, on: Grid) -> list[Value]:
    """The mean in each cell, of a rate that is observed more often than once a cell."""
    return mean(series.since(on.begin), on)


def failure_of(incidents: Incidents, broker: Broker) -> Incident | None:
    """The failure of this broker that lasts or heals."""
    found = [i for i in incidents.unsettled if i.broker == broker.id and i.kind in BROKER_KINDS]
    return found[-1] if found else None


def down_since(view: View, broker: Broker) -> float:
    """When it was last there, as the incident has it."""
    failure = failure_of(view.incidents, broker)
    if failure is not None and failure.open:
        return failure.fell
    return broker.probe.silent_since or broker.probe.since or view.cluster.at


def instance_word(broker: Broker) -> str:
    """`m7g.large`, without `kafka.`; nothing where the control plane says nothing.

    >>> instance_word(Broker(1))
    ''
    """
    kind = broker.inventory.instance_type if broker.inventory else None
    return (kind or "").removeprefix("kafka.")


def zones_of(cluster: Cluster) -> list[str]:
    """Zone ids in order; `""` comes last and stands for brokers of which no zone is known."""
    named = {z for z in cluster.zones if z} | {b.zone for b in cluster.brokers.values() if b.zone}
    zones = sorted(named)
    if any(not b.zone for b in cluster.brokers.values()) or (not zones and cluster.brokers):
        zones.append("")
    return zones


def worst(brokers: Iterable[Broker], quiet: Container[int] = ()) -> Severity:
    """The worst dot of some brokers."""
    order: list[Severity] = ["crit", "warn", "none", "heal", "ok"]
    return min((severity_of(b, quiet) for b in brokers), key=order.index, default="none")
