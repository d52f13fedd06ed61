"""Who a broker is and how it does, in the lines under the verdict."""

from __future__ import annotations

from collections.abc import Container

from msktop.model.broker import Broker
from msktop.model.cluster import Cluster
from msktop.model.observers import describe
from msktop.session import View
from msktop.ui.format import clock, dur, foreign, watch
from msktop.ui.rows.account import denied
from msktop.ui.rows.brokers import is_counted
from msktop.ui.rows.incidents import quiet_falls
from msktop.ui.theme import Severity, sign, token
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.draw import sentence


def state_of(broker: Broker, quiet: Container[int] = ()) -> Severity:
    """The sign of a broker, from our own probe and from Metadata. `quiet`: quiet_falls.

    >>> state_of(Broker(1))
    'none'
    """
    word = broker.probe.word
    if word == "up":
        return "ok" if broker.in_metadata or broker.left_metadata_at is None else "warn"
    away: Severity = "warn" if broker.id in quiet else "crit"
    severities: dict[str, Severity] = {"down": away, "suspect": "warn"}
    return severities.get(word, "none")


def draw_head(canvas: Canvas, view: View, broker: Broker) -> None:
    """Its state and address; what it leads and holds; what it is."""
    cluster, severity = view.cluster, state_of(broker, quiet_falls(view.incidents))
    x = canvas.text(1, 0, sign(severity) + " ", token(severity))
    x = canvas.text(x, 0, broker.name, "strong b")
    loud = severity in ("crit", "warn")
    x = canvas.text(x + 2, 0, word_of(cluster, broker), f"{severity} b" if loud else "text")
    instance = broker.inventory.instance_type if broker.inventory else None
    where = "  ".join(
        foreign(part, 60) for part in (broker.zone or "no zone", address_of(broker), instance or "") if part
    )
    canvas.text(x + 2, 0, where, "muted", canvas.width - x - 3)
    canvas.text(3, 1, sentence(*identity(cluster, broker), *duties(broker)), "muted", canvas.width - 4)
    y = 2
    if (place := sentence(*place_of(cluster, broker))) and canvas.height > 3:
        canvas.text(3, y, place, "muted", canvas.width - 4)
        y += 1
    if canvas.height > y + 1:
        canvas.text(3, y, sentence(*more_identity(cluster, broker)), "muted", canvas.width - 4)


def address_of(broker: Broker) -> str:
    """Its host, and its port where that is known.

    >>> address_of(Broker(1, "b-1.example", 9098)), address_of(Broker(1, "b-1.example"))
    ('b-1.example:9098', 'b-1.example')
    """
    return f"{broker.host}:{broker.port}" if broker.port else broker.host


def word_of(cluster: Cluster, broker: Broker) -> str:
    """What our probe says, with a stopwatch while it is nothing good."""
    probe, now = broker.probe, cluster.at
    if probe.word == "up":
        if not broker.in_metadata and broker.left_metadata_at is not None:
            return "answers us, but is fenced"
        return "answers"
    if probe.word == "unknown":
        return foreign(probe.error, 80) if probe.error else "not probed yet"
    since = probe.silent_since or probe.since or now
    if probe.word == "suspect":
        return f"silent {watch(now - since)}"
    return f"down {watch(now - since)}  {describe(probe)}"


def duties(broker: Broker) -> tuple[str, ...]:
    """What it leads and holds, and since when it answers."""
    counts, probe = broker.counts, broker.probe
    if not is_counted(broker):
        return ("what it leads is not known yet",)
    return (
        f"leads {counts.leaders}" + (f" of {counts.preferred} preferred" if counts.preferred else ""),
        f"{counts.replicas - counts.out_of_isr} of {counts.replicas} replicas in sync",
        f"{counts.led_under_replicated} led under-replicated" if counts.led_under_replicated else "",
        f"{probe.lost_connections} connections lost" if probe.lost_connections else "",
    )


def identity(cluster: Cluster, broker: Broker) -> tuple[str, ...]:
    """What it is, by everyone who says so."""
    stated = not cluster.version_estimated and cluster.kafka_version is not None
    version = cluster.kafka_version if stated and broker.version_estimated else broker.kafka_version
    estimated = " (estimated)" if broker.version_estimated and not stated else ""
    known = f"Kafka {foreign(version or '', 20)}{estimated}"
    near = ""
    if cluster.client_rack and broker.zone:
        near = (
            "same zone as this host" if cluster.client_rack == broker.zone else "another zone than this host"
        )
    return (
        f"id {broker.id}",
        f"rack {foreign(broker.zone, 20)}" if broker.zone else "no rack",
        known if version else "version not known yet",
        near,
    )


def place_of(cluster: Cluster, broker: Broker) -> tuple[str, ...]:
    """Where AWS has put it, and what it runs there; nothing where AWS was not asked, or did not say."""
    seen, zone = broker.inventory, cluster.zones.get(broker.zone or "")
    lacks = denied(cluster, "kafka:ListNodes", "ec2:DescribeSubnets")
    if seen is None or not (seen.eni_id or seen.node_arn):
        return (lacks,)
    revision = seen.configuration_revision
    return (
        foreign((zone.name if zone else None) or "", 20),
        foreign(seen.subnet_id or "", 30),
        foreign(seen.eni_id or "", 30),
        foreign(seen.address or "", 40),
        f"{seen.volume_bytes / 2**30:,.0f} GiB" if seen.volume_bytes else "",
        f"runs {foreign(seen.kafka_version, 20)}" if seen.kafka_version else "",
        f"configuration revision {revision}" if revision is not None else "",
        lacks,
        foreign(", ".join(e for e in seen.endpoints if e != broker.host), 80),
    )


def more_identity(cluster: Cluster, broker: Broker) -> tuple[str, ...]:
    """Where there is room for it."""
    seen, probe = broker.inventory, broker.probe
    return (
        f"endpoint {foreign(address_of(broker), 90)} {cluster.security_protocol}",
        f"metrics {foreign(seen.metrics_url, 60)}" if seen and seen.metrics_url else "",
        f"control plane says {foreign(seen.state, 20)}" if seen and seen.state else "",
        f"started {clock(seen.started_at)}Z" if seen and seen.started_at else "",
        f"answers for {dur(cluster.at - probe.since).strip()}" if probe.word == "up" and probe.since else "",
    )
