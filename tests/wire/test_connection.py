"""What a person is told when a connection cannot be made: each cause has its own stage and sentence."""

from __future__ import annotations

import socket
import time
from dataclasses import replace
from pathlib import Path

import pytest

from msktop.wire.call import Call
from msktop.wire.connection import Connection
from msktop.wire.errors import WireError
from msktop.wire.refusals import Refusals
from msktop.wire.security import Security
from tests.support import wait_for
from tests.wire.endpoint import CERTS, Endpoint, Handler, Kafka, hangs_up, resets, says, silent, tls

CA = {"ssl.truststore.type": "PEM", "ssl.truststore.location": str(CERTS / "ca.pem")}
TLS = {"security.protocol": "SSL", **CA}
TLS_ALERT = bytes.fromhex("15030300020250")


def login(mechanism: str, password: str = "secret", user: str = "ann", **more: str) -> dict[str, str]:
    return {
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": mechanism,
        "sasl.jaas.config": f'x.LoginModule required username="{user}" password="{password}";',
        **more,
    }


def with_keystore(name: str) -> dict[str, str]:
    return {**TLS, "ssl.keystore.type": "PEM", "ssl.keystore.location": str(CERTS / f"{name}.pem")}


def opened(endpoint: Endpoint, settings: dict[str, str], host: str = "localhost") -> Connection:
    return Connection.open(host, endpoint.port, Security.from_settings(settings), timeout_s=5)


def failure(handler: Handler, settings: dict[str, str], timeout_s: float = 5) -> WireError:
    with Endpoint(handler) as endpoint, pytest.raises(WireError) as caught:
        Connection.open("127.0.0.1", endpoint.port, Security.from_settings(settings), timeout_s)
    return caught.value


def kafka(*mechanisms: str, login_required: bool = False) -> Kafka:
    broker = Kafka([(1, "127.0.0.1", 9092)])
    broker.mechanisms = mechanisms
    broker.login_required = login_required
    return broker


# ------------------------------------------------------------------ let in


def test_every_stage_of_a_connection_in_the_clear_is_timed() -> None:
    with Endpoint(kafka()) as endpoint, opened(endpoint, {}) as connection:
        assert [stage for stage, _ in connection.stages] == ["dns", "tcp", "api_versions", "metadata"]
        assert all(took_ms >= 0 for _, took_ms in connection.stages)
        assert connection.versions[3] == (0, 13)
        assert [node.id for node in connection.brokers.nodes] == [1]


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_a_login_in_tls_passes_all_stages(mechanism: str) -> None:
    settings = {**login(mechanism), **CA, "security.protocol": "SASL_SSL"}
    with Endpoint(tls("server", kafka(mechanism, login_required=True))) as endpoint:
        connection = opened(endpoint, settings)
        with connection:
            stages = [stage for stage, _ in connection.stages]
            assert stages == ["dns", "tcp", "tls", "sasl", "api_versions", "metadata"]
            assert len(connection.ask(Call("ApiVersions", 18, 1, b""))) > 6


@pytest.mark.parametrize("user", ["a,b", "c=d", "ünï"])
def test_odd_user_names_survive_scram(user: str) -> None:
    broker = kafka("SCRAM-SHA-256", login_required=True)
    broker.users[user] = "p,w=ü"
    with Endpoint(broker) as endpoint, opened(endpoint, login("SCRAM-SHA-256", "p,w=ü", user)):
        assert broker.logins == 2


def test_a_client_certificate_is_shown() -> None:
    with (
        Endpoint(tls("server", kafka(), client_ca="ca")) as endpoint,
        opened(endpoint, with_keystore("client")) as c,
    ):
        assert not c.closed


def test_stores_can_stand_in_the_settings_themselves() -> None:
    key, _, chain = (CERTS / "client.pem").read_text().partition("-----BEGIN CERTIFICATE")
    settings = {
        "security.protocol": "SSL",
        "ssl.truststore.certificates": (CERTS / "ca.pem").read_text(),
        "ssl.keystore.key": key,
        "ssl.keystore.certificate.chain": "-----BEGIN CERTIFICATE" + chain,
    }
    with Endpoint(tls("server", kafka(), client_ca="ca")) as endpoint, opened(endpoint, settings) as c:
        assert not c.closed


def test_without_host_name_check_another_name_will_do() -> None:
    settings = {**TLS, "ssl.endpoint.identification.algorithm": ""}
    with Endpoint(tls("elsewhere", kafka())) as endpoint, opened(endpoint, settings) as connection:
        assert not connection.closed


def test_a_login_that_ends_is_renewed_on_the_same_connection() -> None:
    broker = kafka("PLAIN", login_required=True)
    broker.lifetime_ms = 200
    with Endpoint(broker) as endpoint, opened(endpoint, login("PLAIN")) as connection:

        def renewed() -> bool:
            connection.ask(Call("ApiVersions", 18, 1, b""))
            return broker.logins >= 2

        wait_for(renewed, 5, "a second login")
        assert endpoint.accepted == 1


# ------------------------------------------------------------------ not let in

