"""What the probe sees when real brokers are killed, hang, or stop in good order."""

from __future__ import annotations

import pytest

from msktop.sources.clock import Anchor
from msktop.sources.probe import ProbeSource
from msktop.wire.security import Security
from tests.e2e.conftest import LocalCluster
from tests.sources.watching import Watching, watching

pytestmark = pytest.mark.e2e

BROKERS = (1, 2, 3)


def probe_of_first(cluster: LocalCluster) -> ProbeSource:
    """Told of one broker only; it finds the others."""
    return ProbeSource(cluster.bootstrap_servers.partition(",")[0], Security(), Anchor.take())


def all_answer(seen: Watching) -> int:
    """Wait until every broker has answered a ping; the number of samples by then."""
    since = len(seen.said)
    for broker in BROKERS:
        seen.wait_probed(60, since=since, broker_id=broker, how="ping", outcome="ok")
    return len(seen.said)


def test_each_failure_of_a_real_broker_has_its_own_outcome(zookeeper_cluster: LocalCluster) -> None:
    cluster = zookeeper_cluster
    cluster.wait_healthy()
    with watching(probe_of_first(cluster)) as seen:
        since = all_answer(seen)
        assert {s.port for s in seen.probed(how="connect", outcome="ok")} == {9092}

        clock = Anchor.take()
        cluster.fail(2, "kill")
        killed_at = clock.now()
        refused = seen.wait_probed(10, since=since, broker_id=2, how="connect", outcome="refused")
        assert refused.at - killed_at < 3
        seen.wait_probed(5, since=len(seen.said), broker_id=1, how="ping", outcome="ok")
        cluster.resume(2)
        seen.wait_probed(90, since=len(seen.said), broker_id=2, how="connect", outcome="ok")

        cluster.wait_healthy()
        since = all_answer(seen)
        cluster.fail(3, "hang")
        silent = seen.wait_probed(10, since=since, broker_id=3, how="ping", outcome="timeout")
        assert silent.failed_stage == "api_versions"
        fooled = seen.wait_probed(10, since=since, broker_id=3, how="connect", outcome="timeout")
        assert "tcp" in dict(fooled.stages), "the kernel accepts for a hung broker"
        assert fooled.failed_stage == "api_versions"
        cluster.resume(3)
        seen.wait_probed(90, since=len(seen.said), broker_id=3, how="ping", outcome="ok")

        cluster.wait_healthy()
        since = all_answer(seen)
        cluster.fail(1, "stop")  # the one we were told of
        closed = seen.wait_probed(30, since=since, broker_id=1, how="ping", outcome="reset")
        gone = seen.wait_probed(30, since=since, broker_id=1, how="connect", outcome="refused")
        assert closed.at <= gone.at < closed.at + 3
        cluster.resume(1)
        seen.wait_probed(90, since=len(seen.said), broker_id=1, how="connect", outcome="ok")
        all_answer(seen)
    cluster.wait_healthy()
