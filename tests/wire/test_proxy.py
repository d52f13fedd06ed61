"""Brokers and exporters behind a SOCKS5 proxy, and names with other addresses."""

from __future__ import annotations

import socket
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from msktop.errors import UsageError
from msktop.logins import with_network
from msktop.model.samples import Probed, Sample
from msktop.sources.clock import Anchor
from msktop.sources.page_fetch import FetchError, fetch
from msktop.sources.probe import ProbeSource
from msktop.wire.connection import Connection
from msktop.wire.errors import WireError
from msktop.wire.network import parse_addresses, parse_proxy
from msktop.wire.security import Security
from tests.aws.server import HttpServer
from tests.support import wait_for
from tests.wire.endpoint import CERTS, Endpoint, Kafka, hangs_up, says, tls
from tests.wire.socks_server import SocksServer

BROKER = "b-1.orders.example"
"""Resolves for the proxy alone."""


def by(proxy: str | None = None, dns_map: str | None = None, **settings: str) -> Security:
    return with_network(
        Security.from_settings({name.replace("_", "."): value for name, value in settings.items()}),
        proxy,
        dns_map,
    )


def kafka() -> Kafka:
    return Kafka([(1, BROKER, 9092)])


def failure(security: Security, host: str, port: int, timeout_s: float = 5) -> WireError:
    with pytest.raises(WireError) as caught:
        Connection.open(host, port, security, timeout_s)
    return caught.value


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


# ------------------------------------------------------------------ through


def test_the_proxy_resolves_the_brokers_name_and_is_a_stage_of_its_own() -> None:
    with SocksServer({BROKER: "127.0.0.1"}) as proxy, Endpoint(kafka()) as endpoint:
        with Connection.open(BROKER, endpoint.port, by(proxy.url)) as connection:
            assert [stage for stage, _ in connection.stages] == ["proxy", "api_versions", "metadata"]
        assert proxy.asked == [(BROKER, endpoint.port)]


def test_the_certificate_is_checked_for_the_brokers_own_name() -> None:
    settings = {"ssl_truststore_location": str(CERTS / "ca.pem"), "security_protocol": "SSL"}
    with SocksServer({BROKER: "127.0.0.1"}) as proxy, Endpoint(tls("server", kafka())) as endpoint:
        with Connection.open("localhost", endpoint.port, by(proxy.url, **settings)) as connection:
            assert [stage for stage, _ in connection.stages][:2] == ["proxy", "tls"]
        error = failure(by(proxy.url, **settings), BROKER, endpoint.port)
    assert (error.stage, error.outcome) == ("tls", "tls")
    assert "another name" in error.reason


def test_a_mapped_name_leads_to_its_address_and_keeps_its_name_for_tls() -> None:
    settings = {"ssl_truststore_location": str(CERTS / "ca.pem"), "security_protocol": "SSL"}
    with Endpoint(tls("elsewhere", kafka())) as endpoint:
        security = by(None, f"localhost:9094=127.0.0.1:{endpoint.port}", **settings)
        error = failure(security, "localhost", 9094)
        assert "another name" in error.reason
    with Endpoint(kafka()) as endpoint:
        Connection.open(BROKER, endpoint.port, by(None, f"{BROKER}=127.0.0.1")).close()


def test_a_mapped_name_is_mapped_before_the_proxy_is_asked() -> None:
    with SocksServer() as proxy, Endpoint(kafka()) as endpoint:
        Connection.open(BROKER, endpoint.port, by(proxy.url, f"{BROKER}=127.0.0.1")).close()
        assert proxy.asked == [("127.0.0.1", endpoint.port)]


def test_user_and_password_come_from_the_file(tmp_path: Path) -> None:
    with SocksServer({BROKER: "127.0.0.1"}, login=("ann", "p:w")) as proxy, Endpoint(kafka()) as endpoint:
        file = tmp_path / "client.properties"
        file.write_text(f"msktop.proxy=socks5://ann:p%3Aw@127.0.0.1:{proxy.port}\n")
        security = Security.from_properties(file)
        assert "p:w" not in repr(security)
        Connection.open(BROKER, endpoint.port, security).close()
        assert "wants a user" in failure(by(proxy.url), BROKER, endpoint.port).reason
        assert security.network.proxy is not None
        wrong = replace(security.network, proxy=replace(security.network.proxy, password="no"))
        error = failure(replace(security, network=wrong), BROKER, endpoint.port)
        assert "refuses user or password" in error.reason
        assert error.outcome == "proxy"


def test_exporter_pages_come_the_same_way() -> None:
    with SocksServer({BROKER: "127.0.0.1"}) as proxy, HttpServer(lambda _: (200, "up 1\n")) as server:
        port = server.url.rpartition(":")[2]
        page = fetch(f"http://{BROKER}:{port}/metrics", network=by(proxy.url).network)
        assert page.body == b"up 1\n"
        assert server.requests[0].headers["host"] == f"{BROKER}:{port}"
        assert fetch(f"http://{BROKER}:{port}/metrics", network=by(None, f"{BROKER}=127.0.0.1").network).body


