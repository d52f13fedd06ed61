"""This host's zone, from an instance metadata service on loopback in EC2's place."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from msktop.model.broker import Broker
from msktop.model.cluster import Cluster
from msktop.model.reduce import reduce
from msktop.model.samples import HostZoneSeen, SessionStarted
from msktop.sources.clock import Anchor
from msktop.sources.host_zone import HostZoneSource
from tests.aws.server import Answer, HttpServer, Request

VALUES = {
    "/latest/meta-data/placement/availability-zone-id": "use1-az2",
    "/latest/meta-data/placement/availability-zone": "us-east-1c",
}


def metadata(request: Request) -> Answer:
    """IMDSv2: no value without a token, no token without its lifetime."""
    if request.method == "PUT":
        lives = request.headers.get("x-aws-ec2-metadata-token-ttl-seconds")
        return (200, "a-token") if request.path == "/latest/api/token" and lives else (400, "")
    if request.headers.get("x-aws-ec2-metadata-token") != "a-token":
        return 401, ""
    return (200, VALUES[request.path]) if request.path in VALUES else (404, "")


def cluster(*racks: str) -> Cluster:
    return Cluster(brokers={n: Broker(n, zone=rack) for n, rack in enumerate(racks)})


def said(*racks: str) -> list[object]:
    return list(HostZoneSource(Anchor.take(), lambda: cluster(*racks)).samples(threading.Event()))


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> HttpServer:
    server = HttpServer(metadata)
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url)
    monkeypatch.delenv("AWS_EC2_METADATA_DISABLED", raising=False)
    return server


@pytest.mark.parametrize(("rack", "zone"), [("use1-az1", "use1-az2"), ("us-east-1a", "us-east-1c")])
def test_it_is_said_as_the_brokers_say_theirs(rack: str, zone: str, service: HttpServer) -> None:
    with service:
        [sample] = said(rack)
    assert isinstance(sample, HostZoneSeen)
    assert sample.zone == zone
    assert reduce(cluster(rack), sample).client_rack == zone


def test_where_racks_are_no_zones_nobody_is_asked(service: HttpServer) -> None:
    with service:
        assert said("rack-7") == []
    assert service.requests == []


def test_it_is_waited_for_brokers_and_a_stop_ends_the_wait(service: HttpServer) -> None:
    stop = threading.Event()
    source = HostZoneSource(Anchor.take(), Cluster)
    thread = threading.Thread(target=lambda: list(source.samples(stop)), daemon=True)
    with service:
        thread.start()
        stop.set()
        thread.join(2)
    assert not thread.is_alive()
    assert service.requests == []


def test_switched_off_nobody_is_asked(service: HttpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "TRUE")
    with service:
        assert said("use1-az1") == []
    assert service.requests == []


def test_a_service_that_hangs_costs_a_second_and_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_EC2_METADATA_DISABLED", raising=False)
    with socket.create_server(("127.0.0.1", 0)) as hung:
        address = f"http://127.0.0.1:{hung.getsockname()[1]}"
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", address)
        began = time.monotonic()
        assert said("use1-az1") == []
    assert time.monotonic() - began < 3


def test_a_new_session_forgets_it_but_for_what_was_given() -> None:
    seen = reduce(Cluster(), HostZoneSeen(at=1.0, zone="use1-az2"))
    given = SessionStarted(at=2.0, name="c", bootstrap_servers="", client_rack="use1-az1")
    assert reduce(seen, given).client_rack == "use1-az1"
