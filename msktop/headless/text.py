"""The state as text for a person."""

from __future__ import annotations

from msktop.headless.health import health
from msktop.headless.lines import event_text
from msktop.model.broker import Broker
from msktop.model.cloudwatch import figures
from msktop.model.cluster import Cluster
from msktop.model.text import plain
from msktop.session import View


def status_text(view: View) -> str:
    """The same state for a person, in lines of at most 100 cells but for causes and advice."""
    c = view.cluster
    lines = [*_head_lines(view), ""]
    if c.brokers:
        lines.append(_BROKER_HEAD)
        lines += [_broker_line(b) for b in c.brokers.values()]
        lines.append("")
    nodes = [f"{n.name}{'*' if n.leader else ''} {n.state or ''}".rstrip() for n in c.nodes.values()]
    if nodes:
        lines += ["metadata nodes  " + "  ".join(nodes), ""]
    lines += [event_text(i) for i in view.incidents.log[-20:]]
    lines += _trouble_lines(c)
    return "\n".join(lines).rstrip() + "\n"


def _head_lines(view: View) -> list[str]:
    c = view.cluster
    estimated = " (estimated)" if c.kafka_version and c.version_estimated else ""
    up = sum(b.probe.word == "up" for b in c.brokers.values())
    name = f"{plain(c.name)}  {c.state or '—'}  Kafka {c.kafka_version or '—'}{estimated}"
    counts = (c.topic_count, c.totals.partitions, c.totals.under_replicated, c.totals.offline)
    topics, partitions, under, offline = (str(n) if c.connected else "—" for n in counts)
    return [
        f"{name}  {c.metadata or '—'}  {health(view)}",
        f"brokers {up}/{len(c.brokers)}  topics {topics}  partitions {partitions}  "
        f"under-replicated {under}  offline {offline}",
        *_cloudwatch_lines(c),
    ]


def _cloudwatch_lines(cluster: Cluster) -> list[str]:
    """CloudWatch's word, where Kafka says nothing."""
    about = figures(cluster) if not cluster.connected else None
    if about is None:
        return []
    under, offline = ("—" if n is None else str(n) for n in (about.under_replicated, about.offline))
    return [
        f"CloudWatch, a point a minute, newest {cluster.at - about.at:.0f} s old: "
        f"under-replicated {under}  offline {offline}"
    ]


def _trouble_lines(cluster: Cluster) -> list[str]:
    """Each cause once, with the sources that met it."""
    causes: dict[str, list[str]] = {}
    for name, s in sorted(cluster.sources.items()):
        if s.failed_at is not None:
            cause = plain(s.reason) + (f" — {plain(s.advice)}" if s.advice else "")
            causes.setdefault(cause, []).append(name)
    return [f"{', '.join(names)}: {cause}" for cause, names in causes.items()]


_BROKER_HEAD = (
    "broker zone       state     probe ms  p99 ms    in B/s   out B/s   req/s  records/s  leads  URP"
)


def _broker_line(b: Broker) -> str:
    newest = b.messages.last
    rates = b.jmx.rates
    return (
        f"{b.name:<6} {plain(b.zone or '—'):<10} {b.probe.word:<8} {_number(b.probe.last_ms, 2):>9} "
        f"{_number(b.probe.p99_ms, 2):>7} {_number(rates.get('bytes_in')):>9} "
        f"{_number(rates.get('bytes_out')):>9} {_number(rates.get('requests')):>7} "
        f"{_number(newest[1] if newest else None):>10} {b.counts.leaders:>6} "
        f"{b.counts.led_under_replicated:>4}"
    )


def _number(value: float | None, digits: int = 0) -> str:
    return "—" if value is None else f"{value:.{digits}f}"
