"""CloudWatch's series as the screens show them: each with its age, none of them taken for now."""

from __future__ import annotations

from dataclasses import dataclass

from msktop.model.cloudwatch import METRICS, cost, unit_of
from msktop.model.cluster import Cluster, MetricKey
from msktop.model.series import Series
from msktop.ui.format import age, foreign, num, rate
from msktop.ui.widgets.draw import sentence

PERIOD_S = 60.0
SPAN_S = 3 * 3600.0
DATA, LISTING = "cloudwatch:GetMetricData", "cloudwatch:ListMetrics"
OLD_S = 420.0
"""CloudWatch is two to five minutes behind; from here on its newest point is drawn as old."""


@dataclass(frozen=True, slots=True, eq=False)
class MetricRow:
    """One series."""

    key: MetricKey
    series: Series
    at: float
    """The view's own time."""

    @property
    def subject(self) -> str:
        """What it is of: the cluster, a broker, a topic, a group.

        >>> MetricRow(MetricKey("CpuUser", 2), Series(), 0.0).subject
        'b-2'
        """
        names = dict(self.key.dimensions)
        words = [names.get("Consumer Group", ""), names.get("Topic", "")]
        if self.key.broker_id is not None:
            words.insert(0, f"b-{self.key.broker_id}")
        return sentence(*(foreign(w, 60) for w in words)) or "cluster"

    @property
    def value(self) -> float | None:
        """The newest point."""
        last = self.series.last
        return None if last is None else last[1]

    @property
    def age_s(self) -> float | None:
        """How long ago the period of the newest point ended."""
        last = self.series.last
        return None if last is None else max(0.0, self.at - last[0])

    @property
    def period_s(self) -> float:
        """Seconds of one point."""
        how = METRICS.get(self.key.metric)
        return float(how.period_s) if how is not None else PERIOD_S

    @property
    def old(self) -> bool:
        """Whether it says nothing of now any more."""
        return self.age_s is None or self.age_s > OLD_S + self.period_s - PERIOD_S


def rows_of(cluster: Cluster) -> list[MetricRow]:
    """Series of the cluster first, then each metric by broker, then topics and groups."""

    def order(key: MetricKey) -> tuple[bool, bool, str, int]:
        return bool(key.dimensions), key.broker_id is not None, key.metric, key.broker_id or 0

    return [MetricRow(k, cluster.metrics[k], cluster.at) for k in sorted(cluster.metrics, key=order)]


def value_words(metric: str, value: float | None) -> tuple[str, str]:
    """A value in five cells, and its unit.

    >>> value_words("BytesInPerSec", 4.4e6), value_words("CpuUser", 23.4), value_words("LeaderCount", 12.0)
    (('4.40M', 'B/s'), (' 23.4', '%'), ('   12', ''))
    """
    unit = unit_of(metric)
    return (rate(value) if unit else num(value)), unit


def newest_age_s(cluster: Cluster) -> float | None:
    """How old the newest point of any series is."""
    ends = [last[0] for series in cluster.metrics.values() if (last := series.last) is not None]
    return max(0.0, cluster.at - max(ends)) if ends else None


def cost_words(cluster: Cluster) -> str:
    """What asking has cost and will, by list price; it is an estimate and says so.

    >>> cost_words(Cluster(metrics_queries=12_000, metrics_queries_per_hour=636))
    '$0.12 so far, $4.58 a month (estimated)'
    """
    about = cost(cluster)
    return f"${about.so_far_usd:.2f} so far, ${about.a_month_usd:.2f} a month (estimated)"


def resolution_words(cluster: Cluster) -> tuple[str, str]:
    """How late CloudWatch's points are, and that there is one a minute."""
    behind = newest_age_s(cluster)
    return (f"newest {age(behind)} old" if behind is not None else ""), "a point a minute"


def why_none(cluster: Cluster, on: bool | None) -> tuple[str, str]:
    """Why nothing is known of CloudWatch, and what to do about it; empty where something is."""
    for action in (DATA, LISTING):
        told = cluster.permissions.get(action)
        if told is not None and not told.allowed and not cluster.metrics:
            return f"denied: {action}", foreign(told.advice)
    source = cluster.sources.get("cloudwatch")
    if source is not None and source.failed_at is not None:
        return foreign(source.reason), foreign(source.advice)
    if cluster.metrics:
        return "", ""
    if on is None:
        return "not asked", "CloudWatch knows MSK clusters: open this one by its name or ARN."
    if not on:
        return "off", "W switches it on. Each metric that is asked for costs $0.01 a thousand times."
    return "asking", "CloudWatch is two to five minutes behind."
