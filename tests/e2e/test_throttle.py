"""A broker that throttles us says so in its responses, and we say it on; nobody is called dead for it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from msktop.model.broker import Broker
from msktop.model.incidents import FAILURES
from msktop.session import Pump, Session
from msktop.sources.clock import Anchor, ClockSource
from msktop.sources.metadata import MetadataSource
from msktop.sources.offsets import OffsetsSource
from msktop.sources.probe import ProbeSource
from msktop.sources.pump import ProcessPump, Source, ThreadPump
from msktop.wire.bootstrap import addresses
from msktop.wire.call import Call
from msktop.wire.connection import Connection
from msktop.wire.fields import string
from msktop.wire.minimal import CLIENT_ID
from msktop.wire.security import Security
from tests.e2e.conftest import LocalCluster
from tests.support import wait_for

pytestmark = pytest.mark.e2e

ALTER_CLIENT_QUOTAS = 49


@pytest.fixture
def cluster(kraft_cluster: LocalCluster) -> LocalCluster:
    kraft_cluster.wait_healthy()
    return kraft_cluster


@contextmanager
def quota(servers: str, percentage: float) -> Iterator[None]:
    """Our client may use so much of a broker's request threads, in percent of one, while the block lasts."""
    _alter(servers, percentage, remove=False)
    try:
        yield
    finally:
        _alter(servers, percentage, remove=True)


def _alter(servers: str, percentage: float, *, remove: bool) -> None:
    entity = struct.pack(">i", 1) + string("client-id") + string(CLIENT_ID)
    change = struct.pack(">i", 1) + string("request_percentage") + struct.pack(">d?", percentage, remove)
    body = struct.pack(">i", 1) + entity + change + b"\0"
    with Connection.open(*addresses(servers)[0], Security()) as connection:
        answer = connection.ask(Call("alter_client_quotas", ALTER_CLIENT_QUOTAS, 0, body), 20.0)
    throttle_ms, entries, error = struct.unpack_from(">iih", answer)
    assert (entries, error) == (1, 0), throttle_ms


@contextmanager
def watching(servers: str) -> Iterator[Session]:
    session, clock, security = Session(), Anchor.take(), Security()
    sources: list[Source] = [
        ClockSource(clock),
        MetadataSource(servers, security, clock, session.cluster),
        OffsetsSource(security, clock, session.cluster),
    ]
    pumps: list[Pump] = [ThreadPump(source, session.emit, clock) for source in sources]
    pumps.append(ProcessPump(ProbeSource(servers, security, clock), session.emit, clock))
    session.start(None, pumps)
    try:
        yield session
    finally:
        session.stop()


def test_a_real_throttle_is_told_and_blames_nobody(cluster: LocalCluster) -> None:
    servers = cluster.bootstrap_servers
    with watching(servers) as session:

        def throttled() -> list[Broker]:
            return [b for b in session.cluster().brokers.values() if b.throttle.now_ms]

        def calm() -> bool:
            brokers = session.cluster().brokers.values()
            return len(brokers) == 3 and all(b.throttle.now_ms == 0 for b in brokers)

        wait_for(calm, 30, "every broker says that it does not throttle")
        with quota(servers, 0.01):
            wait_for(throttled, 60, "a broker says that it throttles us")
        wait_for(lambda: not throttled(), 60, "no longer")
        assert not [i for i in session.view.incidents.log if i.kind in FAILURES]
