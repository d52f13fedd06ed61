"""What AWS says of a cluster, in words: its facts, its maintenance, and what it does not let us see."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from msktop.model.cluster import Cluster
from msktop.model.control_samples import DescriptionSeen, PermissionSeen
from msktop.ui.format import UNKNOWN, foreign, watch
from msktop.ui.rows.operations import SOURCE, current_step, lasted_s, running, steps_done
from msktop.ui.theme import Severity
from msktop.ui.widgets.draw import sentence
from msktop.ui.widgets.incident_table import moment

_KINDS = {"PROVISIONED": "provisioned, Standard brokers", "EXPRESS": "provisioned, Express brokers"}
_MODES = {"kraft": "KRaft", "zookeeper": "ZooKeeper"}
_ACTIONS: dict[str, tuple[Severity, str]] = {
    "ACTION_RECOMMENDED": ("warn", "MSK recommends that you act (ACTION_RECOMMENDED): see AWS Health"),
    "CRITICAL_ACTION_REQUIRED": ("crit", "MSK asks you to act now (CRITICAL_ACTION_REQUIRED)"),
}
MAINTENANCE = frozenset({"SECURITY_PATCHING", "BROKER_UPDATE"})
"""Operations that MSK begins itself: the patch of a Standard cluster, and of an Express one."""

COSTS = MappingProxyType(
    {
        "kafka:ListClustersV2": "a cluster cannot be found by its name",
        "kafka:DescribeClusterV2": "the cluster itself: what the list of clusters says stands in its place",
        "kafka:ListNodes": "subnet, network interface, address and version of each node",
        "kafka:GetBootstrapBrokers": "the brokers' endpoints; MSK's usual ports are tried",
        "kafka:ListClusterOperationsV2": "operations, past and running",
        "kafka:DescribeClusterOperationV2": "steps, changes and errors of operations",
        "kafka:DescribeConfiguration": "the configuration's name",
        "ec2:DescribeSubnets": "name, subnet and addresses of each Availability Zone",
        "cloudwatch:GetMetricData": "everything that CloudWatch knows",
        "cloudwatch:ListMetrics": "which metrics there are; those of every cluster are asked for",
    }
)
"""What each IAM action shows, and is missing where it is denied."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One line: what it is about, and what is so."""

    label: str
    text: str
    severity: Severity = "none"
    """Other than `none` where it wants to be seen."""

    @property
    def known(self) -> bool:
        """Whether anybody said."""
        return self.text != UNKNOWN


def facts_of(cluster: Cluster) -> list[Fact]:
    """The cluster as its control plane describes it, most important first; `—` where it did not say."""
    seen = cluster.description or DescriptionSeen(arn="")
    source = cluster.sources.get(SOURCE)
    failing = source is not None and source.failed_at is not None
    trouble = foreign(sentence(source.reason, source.advice)) if source is not None and failing else ""
    return [
        *([Fact("AWS", trouble, "warn")] if trouble else []),
        _state(cluster, seen),
        maintenance(cluster),
        Fact("type", _kind(cluster)),
        Fact(
            "Kafka",
            _said(sentence(foreign(cluster.kafka_version or ""), _MODES.get(cluster.metadata or "", ""))),
        ),
        Fact("brokers", _brokers(cluster, seen)),
        Fact("storage", _storage(seen)),
        Fact("configuration", _configuration(cluster, seen)),
        Fact("monitoring", _monitoring(seen)),
        Fact("logins", _said(sentence(foreign(", ".join(seen.authentication)), _encryption(seen)))),
        Fact("endpoints", _said(foreign(_endpoints(seen)))),
        Fact("security group", _said(foreign(", ".join(seen.security_groups)))),
        Fact("created", _created(cluster, seen)),
    ]


def _said(text: str) -> str:
    return text or UNKNOWN


def _state(cluster: Cluster, seen: DescriptionSeen) -> Fact:
    severities: dict[str, Severity] = {
        "ACTIVE": "none",
        "FAILED": "crit",
        "DELETING": "warn",
        "DELETED": "warn",
    }
    why = foreign(sentence(seen.state_code or "", seen.state_reason or ""))
    state = cluster.state or seen.state
    if state is None:
        return Fact("state", UNKNOWN)
    return Fact("state", sentence(foreign(state, 24), why), severities.get(state, "heal"))


