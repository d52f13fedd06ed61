"""When the quorum cannot be told, and when there is none to tell of."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from msktop.model.cluster import Cluster
from msktop.model.samples import SourceFailed
from msktop.sources.clock import Anchor
from msktop.sources.quorum import SOME_DOWN_S, WITHOUT_QUORUM_S, QuorumSource
from msktop.sources.reach import Reach, UnreachableError
from msktop.wire.errors import WireError
from msktop.wire.security import Security

UNKNOWN = WireError("describe_quorum", "protocol", "the broker does not offer describe_quorum 1")
REFUSED = WireError("tcp", "refused", "connection refused")


@pytest.mark.parametrize(
    ("failures", "pause_s"),
    [
        ((UNKNOWN, UNKNOWN), WITHOUT_QUORUM_S),
        ((UNKNOWN, REFUSED), SOME_DOWN_S),
        ((REFUSED, UNKNOWN), SOME_DOWN_S),
    ],
)
def test_a_broker_that_knows_no_quorum_means_zookeeper_also_while_others_are_down(
    monkeypatch: pytest.MonkeyPatch, failures: tuple[WireError, ...], pause_s: float
) -> None:
    assert looked(monkeypatch, failures) == (None, pause_s)


def test_that_nobody_answers_at_all_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    sample, _ = looked(monkeypatch, (REFUSED, REFUSED))
    assert isinstance(sample, SourceFailed)


def looked(monkeypatch: pytest.MonkeyPatch, failures: tuple[WireError, ...]) -> tuple[object, float]:
    def ask(*_: object) -> None:
        raise UnreachableError(failures)

    monkeypatch.setattr(Reach, "ask", ask)
    cluster: Callable[[], Cluster] = Cluster
    return QuorumSource("b-1:9092,b-2:9092", Security(), Anchor.take(), cluster)._look()