def test_the_probe_goes_through_the_proxy_too() -> None:
    seen: list[Sample] = []
    stop = threading.Event()
    with SocksServer({BROKER: "127.0.0.1"}) as proxy, Endpoint(kafka()) as endpoint:
        handler = endpoint.handler
        assert isinstance(handler, Kafka)
        handler.nodes = [(1, BROKER, endpoint.port)]
        source = ProbeSource(f"{BROKER}:{endpoint.port}", by(proxy.url), Anchor.take())

        def watch() -> None:
            for sample in source.samples(stop):
                seen.append(sample)

        threading.Thread(target=watch, daemon=True).start()
        wait_for(lambda: sum(isinstance(s, Probed) and s.how == "ping" for s in seen) > 1, 10, "pings")
        stop.set()
    first = next(s for s in seen if isinstance(s, Probed))
    assert [stage for stage, _ in first.stages] == ["proxy", "api_versions", "metadata"]
    assert all(took_ms < 1000 for _, took_ms in first.stages)


# ------------------------------------------------------------------ not through


def test_a_proxy_that_is_not_there_is_to_blame_and_no_broker(closed_port: int) -> None:
    error = failure(by(f"socks5://127.0.0.1:{closed_port}"), BROKER, 9092)
    assert (error.stage, error.outcome) == ("proxy", "proxy")
    assert "cannot be used: connection refused" in error.reason
    assert "ssh -D" in error.advice


def test_a_broker_that_refuses_the_proxy_is_a_broker_that_refuses(closed_port: int) -> None:
    with SocksServer({BROKER: "127.0.0.1"}) as proxy:
        error = failure(by(proxy.url), BROKER, closed_port)
        assert (error.stage, error.outcome) == ("proxy", "refused")
        with pytest.raises(FetchError, match="connection refused"):
            fetch(f"http://{BROKER}:{closed_port}/metrics", network=by(proxy.url).network)
        error = failure(by(proxy.url), "nowhere.invalid", 9092)
        assert (error.stage, error.outcome) == ("proxy", "unreachable")


def test_a_mute_proxy_and_a_mute_broker_are_told_apart() -> None:
    with SocksServer() as proxy:
        proxy.mute.set()
        error = failure(by(proxy.url), BROKER, 9092, timeout_s=0.3)
        assert (error.stage, error.outcome) == ("proxy", "proxy")
        proxy.mute.clear()
        proxy.slow.set()
        error = failure(by(proxy.url), BROKER, 9092, timeout_s=0.3)
        assert (error.stage, error.outcome) == ("proxy", "timeout")
        assert "gets no connection to the broker" in error.reason


def test_a_proxy_that_hangs_up_after_connecting_says_that_it_may_have_no_way() -> None:
    with SocksServer({BROKER: "127.0.0.1"}) as proxy, Endpoint(hangs_up) as endpoint:
        error = failure(by(proxy.url, security_protocol="SSL"), BROKER, endpoint.port)
    assert error.outcome == "reset"
    assert "the proxy closed the connection before the broker said anything" in error.reason


def test_what_is_no_socks_proxy_is_told() -> None:
    with Endpoint(says(b"HTTP/1.1 400 Bad Request\r\n")) as endpoint:
        error = failure(by(f"socks5://{endpoint.address}"), BROKER, 9092)
    assert (error.stage, error.outcome) == ("proxy", "proxy")
    assert "speaks no SOCKS5" in error.reason


# ------------------------------------------------------------------ words


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://h:1", "no socks5"),
        ("socks5://", "no socks5"),
        ("socks5://h:port", "no socks5"),
        ("socks5://ann:secret@h:1", "command line"),
    ],
)
def test_a_proxy_that_cannot_be_meant_is_refused_without_repeating_it(url: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_proxy(url)
    assert says in caught.value.title
    assert "secret" not in caught.value.title + caught.value.advice


def test_a_map_may_be_a_file_of_either_form(tmp_path: Path) -> None:
    file = tmp_path / "map"
    file.write_text("# brokers\n10.0.0.1 b-1.example b-1\nb-2.example:9098 = 127.0.0.1:19098 # tunnel\n\n")
    assert parse_addresses(str(file)) == (
        ("b-1.example", "10.0.0.1"),
        ("b-1", "10.0.0.1"),
        ("b-2.example:9098", "127.0.0.1:19098"),
    )


@pytest.mark.parametrize("words", ["a=", "=b", "a=b:port", "/none/such"])
def test_a_map_that_cannot_be_meant_is_refused(words: str) -> None:
    with pytest.raises(UsageError, match="--dns-map"):
        parse_addresses(words)
