"""What Kafka lets us see: what is denied is told from what is not there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from msktop.doctor.report import Check, Say, Stopwatch
from msktop.wire import describe, metadata, rights
from msktop.wire.call import Call
from msktop.wire.connection import Connection
from msktop.wire.errors import WireError

ASK_S = 10.0

_DENIED = {29: "topic", 30: "group", 31: "cluster"}


@dataclass(frozen=True, slots=True)
class _Need:
    """What a question needs: Kafka's operation, and IAM's action for it."""

    operation: str
    action: str


_DESCRIBE = _Need("Describe", "kafka-cluster:DescribeCluster")
_CONFIGS = _Need("DescribeConfigs", "kafka-cluster:DescribeClusterDynamicConfiguration")


class _NotYetError(Exception):
    """The broker answers, but has nothing to tell yet."""


class Rights:
    """Asks the first broker one thing after the other; for groups, which each broker has some of, all."""

    def __init__(self, connections: Sequence[Connection], say: Say, *, by_iam: bool) -> None:
        self._all = connections
        self._connection = connections[0]
        self._say = say
        self._by_iam = by_iam

    def check(self) -> None:
        """All of them."""
        self._operations()
        self._visible("topics", self._topics, "kafka-cluster:DescribeTopic", "--topic '*'")
        self._visible("groups", self._groups, "kafka-cluster:DescribeGroup", "--group '*'")
        self._question("DescribeConfigs", describe.DESCRIBE_CONFIGS, self._configs, _CONFIGS)
        self._question("DescribeLogDirs", describe.DESCRIBE_LOG_DIRS, self._log_dirs, _DESCRIBE)
        self._question("DescribeQuorum", describe.DESCRIBE_QUORUM, self._quorum, _DESCRIBE)

    def _operations(self) -> None:
        watch = Stopwatch()
        if rights.DESCRIBE_CLUSTER not in self._connection.versions:
            self._say(Check("kafka", "allowed on the cluster", "skipped", None, "Kafka 2.8 and later tell"))
            return
        try:
            error, allowed = rights.cluster_operations(self._connection.ask(rights.describe_cluster(), ASK_S))
        except WireError as failure:
            self._say(_broken("allowed on the cluster", failure, watch))
            return
        if error or allowed is None:
            detail = f"the broker does not tell (error {error})" if error else "the broker does not tell"
            self._say(Check("kafka", "allowed on the cluster", "note", watch.ms, detail))
            return
        missing = [need for need in (_DESCRIBE, _CONFIGS) if need.operation not in allowed]
        self._say(
            Check(
                "kafka",
                "allowed on the cluster",
                "failed" if missing else "ok",
                watch.ms,
                ", ".join(sorted(allowed)) or "nothing",
                self._advice(missing) if missing else "",
                missing[0].action if missing and self._by_iam else "",
            )
        )

    def _advice(self, missing: list[_Need]) -> str:
        if self._by_iam:
            return f"Allow {', '.join(need.action for need in missing)} on the cluster."
        words = " ".join(f"--operation {need.operation}" for need in missing)
        return f"kafka-acls.sh --add --allow-principal User:… {words} --cluster"

    def _question(self, name: str, key: int, ask: Callable[[], tuple[int, str]], need: _Need) -> None:
        watch = Stopwatch()
        if key not in self._connection.versions:
            self._say(Check("kafka", name, "skipped", None, "this Kafka has no such request"))
            return
        try:
            error, detail = ask()
        except WireError as failure:
            self._say(_broken(name, failure, watch))
            return
        if error in _DENIED:
            action = need.action if self._by_iam else ""
            denied = f"denied (error {error})"
            self._say(Check("kafka", name, "failed", watch.ms, denied, self._advice([need]), action))
        elif error:
            self._say(Check("kafka", name, "note", watch.ms, f"error {error}"))
        else:
            self._say(Check("kafka", name, "ok", watch.ms, detail))

    def _visible(self, name: str, count: Callable[[], int], action: str, of_acl: str) -> None:
        """Lists come back shorter where something is denied, and say nothing of it."""
        watch = Stopwatch()
        try:
            found = count()
        except _NotYetError as why:
            self._say(Check("kafka", name, "note", watch.ms, str(why), "It is starting, perhaps: try again."))
            return
        except WireError as failure:
            self._say(_broken(name, failure, watch))
            return
        if found:
            self._say(Check("kafka", name, "ok", watch.ms, f"{found:,} are to be seen"))
            return
        how = f"allow {action}" if self._by_iam else f"kafka-acls.sh --add … --operation Describe {of_acl}"
        advice = f"If there are any, they are hidden from us: {how}"
        self._say(Check("kafka", name, "note", watch.ms, f"no {name} to be seen", advice))

    # -------------------------------------------------------------- questions

    def _topics(self) -> int:
        call = Call("metadata", metadata.API_KEY, metadata.VERSION, metadata.request(None), flexible=True)
        return len(metadata.split(self._connection.ask(call, ASK_S), {}).topics)

    def _groups(self) -> int:
        names: set[str] = set()
        for connection in self._all:
            error, found = rights.groups(connection.ask(rights.list_groups(), ASK_S))
            if error and error not in _DENIED:
                raise _NotYetError(f"{connection.address} cannot tell now (error {error})")
            names.update(found)
        return len(names)

    def _configs(self) -> tuple[int, str]:
        here = self._connection.address
        nodes = self._connection.brokers.nodes
        node = next((n for n in nodes if f"{n.host}:{n.port}" == here), None) or nodes[0]
        body = describe.configs_request(node.id)
        call = Call("describe_configs", describe.DESCRIBE_CONFIGS, describe.DESCRIBE_CONFIGS_VERSION, body)
        error, found = describe.configs(self._connection.ask(call, ASK_S))
        return error, f"{len(found)} settings of b-{node.id}"

    def _log_dirs(self) -> tuple[int, str]:
        _, high = self._connection.versions[describe.DESCRIBE_LOG_DIRS]
        with_volume = high >= describe.LOG_DIRS_WITH_VOLUME
        version = describe.LOG_DIRS_WITH_VOLUME if with_volume else describe.LOG_DIRS_PLAIN
        body = describe.log_dirs_request(version)
        call = Call("describe_log_dirs", describe.DESCRIBE_LOG_DIRS, version, body, flexible=with_volume)
        error, dirs = describe.log_dirs(self._connection.ask(call, ASK_S), version)
        return error, f"{len(dirs)} log directories"

    def _quorum(self) -> tuple[int, str]:
        body = describe.quorum_request()
        version = describe.DESCRIBE_QUORUM_VERSION
        call = Call("describe_quorum", describe.DESCRIBE_QUORUM, version, body, flexible=True)
        found = describe.quorum(self._connection.ask(call, ASK_S))
        return found.error, f"leader {found.leader_id}, {len(found.voters)} voters"


def _broken(name: str, error: WireError, watch: Stopwatch) -> Check:
    return Check("kafka", name, "failed", watch.ms, error.reason, error.advice)