def maintenance(cluster: Cluster) -> Fact:
    """What MSK does or wants done: the patch that runs, or the action that it asks for."""
    operation = running(cluster)
    if operation is not None and operation.type in MAINTENANCE:
        seconds, steps = lasted_s(operation, cluster.at), steps_done(operation)
        words = sentence(
            f"{foreign(operation.type, 40)} runs",
            watch(seconds) if seconds is not None else "",
            f"{steps[0]} of {steps[1]} steps" if steps else "",
            foreign(current_step(operation), 60),
        )
        return Fact("maintenance", words, "heal")
    if cluster.state == "MAINTENANCE":
        return Fact("maintenance", "runs: one broker after the other restarts", "heal")
    asked = cluster.description.customer_action if cluster.description is not None else None
    if asked is None:
        return Fact("maintenance", UNKNOWN)
    if asked == "NONE":
        return Fact("maintenance", "none runs, and MSK asks for no action")
    severity, words = _ACTIONS.get(asked, ("warn", f"MSK says {foreign(asked, 40)}"))
    return Fact("maintenance", words, severity)


def _kind(cluster: Cluster) -> str:
    seen = cluster.description
    if seen is None or (seen.state is None and seen.created_at is None):
        return UNKNOWN
    return _KINDS.get(seen.cluster_type, "serverless: no brokers to be seen, no ports of theirs")


def _brokers(cluster: Cluster, seen: DescriptionSeen) -> str:
    count = seen.broker_count or (len(cluster.brokers) or None)
    if count is None:
        return UNKNOWN
    zones = len([z for z in cluster.zones if z])
    kind = foreign(seen.instance_type or "", 40)
    return sentence(f"{count} × {kind}" if kind else str(count), f"{zones} zones" if zones else "")


def _storage(seen: DescriptionSeen) -> str:
    if seen.cluster_type == "EXPRESS":
        return "elastic, kept by MSK"
    if seen.volume_gib is None:
        return UNKNOWN
    throughput = seen.volume_throughput_mib_per_s
    return sentence(
        f"{seen.volume_gib:,} GiB a broker",
        foreign(seen.storage_mode or ""),
        f"{throughput} MiB/s" if throughput else "",
    )


def _configuration(cluster: Cluster, seen: DescriptionSeen) -> str:
    if seen.configuration_arn is None:
        return "MSK's default" if seen.broker_count is not None else UNKNOWN
    name = foreign(seen.configuration_name or "") or foreign(
        seen.configuration_arn.rpartition(":configuration/")[2]
    )
    behind = {
        b.inventory.configuration_revision
        for b in cluster.brokers.values()
        if b.inventory is not None and b.inventory.configuration_revision is not None
    } - {seen.configuration_revision}
    return sentence(
        f"{name} revision {seen.configuration_revision}",
        f"some brokers still have {', '.join(str(r) for r in sorted(r for r in behind if r is not None))}"
        if behind
        else "",
    )


def _monitoring(seen: DescriptionSeen) -> str:
    if seen.enhanced_monitoring is None and seen.jmx_exporter is None:
        return UNKNOWN
    exporters = [name for name, on in (("JMX", seen.jmx_exporter), ("node", seen.node_exporter)) if on]
    open_words = f"{' and '.join(exporters)} exporter" if exporters else "open monitoring is off"
    return sentence(foreign(seen.enhanced_monitoring or ""), open_words)


def _encryption(seen: DescriptionSeen) -> str:
    return f"clients speak {foreign(seen.client_broker_encryption)}" if seen.client_broker_encryption else ""


def _endpoints(seen: DescriptionSeen) -> str:
    """Kinds of endpoints with their port: `SaslIam 9098`."""
    words = []
    for name, servers in sorted(seen.bootstrap.items()):
        kind = name.removeprefix("BootstrapBrokerString") or "Plaintext"
        ports = sorted({server.rpartition(":")[2] for server in servers.split(",")})
        words.append(f"{kind} {ports[0]}" + (f"–{ports[-1]}" if len(ports) > 1 else ""))
    return ", ".join(words)


def _created(cluster: Cluster, seen: DescriptionSeen) -> str:
    if seen.created_at is None:
        return UNKNOWN
    version = f"version {foreign(seen.current_version)}" if seen.current_version else ""
    return sentence(f"{moment(seen.created_at, cluster.at)}Z", version)


# ------------------------------------------------------------------ permissions


def denials(cluster: Cluster) -> list[PermissionSeen]:
    """What AWS does not let us do, by action."""
    return [p for _, p in sorted(cluster.permissions.items()) if not p.allowed]


def denied(cluster: Cluster, *actions: str) -> str:
    """`denied: kafka:ListNodes`, where one of these actions is; else nothing.

    >>> told = PermissionSeen(at=0.0, action="kafka:ListNodes", allowed=False)
    >>> denied(Cluster(permissions={"kafka:ListNodes": told}), "kafka:ListNodes")
    'denied: kafka:ListNodes'
    """
    names = [a for a in actions if (p := cluster.permissions.get(a)) is not None and not p.allowed]
    return f"denied: {', '.join(names)}" if names else ""


def missing_by(denial: PermissionSeen) -> str:
    """What is not shown because of it."""
    return COSTS.get(denial.action, "a part of what this screen shows")
