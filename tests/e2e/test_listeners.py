"""The monitor gets into a real cluster by TLS and by SCRAM, and says why where it does not."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

from msktop.local import java, listeners
from msktop.local.load import TOPICS
from msktop.local.plan import broker_addresses
from msktop.local.settings import Listener
from msktop.wire.connection import Connection
from msktop.wire.errors import WireError
from msktop.wire.security import Security
from tests.e2e.conftest import LocalCluster
from tests.support import wait_for

pytestmark = pytest.mark.e2e

FOREIGN_CA = Path(__file__).parents[1] / "wire" / "certs" / "foreign_ca.pem"


def client_properties(cluster: LocalCluster, listener: Listener) -> Path:
    return Path(cluster.state.client_properties[listener])


def topics(cluster: LocalCluster) -> list[str]:
    """Kafka's own word."""
    admin = KafkaAdminClient(bootstrap_servers=cluster.bootstrap_servers)
    try:
        return list(admin.list_topics())
    finally:
        admin.close()


def seen_by_msktop(cluster: LocalCluster, listener: Listener) -> dict[str, Any]:
    """What `msktop status --json` says by this listener."""
    words = ["--bootstrap-servers", cluster.state.servers[listener]]
    words += [
        "--command-config",
        str(client_properties(cluster, listener)),
        "status",
        "--json",
        "--for",
        "4s",
    ]
    command = [sys.executable, "-m", "msktop", *words]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr + ended.stdout
    return cast(dict[str, Any], json.loads(ended.stdout))


@pytest.mark.parametrize(
    ("mode", "listener", "protocol"), [("kraft", "tls", "SSL"), ("zookeeper", "scram", "SASL_SSL")]
)
def test_the_monitor_sees_the_whole_cluster_by_each_listener(
    request: pytest.FixtureRequest, mode: str, listener: Listener, protocol: str
) -> None:
    cluster: LocalCluster = request.getfixturevalue(f"{mode}_cluster")
    cluster.wait_balanced()
    wait_for(lambda: set(topics(cluster)) >= {t.name for t in TOPICS}, 60, "the traffic's topics")
    seen = seen_by_msktop(cluster, listener)
    assert seen["cluster"]["security_protocol"] == protocol
    assert seen["cluster"]["id"] == cluster.state.cluster_id
    assert [b["id"] for b in seen["brokers"]] == [1, 2, 3]
    assert seen["partitions"]["total"] >= sum(t.partitions for t in TOPICS)
    assert seen["partitions"]["offline"] == 0
    sources = {source["name"]: source for source in seen["sources"]}
    assert {"metadata", "probe", "offsets"} <= {name for name, source in sources.items() if source["ok"]}


Change = Callable[[str], str]


def with_password(word: str) -> Change:
    return lambda text: re.sub('password="[^"]*"', f'password="{word}"', text)


def trusting(ca: Path) -> Change:
    return lambda text: re.sub("ssl.truststore.location=.*", f"ssl.truststore.location={ca}", text)


REFUSALS: dict[str, tuple[Listener, Listener, Change, str, str]] = {
    "a wrong password": ("scram", "scram", with_password("x"), "sasl", "user or password refused"),
    "an unknown user": (
        "scram",
        "scram",
        lambda text: text.replace('username="msktop"', 'username="nobody"'),
        "sasl",
        "user or password refused",
    ),
    "another mechanism": (
        "scram",
        "scram",
        lambda text: text.replace("SCRAM-SHA-512", "SCRAM-SHA-256"),
        "sasl",
        "this listener does not offer SCRAM-SHA-256",
    ),
    "a CA that we do not trust": ("tls", "tls", trusting(FOREIGN_CA), "tls", "not signed by a CA we trust"),
    "TLS to the plaintext port": ("tls", "plaintext", str, "tls", "this port has no TLS"),
    "plaintext to the TLS port": (
        "tls",
        "tls",
        lambda _: "security.protocol=PLAINTEXT",
        "api_versions",
        "this port speaks TLS",
    ),
    "no login where one is wanted": ("tls", "scram", str, "metadata", "this listener wants a login"),
    "a login where there is none": ("scram", "tls", str, "sasl", "this listener has no login"),
}


@pytest.mark.parametrize("situation", REFUSALS)
def test_each_way_to_be_refused_has_its_own_sentence(
    kraft_cluster: LocalCluster, tmp_path: Path, situation: str
) -> None:
    file_of, listener, change, stage, sentence = REFUSALS[situation]
    properties = tmp_path / "client.properties"
    properties.write_text(change(client_properties(kraft_cluster, file_of).read_text()))
    broker = kraft_cluster.state.brokers[0]
    with pytest.raises(WireError, match=sentence) as refused:
        Connection.open(broker.address, broker.ports[listener], Security.from_properties(properties))
    assert refused.value.stage == stage
    assert refused.value.advice


@pytest.fixture
def broker_with_an_expired_certificate(kraft_cluster: LocalCluster) -> Iterator[tuple[str, int]]:
    """Broker 3 shows, for a while, a certificate that its own authority issued and that has run out."""
    broker = kraft_cluster.state.brokers[2]
    authority = listeners.authority(Path(broker.storage.path).parent.parent)
    net = int(broker.address.split(".")[1])
    addresses = broker_addresses(net, len(kraft_cluster.state.zones))  # Kafka wants the same names
    authority.issue(java.runtime(), "expired", addresses, start="-400d", days=10)
    key = "listener.name.client_secure.ssl.keystore.location"
    admin = KafkaAdminClient(bootstrap_servers=kraft_cluster.bootstrap_servers)

    def show(alias: str) -> None:
        configs = {key: str(authority.keystore(alias))}
        resource = ConfigResource(ConfigResourceType.BROKER, str(broker.id), configs)
        assert admin.alter_configs([resource], raise_on_unknown=False) == {"broker": {str(broker.id): "OK"}}

    try:
        show("expired")
        yield broker.address, broker.ports["tls"]
    finally:
        show(listeners.KEYSTORE)
        admin.close()


def test_an_expired_certificate_is_called_expired(
    kraft_cluster: LocalCluster, broker_with_an_expired_certificate: tuple[str, int]
) -> None:
    security = Security.from_properties(client_properties(kraft_cluster, "tls"))

    def refused() -> str:
        try:
            Connection.open(*broker_with_an_expired_certificate, security).close()
        except WireError as error:
            return f"{error.stage}: {error.reason}"
        return ""

    assert wait_for(refused, 10, "it is shown") == "tls: the broker's certificate has expired"


def test_only_the_owner_can_read_what_lets_one_in(kraft_cluster: LocalCluster) -> None:
    state = kraft_cluster.state
    keys = listeners.authority(Path(state.brokers[0].storage.path).parent.parent).folder
    secret = [Path(path) for path in state.client_properties.values()] + list(keys.iterdir())
    assert len(secret) >= 5
    assert [path for path in secret if path.stat().st_mode & 0o077] == []
    password = Security.from_properties(client_properties(kraft_cluster, "scram")).password
    for process in [state.supervisor_pid, *(n.pid for n in state.nodes)]:
        for file in ("cmdline", "environ"):
            assert password.encode() not in Path(f"/proc/{process}/{file}").read_bytes()
