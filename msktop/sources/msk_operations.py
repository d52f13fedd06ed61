"""The operations of one MSK cluster: the newest of its list, and their details little by little."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msktop.model.control_samples import OperationSeen
from msktop.sources.aws_asking import Asking
from msktop.sources.msk_shapes import operation_seen

if TYPE_CHECKING:
    from botocore.client import BaseClient

LISTED = 50
DESCRIBED_A_ROUND = 5
"""Operations of the past whose details are fetched in one round; those that run are always described."""


class Operations:
    """What is known of them from round to round."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._detailed: dict[str, OperationSeen] = {}

    @property
    def running(self) -> bool:
        """Whether one goes on, as far as its details are known."""
        return any(not operation.final for operation in self._detailed.values())

    def newest(self, kafka: Callable[[], BaseClient], arn: str) -> tuple[OperationSeen, ...] | None:
        """Those of this cluster, newest first; None where they may not be seen. Raises AwsError."""
        answer = self._asking.optional(
            "kafka:ListClusterOperationsV2",
            lambda: kafka().list_cluster_operations_v2(ClusterArn=arn, MaxResults=LISTED),
        )
        if answer is None:
            return None
        listed = [operation_seen(one) for one in answer.get("ClusterOperationInfoList", ())]
        listed.sort(key=lambda one: one.started_at or 0.0, reverse=True)
        left = DESCRIBED_A_ROUND
        for operation in listed:
            known = self._detailed.get(operation.arn)
            if known is not None and known.final:
                continue
            running = not operation.final
            if (running or left > 0) and (detailed := self._describe(kafka, operation.arn)) is not None:
                self._detailed[operation.arn] = detailed
            left -= not running
        return tuple(self._detailed.get(one.arn, one) for one in listed)

    def _describe(self, kafka: Callable[[], BaseClient], arn: str) -> OperationSeen | None:
        answer = self._asking.optional(
            "kafka:DescribeClusterOperationV2",
            lambda: kafka().describe_cluster_operation_v2(ClusterOperationArn=arn),
        )
        return operation_seen(answer["ClusterOperationInfo"]) if answer is not None else None
