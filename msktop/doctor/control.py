"""Credentials, and every call of AWS's that the monitor makes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from msktop.aws.discovery import resolve, subnets
from msktop.aws.errors import AwsError, explaining
from msktop.aws.session import AwsSession
from msktop.doctor.report import Check, Say, Stopwatch
from msktop.model.cluster import Cluster
from msktop.model.control_samples import InventorySeen, PermissionSeen
from msktop.model.reduce import reduce
from msktop.sources import msk_nodes
from msktop.sources import msk_shapes as shapes

T = TypeVar("T")
Answer = Mapping[str, Any]

_METRIC = {"Namespace": "AWS/Kafka", "MetricName": "ActiveControllerCount"}
_SPAN_S = 600.0


def credentials(session: AwsSession, say: Say) -> bool:
    """Whether there are credentials that AWS takes; without them no call is worth a try."""
    watch = Stopwatch()
    try:
        found = session.credentials()
        kind = "temporary" if found.token else "long-lived"
        say(Check("credentials", "credentials", "ok", watch.ms, f"{kind}, {_origin(session)}"))
        watch = Stopwatch()
        identity = session.identity()
        detail = f"{identity.arn} in account {identity.account}"
        say(Check("credentials", "sts:GetCallerIdentity", "ok", watch.ms, detail))
        watch = Stopwatch()
        say(Check("credentials", "region", "ok", watch.ms, ", ".join(session.regions)))
    except AwsError as error:
        say(_failed("credentials", error.action or "credentials", error, watch.ms))
        return False
    return True


def _origin(session: AwsSession) -> str:
    return f"profile {session.access.profile}" if session.access.profile else "by the default chain"


def account(session: AwsSession, say: Say) -> None:
    """The calls that need no cluster."""
    for region in session.regions:
        api = _Api(session, region, say)
        found = api.call(
            "kafka:ListClustersV2",
            lambda c: c.list_clusters_v2(),
            lambda a: _names(a.get("ClusterInfoList", [])),
        )
        if found is not None and not found.get("ClusterInfoList"):
            say(Check("api", "clusters", "note", None, f"none in {region}", "Give --region, --profile."))
    _metrics(_Api(session, session.region, say), None)


def _names(clusters: list[Answer]) -> str:
    return ", ".join(cluster["ClusterName"] for cluster in clusters)


def cluster(session: AwsSession, named: str, say: Say) -> Cluster:
    """The calls about one cluster, and what they tell of it."""
    state = Cluster()
    watch = Stopwatch()
    try:
        arn, region = resolve(session, named)
    except AwsError as error:
        say(_failed("api", "kafka:ListClustersV2", error, watch.ms))
        return state
    if not named.startswith("arn:"):
        say(Check("api", "kafka:ListClustersV2", "ok", watch.ms, arn))
    api = _Api(session, region, say)
    described = api.call("kafka:DescribeClusterV2", lambda c: c.describe_cluster_v2(ClusterArn=arn), _state)
    info: Answer = described["ClusterInfo"] if described is not None else {}
    nodes = api.call(
        "kafka:ListNodes",
        lambda c: c.list_nodes(ClusterArn=arn),
        lambda a: f"{len(a.get('NodeInfoList', ()))} nodes",
    )
    bootstrap = api.call(
        "kafka:GetBootstrapBrokers", lambda c: c.get_bootstrap_brokers(ClusterArn=arn), _offered
    )
    _operations(api, arn)
    _configuration(api, info)
    api.call("kafka:GetCompatibleKafkaVersions", lambda c: c.get_compatible_kafka_versions(ClusterArn=arn))
    api.call("kafka:ListTopics", lambda c: c.list_topics(ClusterArn=arn, MaxResults=1), optional=True)
    wanted = list(subnets(info))
    seen = None
    if wanted:
        seen = api.call("ec2:DescribeSubnets", lambda c: c.describe_subnets(SubnetIds=wanted), optional=True)
    _metrics(api, info.get("ClusterName") or named)
    zones = shapes.subnets_seen(seen) if seen is not None else shapes.subnets_by_order(info)
    offered = shapes.bootstrap_seen(bootstrap or {})
    inventory = InventorySeen(
        at=time.time(),
        name=info.get("ClusterName") or named,
        state=info.get("State"),
        metadata=shapes.metadata_mode(info),
        kafka_version=shapes.kafka_version(info),
        nodes=msk_nodes.nodes_seen(info, (nodes or {}).get("NodeInfoList", ()), zones),
        description=shapes.description_seen(info, arn, region, offered, None),
        via="api",
        nodes_listed=nodes is not None,
    )
    state = reduce(state, inventory)
    for denied in api.denied:
        state = reduce(state, denied)
    return state


def _state(answer: Answer) -> str:
    info = answer["ClusterInfo"]
    return f"{info.get('State', '?')}, {str(info.get('ClusterType', '')).lower()}"


def _offered(answer: Answer) -> str:
    names = (name.removeprefix("BootstrapBrokerString") for name in shapes.bootstrap_seen(answer))
    return ", ".join(name or "Plaintext" for name in names) or "no endpoints yet"


def _operations(api: _Api, arn: str) -> None:
    listed = api.call(
        "kafka:ListClusterOperationsV2",
        lambda c: c.list_cluster_operations_v2(ClusterArn=arn, MaxResults=1),
    )
    found = (listed or {}).get("ClusterOperationInfoList") or ()
    if found:
        newest = found[0]["OperationArn"]
        api.call(
            "kafka:DescribeClusterOperationV2",
            lambda c: c.describe_cluster_operation_v2(ClusterOperationArn=newest),
        )


def _configuration(api: _Api, info: Answer) -> None:
    software = (info.get("Provisioned") or {}).get("CurrentBrokerSoftwareInfo") or {}
    arn, revision = software.get("ConfigurationArn"), software.get("ConfigurationRevision")
    if arn and revision:
        api.call("kafka:DescribeConfiguration", lambda c: c.describe_configuration(Arn=arn))
        api.call(
            "kafka:DescribeConfigurationRevision",
            lambda c: c.describe_configuration_revision(Arn=arn, Revision=revision),
        )


def _metrics(api: _Api, name: str | None) -> None:
    dimensions = [{"Name": "Cluster Name", "Value": name}] if name else []
    api.call(
        "cloudwatch:ListMetrics",
        lambda c: c.list_metrics(**_METRIC, Dimensions=dimensions, RecentlyActive="PT3H"),
    )
    query = {
        "Id": "m",
        "MetricStat": {"Metric": {**_METRIC, "Dimensions": dimensions}, "Period": 60, "Stat": "Maximum"},
    }
    now = time.time()
    api.call(
        "cloudwatch:GetMetricData",
        lambda c: c.get_metric_data(MetricDataQueries=[query], StartTime=now - _SPAN_S, EndTime=now),
        lambda a: f"{sum(len(r['Values']) for r in a.get('MetricDataResults', ()))} points in 10 min",
    )


class _Api:
    """Calls one after the other; each is a check."""

    def __init__(self, session: AwsSession, region: str, say: Say) -> None:
        self.denied: list[PermissionSeen] = []
        self._session = session
        self._region = region
        self._say = say

    def call(
        self,
        action: str,
        ask: Callable[[Any], T],
        told: Callable[[T], str] = lambda _: "",
        *,
        optional: bool = False,
    ) -> T | None:
        """What `ask` gives; None where it failed. `optional`: the monitor has another way to know."""
        watch = Stopwatch()
        try:
            client = self._session.client(action.partition(":")[0], self._region)
            watch = Stopwatch()  # reading the service's model is no time of AWS's
            with explaining(action):
                answer = ask(client)
        except AwsError as error:
            self._note(action, error)
            if error.kind in ("bad_request", "conflict", "not_found"):  # not of this kind, or not yet
                self._say(Check("api", action, "skipped", watch.ms, error.title))
            elif optional:
                self._say(Check("api", action, "note", watch.ms, error.title, error.advice, error.action))
            else:
                self._say(_failed("api", action, error, watch.ms))
            return None
        self._say(Check("api", action, "ok", watch.ms, told(answer)))
        return answer

    def _note(self, action: str, error: AwsError) -> None:
        if error.kind == "denied":
            seen = PermissionSeen(
                at=time.time(), action=action, allowed=False, reason=error.title, advice=error.advice
            )
            self.denied.append(seen)


def _failed(stage: str, name: str, error: AwsError, took_ms: float) -> Check:
    return Check(stage, name, "failed", took_ms, error.title, error.advice, error.action)
