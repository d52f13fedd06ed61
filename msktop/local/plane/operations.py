"""Operations on clusters: begun when all is well, done step by step, gone on with after a restart."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from msktop.errors import MsktopError
from msktop.local.plane import adopted, asked, names
from msktop.local.plane.records import Cluster, Member, Members, Operation, Phase, Step, StepStatus
from msktop.local.plane.registry import Registry

_logger = logging.getLogger(__name__)


class Work(Protocol):
    """How operations of one kind are done. Every method may be called again after a restart of ours."""

    def carry_out(self, cluster: Cluster, operation: Operation, step: Step) -> Members:
        """Do one step; returns what changes in the cluster's record. Raises MsktopError."""

    def finished(self, cluster: Cluster, operation: Operation) -> Members:
        """What changes in the cluster's record once all steps are done."""

    def failed(self, cluster: Cluster, operation: Operation) -> None:
        """Take back what must not stay after a failure. Raises MsktopError."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Operations of one type: how they are done, what they are called on the way, and the cluster's state."""

    work: Work
    phase: Phase = "UPDATING"
    word: str = "UPDATE"
    changes_version: bool = True


class Operations:
    """Runs operations, one at a time for each cluster; `kinds` by OperationType."""

    def __init__(self, registry: Registry, kinds: Mapping[str, Kind]) -> None:
        self._registry = registry
        self._kinds = kinds

    def begin(
        self,
        cluster: Cluster,
        type_: str,
        steps: Sequence[Step],
        *,
        source: Members,
        target: Members,
        version: str | None = None,
    ) -> dict[str, str]:
        """Begin an operation; returns the API's answer. Raises ApiError.

        `version` is the CurrentVersion that the caller knows, if the operation asks for one.
        """
        with self._registry.lock:
            cluster = check_free(self._registry, cluster.arn, version)
            operation = Operation(
                arn=names.operation_arn(cluster.arn),
                cluster_arn=cluster.arn,
                type=type_,
                state="PENDING",
                started_at=time.time(),
                source=source,
                target=target,
                steps=tuple(steps),
            )
            self._registry.put(operation)
            phase = self._kinds[type_].phase
            self._registry.change(cluster.arn, phase=phase, active_operation=operation.arn)
        self._start(operation.arn)
        return {"ClusterArn": cluster.arn, "ClusterOperationArn": operation.arn}

    def resume(self) -> None:
        """Go on with what a former process of ours had begun."""
        for cluster in self._registry.clusters():
            for operation in self._registry.operations(cluster.arn):
                if operation.runs:
                    self._start(operation.arn)

    def _start(self, arn: str) -> None:
        threading.Thread(target=self._run, args=(arn,), name="operation", daemon=True).start()

    def _run(self, arn: str) -> None:
        operation = self._operation(arn)
        kind = self._kinds[operation.type]
        error_code, error = "", ""
        try:
            self._change(arn, state=f"{kind.word}_IN_PROGRESS")
            for index, step in enumerate(operation.steps):
                if step.status != "COMPLETED":
                    self._step(arn, kind.work, index)
            self._registry.change(operation.cluster_arn, **self._ends(arn, kind.work))
        except MsktopError as e:
            error_code, error = "OperationFailed", f"{e.title}. {e.advice}".strip()
        except Exception as e:
            _logger.exception("%s", arn)
            error_code, error = "InternalError", f"{type(e).__name__}: {e}"
        if error:
            self._take_back(arn, kind.work)
        self._end(arn, kind, error_code, error)

    def _step(self, arn: str, work: Work, index: int) -> None:
        began_at = self._operation(arn).steps[index].began_at or time.time()
        step = self._mark(arn, index, "IN_PROGRESS", began_at)
        try:
            operation = self._operation(arn)
            changes = work.carry_out(self._cluster(operation.cluster_arn), operation, step)
        except BaseException:
            self._mark(arn, index, "FAILED", began_at)
            raise
        with self._registry.lock:
            self._registry.change(operation.cluster_arn, **changes)
            self._mark(arn, index, "COMPLETED", began_at)

    def _mark(self, arn: str, index: int, status: StepStatus, began_at: float) -> Step:
        steps = list(self._operation(arn).steps)
        steps[index] = replace(steps[index], status=status, began_at=began_at)
        self._change(arn, steps=tuple(steps))
        return steps[index]

    def _ends(self, arn: str, work: Work) -> Members:
        operation = self._operation(arn)
        return work.finished(self._cluster(operation.cluster_arn), operation)

    def _take_back(self, arn: str, work: Work) -> None:
        operation = self._operation(arn)
        try:
            work.failed(self._cluster(operation.cluster_arn), operation)
        except MsktopError as e:
            _logger.warning("%s: cannot be taken back: %s", arn, e.title)

    def _end(self, arn: str, kind: Kind, error_code: str, error: str) -> None:
        state = f"{kind.word}_{'FAILED' if error else 'COMPLETE'}"
        with self._registry.lock:
            self._change(arn, state=state, ended_at=time.time(), error_code=error_code, error=error)
            cluster = self._cluster(self._operation(arn).cluster_arn)
            version = names.new_version() if kind.changes_version and not error else cluster.version
            self._registry.change(cluster.arn, phase="ACTIVE", active_operation=None, version=version)

    def _operation(self, arn: str) -> Operation:
        found = self._registry.operation(arn)
        assert found is not None
        return found

    def _cluster(self, arn: str) -> Cluster:
        found = self._registry.cluster(arn)
        assert found is not None
        return found

    def _change(self, arn: str, **changes: Member) -> None:
        with self._registry.lock:
            self._registry.put(replace(self._operation(arn), **changes))


def check_free(registry: Registry, arn: str, version: str | None) -> Cluster:
    """The cluster as it is now; raises ApiError unless it is ACTIVE and of this version."""
    cluster = asked.cluster(registry, arn)
    if version is not None and version != cluster.version:
        raise asked.bad_request(
            "currentVersion",
            "This operation cannot be performed on the current version of the cluster. Specify the latest "
            "version.",
        )
    state = adopted.condition(cluster, adopted.state_of(cluster))
    if state != "ACTIVE":
        raise asked.bad_request(
            "clusterArn", f"You can't perform this operation on a cluster in the {state} state."
        )
    return cluster
