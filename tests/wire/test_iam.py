"""Logins by IAM to a broker that verifies the signature: both mechanisms, renewal, and what goes wrong."""

from __future__ import annotations

import itertools
import json
import pickle
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from msktop.aws.access import Access
from msktop.aws.iam import AGENT, IamTokens, Role
from msktop.logins import with_tokens
from msktop.model.samples import Probed, Sample, SourceFailed
from msktop.sources.clock import Anchor
from msktop.sources.probe import ProbeSource
from msktop.sources.pump import ProcessPump
from msktop.wire.call import Call
from msktop.wire.connection import Connection
from msktop.wire.errors import WireError
from msktop.wire.security import Security
from tests.aws.conftest import home as home
from tests.support import wait_for
from tests.wire.endpoint import CERTS, Endpoint, tls
from tests.wire.iam_broker import MECHANISMS, IamKafka

REGION = "eu-west-1"
OLD, NEW = {"ASIAOLD": ("old-secret", "old-token")}, {"ASIANEW": ("new-secret", "new-token")}
PING = Call("ApiVersions", 18, 1, b"")


class Process:
    """A profile whose credential_process says what a test wants, after as long as it wants."""

    def __init__(self, home: Path) -> None:
        self._said = home / "said.json"
        self._runs = home / "runs"
        self._pause = home / "pause"
        self.say(OLD)
        script = home / "process.sh"
        script.write_text(f'echo >> "{self._runs}"\nwhile [ -e "{self._pause}" ]; do sleep 0.02; done\n')
        with script.open("a") as file:
            file.write(f'cat "{self._said}"\n')
        (home / ".aws").mkdir()
        (home / ".aws" / "config").write_text(f"[profile p]\ncredential_process = /bin/sh {script}\n")

    def say(self, keys: dict[str, tuple[str, str]], for_s: float = 3600) -> None:
        """From now on, these, that end in so long."""
        [(access_key, (secret, token))] = keys.items()
        ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + for_s))
        document = {
            "Version": 1,
            "AccessKeyId": access_key,
            "SecretAccessKey": secret,
            "SessionToken": token,
            "Expiration": ends,
        }
        self._said.write_text(json.dumps(document))

    def hold(self) -> None:
        """Say nothing before `release`."""
        self._pause.touch()

    def release(self) -> None:
        """Go on."""
        self._pause.unlink()

    @property
    def runs(self) -> int:
        """How often it was run."""
        return len(self._runs.read_text().splitlines()) if self._runs.exists() else 0


@pytest.fixture
def process(home: Path) -> Process:
    return Process(home)


HANDLER = "software.amazon.msk.auth.iam.IAMOAuthBearerLoginCallbackHandler"


def settings(mechanism: str) -> dict[str, str]:
    return {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": mechanism,
        "sasl.jaas.config": 'software.amazon.msk.auth.iam.IAMLoginModule required awsProfileName="p";',
        "sasl.login.callback.handler.class": HANDLER,
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(CERTS / "ca.pem"),
    }


def security(mechanism: str = "OAUTHBEARER") -> Security:
    return with_tokens(Security.from_settings(settings(mechanism)), Access(regions=(REGION,)))


def opened(endpoint: Endpoint, by: Security) -> Connection:
    return Connection.open("localhost", endpoint.port, by, timeout_s=10)


# ------------------------------------------------------------------ let in


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_signed_login_is_let_in(mechanism: str, process: Process) -> None:
    broker = IamKafka(dict(OLD), REGION)
    with Endpoint(tls("server", broker)) as endpoint, opened(endpoint, security(mechanism)) as connection:
        assert [stage for stage, _ in connection.stages][3] == "sasl"
    assert [key for key, _ in broker.accepted] == ["ASIAOLD"]
    assert broker.agents == {AGENT}
    assert broker.hosts == {"localhost" if mechanism == "AWS_MSK_IAM" else f"kafka.{REGION}.amazonaws.com"}


def test_many_logins_fetch_the_credentials_once(process: Process) -> None:
    by = security()
    with Endpoint(tls("server", IamKafka(dict(OLD), REGION))) as endpoint:
        for _ in range(3):
            opened(endpoint, by).close()
    assert process.runs == 1


def test_a_session_that_ends_is_renewed_with_a_new_token_on_the_same_connection(process: Process) -> None:
    broker = IamKafka(dict(OLD), REGION)
    broker.lifetime_ms = 300
    with Endpoint(tls("server", broker)) as endpoint, opened(endpoint, security()) as connection:

        def renewed() -> bool:
            connection.ask(PING)
            return len({date for _, date in broker.accepted}) >= 2  # dates are in whole seconds

        wait_for(renewed, 10, "a login with another token")
        assert endpoint.accepted == 1


def test_keys_that_end_are_renewed_in_time_and_the_next_login_has_the_new_ones(process: Process) -> None:
    process.say(OLD, for_s=8)
    broker = IamKafka({**OLD, **NEW}, REGION)
    by = security()
    with Endpoint(tls("server", broker)) as endpoint:
        opened(endpoint, by).close()
        process.say(NEW)

        def is_new() -> bool:
            opened(endpoint, by).close()
            return broker.accepted[-1][0] == "ASIANEW"

        wait_for(is_new, 20, "a login with the new keys")
    assert not broker.refused


