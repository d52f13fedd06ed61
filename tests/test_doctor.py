"""`msktop doctor` step by step: AWS as botocore's models have it, brokers that let in, refuse, hide, hang."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from msktop.aws.access import Access
from msktop.aws.errors import AwsError
from msktop.aws.session import Credentials, Identity
from msktop.doctor import control, examine, paths
from msktop.doctor.report import Check, line
from msktop.logins import with_network
from msktop.settings import MskTarget, Target
from msktop.wire.security import Security
from tests.aws.conftest import home as home
from tests.sources import msk_answers as msk
from tests.sources.fake_aws import FakeAws, denied, error
from tests.wire.endpoint import CERTS, Endpoint, Kafka, silent, tls
from tests.wire.socks_server import SocksServer

DESCRIBE, DESCRIBE_CONFIGS = 1 << 8, 1 << 10


def cluster(
    operations: int = DESCRIBE | DESCRIBE_CONFIGS,
    configs_error: int = 0,
    topics: tuple[bytes, ...] = (b"orders",),
    groups: tuple[bytes, ...] = (b"billing",),
) -> Kafka:
    """A broker that answers what the doctor asks, in the versions that msktop speaks."""
    broker = Kafka([(1, "127.0.0.1", 1)])
    listed = b"".join(
        struct.pack(">hB", 0, len(t) + 1) + t + bytes(16) + b"\0\1" + struct.pack(">iB", 0, 0) for t in topics
    )
    names = b"".join(struct.pack(">h", len(g)) + g + b"\0\0" for g in groups)
    broker.answers = {
        (3, 10): struct.pack(">BiBBiB", 0, 0, 1, 0, 1, len(topics) + 1) + listed + struct.pack(">iB", 0, 0),
        (16, 1): struct.pack(">ihi", 0, 0, len(groups)) + names,
        (32, 1): struct.pack(">iihhbhi", 0, 1, configs_error, -1, 4, -1, 0),
        (60, 0): struct.pack(">BihBBiBiB", 0, 0, 0, 0, 0, 1, 1, operations, 0),
    }
    return broker


def examined(target: Target | None, access: Access | None = None) -> tuple[int, dict[str, dict[str, Any]]]:
    out = io.StringIO()
    code = examine(target, access or Access(), True, out)
    document = json.loads(out.getvalue())
    assert document["ok"] == (code == 0)
    return code, {check["name"]: check for check in document["checks"]}


def brokers(address: str, security: Security | None = None) -> Target:
    return Target(name=address, bootstrap_servers=address, security=security or Security())


def failed(checks: dict[str, dict[str, Any]]) -> set[str]:
    return {name for name, check in checks.items() if check["state"] == "failed"}


# ------------------------------------------------------------------ brokers


def test_a_broker_that_lets_in_passes_every_step_and_aws_is_not_asked() -> None:
    broker = cluster()
    with Endpoint(broker) as endpoint:
        broker.nodes = [(1, "127.0.0.1", endpoint.port)]
        code, checks = examined(brokers(endpoint.address))
    assert code == 0
    steps = ("names", f"port {endpoint.port} (Kafka)", "tcp", "api_versions", "metadata", "topics", "groups")
    assert all(checks[step]["state"] == "ok" and checks[step]["took_ms"] is not None for step in steps)
    assert checks["allowed on the cluster"]["detail"] == "Describe, DescribeConfigs"
    assert checks["port 9098 (IAM)"]["state"] == "note"
    assert checks["DescribeQuorum"]["state"] == "skipped"
    assert not any(check["stage"] in ("credentials", "api") for check in checks.values())


def test_what_kafka_denies_or_hides_is_told_with_the_remedy() -> None:
    broker = cluster(DESCRIBE, configs_error=31, topics=())
    with Endpoint(broker) as endpoint:
        broker.nodes = [(1, "127.0.0.1", endpoint.port)]
        code, checks = examined(brokers(endpoint.address))
    assert code == 1
    assert failed(checks) == {"allowed on the cluster", "DescribeConfigs"}
    assert "kafka-acls" in checks["DescribeConfigs"]["advice"]
    assert checks["topics"]["state"] == "note"
    assert "hidden" in checks["topics"]["advice"]


def test_other_brokers_that_the_first_one_names_are_examined_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "LOGIN_S", 0.5)
    broker = cluster()
    with Endpoint(broker) as endpoint, Endpoint(silent) as other:
        broker.nodes = [(1, "127.0.0.1", endpoint.port), (2, "127.0.0.1", other.port)]
        code, checks = examined(brokers(endpoint.address))
    assert code == 1
    assert failed(checks) == {"api_versions"}
    assert "does not answer" in checks["api_versions"]["detail"]


def test_a_refused_login_stops_at_its_stage() -> None:
    broker = cluster()
    broker.mechanisms, broker.login_required = ("SCRAM-SHA-512",), True
    login = Security(protocol="SASL_PLAINTEXT", mechanism="SCRAM-SHA-512", username="ann", password="wrong")
    with Endpoint(broker) as endpoint:
        code, checks = examined(brokers(endpoint.address, login))
    assert code == 1
    assert failed(checks) == {"sasl"}
    assert "user or password refused" in checks["sasl"]["detail"]
    assert "topics" not in checks


def test_an_expired_certificate_is_the_tls_stage() -> None:
    by = Security.from_settings(
        {"security.protocol": "SSL", "ssl.truststore.location": str(CERTS / "ca.pem")}
    )
    with Endpoint(tls("expired", cluster())) as endpoint:
        _, checks = examined(brokers(endpoint.address, by))
    assert failed(checks) == {"tls"}
    assert "expired" in checks["tls"]["detail"]


def test_by_a_proxy_the_names_are_the_proxys_matter() -> None:
    broker = cluster()
    with SocksServer({"b-1.orders": "127.0.0.1"}) as proxy, Endpoint(broker) as endpoint:
        broker.nodes = [(1, "b-1.orders", endpoint.port)]
        by = with_network(Security(), proxy.url)
        code, checks = examined(brokers(f"b-1.orders:{endpoint.port}", by))
    assert code == 0
    assert checks["names"]["state"] == "skipped"
    assert checks["proxy"]["state"] == "ok"


# ------------------------------------------------------------------ AWS


class Account(FakeAws):
    """Credentials without a chain."""

    def credentials(self) -> Credentials:
        return Credentials("AKIA", "secret")

    def identity(self) -> Identity:
        return Identity("123456789012", "arn:aws:iam::123456789012:user/ann")


def of_cluster(**answers: object) -> tuple[Any, dict[str, Check]]:
    said: list[Check] = []
    session = Account(msk.answers(ListTopics={"Topics": []}, **answers))
    return control.cluster(session, "orders", said.append), {check.name: check for check in said}


def test_every_call_of_the_monitor_is_tried_and_timed() -> None:
    found, checks = of_cluster()
    assert {check.state for check in checks.values()} == {"ok"}
    assert all(check.took_ms is not None for check in checks.values())
    assert {"kafka:ListNodes", "cloudwatch:GetMetricData", "ec2:DescribeSubnets"} <= checks.keys()
    assert checks["kafka:GetBootstrapBrokers"].detail == "SaslIam, SaslScram"
    assert sorted(found.brokers) == [1, 2, 3]


def test_a_denied_call_names_its_action_and_the_others_go_on() -> None:
    found, checks = of_cluster(ListNodes=denied("kafka:ListNodes"))
    nodes = checks["kafka:ListNodes"]
    assert (nodes.state, nodes.action) == ("failed", "kafka:ListNodes")
    assert "doctor --policy" in nodes.advice
    assert checks["cloudwatch:ListMetrics"].state == "ok"
    assert not found.permissions["kafka:ListNodes"].allowed


def test_what_the_monitor_can_do_without_is_a_note() -> None:
    _, checks = of_cluster(DescribeSubnets=denied("ec2:DescribeSubnets"))
    assert checks["ec2:DescribeSubnets"].state == "note"


def test_calls_that_a_serverless_cluster_does_not_take_are_skipped() -> None:
    bad = error("BadRequestException", "This operation cannot be performed on serverless clusters.")
    _, checks = of_cluster(DescribeClusterV2={"ClusterInfo": msk.serverless()}, ListNodes=bad)
    assert checks["kafka:ListNodes"].state == "skipped"


def test_refused_credentials_end_the_examination_of_aws() -> None:
    class Expired(Account):
        def identity(self) -> Identity:
            raise AwsError("expired", "the AWS credentials have expired", "Renew them.")

    said: list[Check] = []
    assert not control.credentials(Expired({}), said.append)
    assert said[-1].state == "failed"
    assert said[-1].advice == "Renew them."


def test_without_credentials_nothing_else_of_aws_is_tried(home: Path) -> None:
    code, checks = examined(None, Access(regions=("eu-west-1",)))
    assert code == 1
    assert list(checks) == ["credentials"]
    target = Target(
        name="orders", bootstrap_servers="", msk=MskTarget("orders", Access(None, ("eu-west-1",)))
    )
    _, checks = examined(target)
    assert failed(checks) == {"credentials", "endpoints"}


# ------------------------------------------------------------------ words


def test_foreign_words_cannot_write_on_the_terminal() -> None:
    assert "\x1b" not in line(Check("kafka", "x", "failed", None, "\x1b[31mred", "\x1b[0m"))


@pytest.mark.parametrize("role", ["monitor", "operate"])
def test_the_policy_is_printed_alone(role: str, home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "msktop", "doctor", "--policy", role],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert json.loads(done.stdout)["Version"] == "2012-10-17"
    assert ("kafka:RebootBroker" in done.stdout) == (role == "operate")
