"""What all brokers of one picture share, and what each size of a broker says the same way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from msktop.model.broker import Broker
from msktop.session import View
from msktop.ui.rows.brokers import disk_used, is_counted
from msktop.ui.rows.incidents import quiet_falls
from msktop.ui.theme import Severity
from msktop.ui.widgets.broker_cells import severity_of, spark_grid
from msktop.ui.widgets.by_cloudwatch import value_of
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.draw import state
from msktop.ui.widgets.grid import Grid


@dataclass(frozen=True, slots=True)
class Scene:
    """What all brokers of one picture share."""

    view: View
    grid_of: Callable[[int], Grid]
    """The grid of sparklines with so many cells."""
    by_records: bool
    """No exporter answers, so records per second stand where requests would."""
    quiet: frozenset[int] = frozenset()
    """Brokers whose being away alarms nobody."""
    says_before: bool = False
    """Whether the zone's title has room to say whose word the time before us is."""
    pasts: list[float] = field(default_factory=list)
    """When our own cells begin, of each sparkline drawn with CloudWatch's minutes before them."""

    @classmethod
    def of(cls, view: View) -> Scene:
        """Look once at the whole cluster."""
        grids: dict[int, Grid] = {}

        def grid_of(cells: int) -> Grid:
            if cells not in grids:
                grids[cells] = spark_grid(view.cluster, cells)
            return grids[cells]

        by_records = all(b.jmx.at is None for b in view.cluster.brokers.values())
        return cls(view, grid_of, by_records, quiet_falls(view.incidents))

    @property
    def now(self) -> float:
        """The view's own time."""
        return self.view.cluster.at

    def severity_of(self, broker: Broker) -> Severity:
        """The dot of a broker."""
        return severity_of(broker, self.quiet)


def name_line(canvas: Canvas, y: int, scene: Scene, broker: Broker, selected: bool) -> None:
    """Its state and its name; the line that is selected has another ground."""
    severity = scene.severity_of(broker)
    state(canvas, 0, y, severity)
    canvas.text(2, y, broker.name, ("crit b" if severity == "crit" else "strong b"))
    if selected:
        canvas.back(y, "select")


def duties(scene: Scene, broker: Broker) -> tuple[int | None, int | None, int | None]:
    """What it leads, holds, and leads under-replicated: by Metadata, else by CloudWatch."""
    counts, cluster = broker.counts, scene.view.cluster
    if cluster.connected and is_counted(broker):
        return counts.leaders, counts.replicas, counts.led_under_replicated
    told = [value_of(cluster, broker, k) for k in ("leaders", "replicas", "under_replicated")]
    leads, replicas, under = (None if v is None else int(v) for v in told)
    return leads, replicas, under


def disk_of(scene: Scene, broker: Broker) -> float | None:
    """The used part of its volume: by its page or log dirs, else by CloudWatch."""
    used = disk_used(broker)
    told = value_of(scene.view.cluster, broker, "disk") if used is None else None
    return used if told is None else told / 100