CASES: dict[str, tuple[Handler, dict[str, str], str, str, str]] = {
    "wrong password": (kafka("PLAIN"), login("PLAIN", "wrong"), "sasl", "sasl", "user or password refused"),
    "wrong SCRAM password": (
        kafka("SCRAM-SHA-512"),
        login("SCRAM-SHA-512", "wrong"),
        "sasl",
        "sasl",
        "user or password refused",
    ),
    "wrong mechanism": (
        kafka("SCRAM-SHA-512"),
        login("PLAIN"),
        "sasl",
        "sasl",
        "this listener does not offer PLAIN",
    ),
    "login where there is none": (kafka(), login("PLAIN"), "sasl", "sasl", "this listener has no login"),
    "no login where one is wanted": (
        kafka("PLAIN", login_required=True),
        {},
        "metadata",
        "sasl",
        "this listener wants a login",
    ),
    "unknown CA": (
        tls("server", kafka()),
        {"security.protocol": "SSL"},
        "tls",
        "tls",
        "the broker's certificate is not signed by a CA we trust",
    ),
    "expired": (tls("expired", kafka()), TLS, "tls", "tls", "the broker's certificate has expired"),
    "other name": (
        tls("elsewhere", kafka()),
        TLS,
        "tls",
        "tls",
        "the broker's certificate is for another name",
    ),
    "plaintext to a TLS port, as Kafka answers": (
        says(TLS_ALERT),
        {},
        "api_versions",
        "protocol",
        "this port speaks TLS",
    ),
    "TLS to a plaintext port": (hangs_up, TLS, "tls", "tls", "this port has no TLS"),
    "no client certificate": (
        tls("server", kafka(), client_ca="ca"),
        TLS,
        "api_versions",
        "tls",
        "this listener requires a client certificate",
    ),
    "foreign client certificate": (
        tls("server", kafka(), client_ca="ca"),
        with_keystore("stranger"),
        "api_versions",
        "tls",
        "the broker refuses our client certificate",
    ),
    "HTTP": (says(b"HTTP/1.1 400 Bad"), {}, "api_versions", "protocol", "this port speaks HTTP, not Kafka"),
    "rubbish": (says(b"\x7f\xff\xff\xff...."), {}, "api_versions", "protocol", "the answer is no Kafka"),
    "hangs up": (hangs_up, {}, "api_versions", "reset", "the broker closed the connection"),
    "half an answer": (
        says(b"\0\0\0\x0a\0\0\0\1\0\0\0\0\0\xff"),
        {},
        "api_versions",
        "protocol",
        "the answer to api_versions does not follow Kafka's schema",
    ),
    "an answer to nobody": (
        says(b"\0\0\0\x04\0\0\0\x09"),
        {},
        "api_versions",
        "protocol",
        "the answer belongs to no question of ours",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_each_cause_has_its_sentence(name: str) -> None:
    handler, settings, stage, outcome, reason = CASES[name]
    error = failure(handler, settings)
    assert (error.stage, error.outcome) == (stage, outcome)
    assert error.reason.startswith(reason)
    assert error.title.startswith("127.0.0.1:")


@pytest.mark.parametrize(
    ("settings", "stage"), [({}, "api_versions"), (TLS, "tls"), (login("PLAIN"), "sasl")]
)
def test_silence_ends_at_the_deadline_and_names_the_stage(settings: dict[str, str], stage: str) -> None:
    began = time.monotonic()
    error = failure(silent, settings, timeout_s=0.3)
    assert (error.stage, error.outcome) == (stage, "timeout")
    assert 0.25 < time.monotonic() - began < 3


def test_a_reset_is_a_reset_whenever_it_comes() -> None:
    error = failure(resets, {})
    assert error.outcome == "reset"
    assert error.stage in ("tcp", "api_versions")


def test_a_name_without_address_says_so() -> None:
    with pytest.raises(WireError) as caught:
        Connection.open("no-such-name.invalid", 9092, Security())
    assert caught.value.outcome in ("unresolved", "timeout")
    assert caught.value.stage == "dns"


def test_a_port_where_nobody_listens_refuses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(WireError) as caught:
        Connection.open("127.0.0.1", port, Security())
    assert (caught.value.stage, caught.value.outcome) == ("tcp", "refused")


def test_a_broker_that_falls_silent_later_is_a_time_out_of_that_request_and_closes() -> None:
    broker = kafka()
    with Endpoint(broker) as endpoint, opened(endpoint, {}) as connection:
        broker.answering.clear()
        with pytest.raises(WireError) as caught:
            connection.ask(Call("Metadata", 3, 7, b"\0\0\0\0\0"), timeout_s=0.2)
        assert (caught.value.stage, caught.value.outcome) == ("Metadata", "timeout")
        assert connection.closed
        broker.answering.set()


def test_a_request_that_the_broker_does_not_offer_is_not_sent() -> None:
    with Endpoint(kafka()) as endpoint, opened(endpoint, {}) as connection:
        with pytest.raises(WireError, match="does not offer Imaginary 1"):
            connection.ask(Call("Imaginary", 999, 1, b""))
        assert not connection.closed


def test_a_refused_login_is_repeated_at_our_own_pace_only() -> None:
    broker = kafka("PLAIN", login_required=True)
    settings = Security.from_settings(login("PLAIN", "wrong"))
    security = replace(settings, refusals=Refusals(again_s=0.3))
    with Endpoint(broker) as endpoint:
        said: set[str] = set()

        def let_in() -> bool:
            try:
                Connection.open("127.0.0.1", endpoint.port, security).close()
            except WireError as error:
                said.add(error.title)
                return False
            return True

        assert [let_in() for _ in range(5)] == [False] * 5
        assert said == {f"{endpoint.address}: user or password refused"}
        assert broker.logins == 1
        broker.users["ann"] = "wrong"  # somebody has set it to the password that we have
        wait_for(let_in, 5, "a login after the pause")
        assert broker.logins == 2


# ------------------------------------------------------------------ client.properties


def test_relative_stores_are_sought_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes((CERTS / "ca.pem").read_bytes())
    file = tmp_path / "client.properties"
    file.write_text("security.protocol=SSL\nssl.truststore.type=PEM\nssl.truststore.location=ca.pem\n")
    assert Security.from_properties(file).context() is not None


def test_secrets_are_not_in_the_repr() -> None:
    assert "secret" not in repr(Security.from_settings(login("PLAIN")))