def test_the_probes_own_process_signs_too_and_no_secret_goes_there(process: Process) -> None:
    by = security()
    assert by.tokens is not None
    assert by.tokens.ready(10)
    data = pickle.dumps(by)
    assert b"secret" not in data
    assert b"ASIA" not in data
    broker = IamKafka(dict(OLD), REGION)
    seen: list[Sample] = []
    with Endpoint(tls("server", broker)) as endpoint:
        broker.nodes = [(1, "localhost", endpoint.port)]
        clock = Anchor.take()
        pump = ProcessPump(ProbeSource(f"localhost:{endpoint.port}", by, clock), seen.append, clock)
        pump.start()
        wait_for(lambda: bool(seen), 15, "an answer")
        pump.stop()
    assert isinstance(seen[0], Probed)
    assert seen[0].outcome == "ok"
    assert process.runs == 2


def test_the_region_is_the_one_in_the_brokers_name(process: Process) -> None:
    tokens = IamTokens(Access("p", ("us-east-1",)))
    assert tokens.ready(10)
    said = tokens.token("AWS_MSK_IAM", "b-1.orders.abc.c2.kafka.ap-south-1.amazonaws.com")
    assert "/ap-south-1/kafka-cluster/" in json.loads(said)["x-amz-credential"]


# ------------------------------------------------------------------ not let in


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_wrong_secret_is_iam_refusing(mechanism: str, process: Process) -> None:
    with (
        Endpoint(tls("server", IamKafka({"ASIAOLD": ("another", "old-token")}, REGION))) as endpoint,
        pytest.raises(WireError) as caught,
    ):
        opened(endpoint, security(mechanism))
    assert (caught.value.stage, caught.value.outcome, caught.value.error_code) == ("sasl", "sasl", 58)
    assert "IAM refused the login" in caught.value.reason
    assert "signature" in caught.value.reason
    assert "kafka-cluster:Connect" in caught.value.advice


def test_no_credentials_is_said_before_any_broker_is_asked(home: Path) -> None:
    by = with_tokens(Security.from_settings(settings("OAUTHBEARER")), Access(regions=(REGION,)))
    with Endpoint(tls("server", IamKafka({}, REGION))) as endpoint:
        with pytest.raises(WireError) as caught:
            opened(endpoint, by)
        assert endpoint.accepted == 0
    assert (caught.value.stage, caught.value.outcome) == ("credentials", "sasl")
    assert "profile (p)" in caught.value.title


def test_credentials_that_take_long_are_waited_for_to_the_deadline(process: Process) -> None:
    process.hold()
    with Endpoint(tls("server", IamKafka(dict(OLD), REGION))) as endpoint, pytest.raises(WireError) as caught:
        Connection.open("localhost", endpoint.port, security(), timeout_s=0.3)
    process.release()
    assert (caught.value.stage, caught.value.outcome) == ("credentials", "timeout")


def test_a_role_on_top_is_told_apart_from_the_profile_itself() -> None:
    text = {**settings("AWS_MSK_IAM"), "sasl.jaas.config": 'x.IAMLoginModule required awsRoleArn="arn:r";'}
    assert with_tokens(Security.from_settings(text)).tokens == IamTokens(Access(), Role("arn:r"))


# ------------------------------------------------------------------ the probe


def until(condition: Callable[[], bool], what: str) -> None:
    wait_for(condition, 15, what)


def test_fetching_new_credentials_never_stalls_a_probe(process: Process) -> None:
    """Renewal takes long: pings go on in their rhythm all the while, and new connections log in."""
    process.say(OLD, for_s=12)
    broker = IamKafka(dict(OLD), REGION)
    broker.lifetime_ms = 1000
    by, stop = security(), threading.Event()
    seen: list[Sample] = []
    with Endpoint(tls("server", broker)) as endpoint:
        broker.nodes = [(1, "localhost", endpoint.port)]
        source = ProbeSource(f"localhost:{endpoint.port}", by, Anchor.take())

        def watch() -> None:
            for sample in source.samples(stop):
                seen.append(sample)

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        until(lambda: any(isinstance(s, Probed) and s.outcome == "ok" for s in seen), "a first answer")
        process.hold()
        runs = process.runs
        until(lambda: process.runs > runs, "a renewal that hangs")
        held_at = len(seen)
        until(lambda: {"ping", "connect"} == {s.how for s in seen[held_at:] if isinstance(s, Probed)}, "both")
        until(lambda: len(seen) >= held_at + 6, "more pings")
        process.release()
        stop.set()
        thread.join(5)
    probes = [s for s in seen if isinstance(s, Probed)]
    assert all(s.outcome == "ok" for s in probes)
    assert not any(isinstance(s, SourceFailed) for s in seen)
    gaps = [after.at - before.at for before, after in itertools.pairwise(probes)]
    assert max(gaps) < 1.0
