"""What the probe says of brokers that answer, hang, break, move and come back."""

from __future__ import annotations

import os
import pickle
import signal
import socket
import subprocess
import sys
import time
from itertools import pairwise
from typing import IO

import pytest

from msktop.model.samples import HostStarved, Probed, Sample, SourceFailed
from msktop.recording.codec import decode
from msktop.sources.clock import Anchor
from msktop.sources.probe import ProbeSource
from msktop.sources.pump import ProcessPump, read_frame
from msktop.wire.minimal import Node
from msktop.wire.security import Security
from tests.sources.watching import Watching, watching
from tests.support import wait_for
from tests.wire.endpoint import Endpoint, Handler, Kafka, says, silent

STAGES = ("dns", "tcp", "api_versions", "metadata")
TLS_ALERT = bytes.fromhex("15030300020250")


def probe(*addresses: str, security: Security | None = None) -> ProbeSource:
    return ProbeSource(",".join(addresses), security or Security(), Anchor.take())


def broker(node_id: int = 1) -> tuple[Kafka, Endpoint]:
    """One broker that names itself in Metadata."""
    kafka = Kafka()
    endpoint = Endpoint(kafka)
    kafka.nodes = [(node_id, "127.0.0.1", endpoint.port)]
    return kafka, endpoint


def failures(seen: Watching) -> list[SourceFailed]:
    return [s for s in list(seen.said) if isinstance(s, SourceFailed)]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


# ------------------------------------------------------------------ what the control plane lists


def test_a_listed_broker_that_metadata_leaves_out_is_probed_until_it_is_listed_no_more() -> None:
    _, endpoint = broker(1)
    source = probe(endpoint.address)
    with endpoint, watching(source) as seen:
        seen.wait_probed(broker_id=1, outcome="ok")
        gone = Node(2, "127.0.0.1", free_port(), "use1-az2")
        source.hear((Node(1, "127.0.0.1", endpoint.port, "use1-az1"), gone))
        assert seen.wait_probed(broker_id=2).outcome == "refused"
        source.hear((Node(1, "127.0.0.1", endpoint.port, "use1-az1"),))
        mark = len(seen.said)
        wait_for(lambda: len(seen.probed(mark, broker_id=1)) >= 8, 5, "two seconds of the other")
        assert not seen.probed(mark + 4, broker_id=2)


def test_a_process_hears_the_newest_list_also_when_it_is_started_again() -> None:
    _, endpoint = broker(1)
    said: list[Sample] = []
    clock = Anchor.take()
    pump = ProcessPump(ProbeSource(endpoint.address, Security(), clock), said.append, clock)

    def refused() -> bool:
        return any(isinstance(s, Probed) and (s.broker_id, s.outcome) == (2, "refused") for s in said)

    with endpoint:
        pump.start()
        try:
            pump.tell((Node(2, "127.0.0.1", free_port(), None),))
            wait_for(refused, 20, "a probe of what was told")
            assert pump.pid is not None
            os.kill(pump.pid, signal.SIGKILL)
            wait_for(lambda: any(isinstance(s, SourceFailed) for s in said), 10, "its end")
            said.clear()
            wait_for(refused, 20, "a probe by the next process")
        finally:
            pump.stop()


# ------------------------------------------------------------------ brokers that answer


def test_a_broker_is_connected_through_all_stages_and_then_pinged_four_times_a_second() -> None:
    _, endpoint = broker()
    with endpoint, watching(probe(endpoint.address)) as seen:
        first = seen.wait_probed(how="connect", outcome="ok")
        wait_for(lambda: len(seen.probed(how="ping", outcome="ok")) >= 6, 5, "six pings")
        assert tuple(stage for stage, _ in first.stages) == STAGES
        pings = seen.probed(how="ping")
        pace_s = (pings[-1].at - pings[0].at) / (len(pings) - 1)
        assert pace_s == pytest.approx(0.25, abs=0.06)
        assert all(ping.stages[0][0] == "api_versions" and ping.stages[0][1] > 0 for ping in pings)
        assert endpoint.accepted == 1


def test_brokers_are_learned_from_one_of_them_and_outlive_it() -> None:
    (one, first), (two, second) = broker(1), broker(2)
    one.nodes = two.nodes = [*one.nodes, *two.nodes]
    with second, first, watching(probe(first.address)) as seen:
        seen.wait_probed(broker_id=1, how="ping", outcome="ok")
        seen.wait_probed(broker_id=2, how="ping", outcome="ok")
        two.nodes = two.nodes[1:]  # a dead broker leaves Metadata
        first.close()
        seen.wait_probed(broker_id=1, how="connect", outcome="refused")
        since = len(seen.said)
        seen.wait_probed(since=since, broker_id=2, how="ping", outcome="ok")
        seen.wait_probed(since=since, broker_id=1, how="connect", outcome="refused")


def test_a_broker_that_moved_is_followed() -> None:
    (old, first), (new, second) = broker(7), broker(7)
    old.nodes = new.nodes
    with first, second, watching(probe(first.address)) as seen:
        found = seen.wait_probed(broker_id=7, how="ping", outcome="ok")
        assert found.port == second.port


@pytest.mark.parametrize(("error_code", "throttle_ms"), [(35, 0), (0, 300)])
def test_errors_and_throttling_are_answers(error_code: int, throttle_ms: int) -> None:
    kafka, endpoint = broker()
    with endpoint, watching(probe(endpoint.address)) as seen:
        seen.wait_probed(how="ping", outcome="ok")
        kafka.error_code, kafka.throttle_ms = error_code, throttle_ms
        asked, since = kafka.asked, len(seen.said)
        wait_for(lambda: kafka.asked >= asked + 3, 5, "three more questions")
        assert {s.outcome for s in seen.probed(since=since)} == {"ok"}
        assert seen.probed(how="ping")[-1].throttle_ms == throttle_ms


# ------------------------------------------------------------------ brokers that do not


def test_a_broker_that_goes_is_refused_at_once_then_tried_every_second_until_it_is_back() -> None:
    kafka, endpoint = broker()
    with endpoint, watching(probe(endpoint.address)) as seen:
        seen.wait_probed(how="ping", outcome="ok")
        endpoint.close()
        lost = seen.wait_probed(how="ping", outcome="reset")
        refused = seen.wait_probed(how="connect", outcome="refused")
        assert refused.at - lost.at < 1.1
        assert refused.failed_stage == "tcp"
        wait_for(lambda: len(seen.probed(how="connect", outcome="refused")) >= 3, 5, "three attempts")
        attempts = [s.at for s in seen.probed(how="connect")]
        assert all(later - earlier > 0.95 for earlier, later in pairwise(attempts))
        with Endpoint(kafka, endpoint.port):
            back_at = time.monotonic()
            seen.wait_probed(since=len(seen.said), how="connect", outcome="ok")
            assert time.monotonic() - back_at < 2
            seen.wait_probed(since=len(seen.said), how="ping", outcome="ok")


def test_silence_is_told_every_half_second_then_its_stage_and_a_late_answer_has_its_true_time() -> None:
    kafka, endpoint = broker()
    with endpoint, watching(probe(endpoint.address)) as seen:
        seen.wait_probed(how="ping", outcome="ok")
        since = len(seen.said)
        kafka.answering.clear()
        stage = seen.wait_probed(since=since, how="connect", outcome="timeout")
        assert stage.failed_stage == "api_versions"
        assert tuple(stage for stage, _ in stage.stages) == ("dns", "tcp")
        waits = [s.waited_ms for s in seen.probed(since=since, how="ping", outcome="timeout")]
        assert waits == pytest.approx([500 * (i + 1) for i in range(len(waits))], abs=120)
        since = len(seen.said)
        kafka.answering.set()
        late = seen.wait_probed(since=since, how="ping", outcome="ok")
        assert late.stages[0][1] > 1_900
        seen.wait_probed(since=since, how="connect", outcome="ok")


def test_without_any_broker_it_says_so_and_connects_when_one_comes() -> None:
    port = free_port()
    with watching(probe(f"127.0.0.1:{port}", f"127.0.0.1:{free_port()}")) as seen:
        said = wait_for(lambda: failures(seen), 5, "a report")[0]
        assert said.stage == "tcp"
        assert "connection refused" in said.reason
        kafka = Kafka([(1, "127.0.0.1", port)])
        with Endpoint(kafka, port):
            seen.wait_probed(how="connect", outcome="ok")
            seen.wait_probed(how="ping", outcome="ok")


def test_a_broker_that_is_starting_and_knows_no_brokers_is_asked_again() -> None:
    kafka, endpoint = broker()
    itself, kafka.nodes = kafka.nodes, []
    with endpoint, watching(probe(endpoint.address)) as seen:
        said = wait_for(lambda: failures(seen), 5, "a report")[0]
        assert "it knows of no brokers yet" in said.reason
        kafka.nodes = itself
        seen.wait_probed(how="ping", outcome="ok")


@pytest.mark.parametrize(
    ("handler", "reason"),
    [
        (says(b"HTTP/1.1 400 Bad Request"), "this port speaks HTTP, not Kafka"),
        (says(TLS_ALERT), "this port speaks TLS"),
        (says(b"\x7f\xff\xff\xff"), "the answer is no Kafka"),
        (silent, "the port is open, but the broker does not answer"),
    ],
)
def test_what_is_no_kafka_is_told_by_name(handler: Handler, reason: str) -> None:
    with Endpoint(handler) as endpoint, watching(probe(endpoint.address)) as seen:
        said = wait_for(lambda: failures(seen), 5, "a report")[0]
        assert reason in said.reason
        assert said.advice


def test_refused_logins_are_not_stormed() -> None:
    kafka, endpoint = broker()
    kafka.mechanisms, kafka.login_required = ("PLAIN",), True
    login = Security(protocol="SASL_PLAINTEXT", mechanism="PLAIN", username="ann", password="wrong")
    with endpoint, watching(probe(endpoint.address, security=login)) as seen:
        said = wait_for(lambda: failures(seen), 5, "a report")[0]
        assert "user or password refused" in said.reason
        began = time.monotonic()
        wait_for(lambda: time.monotonic() - began > 2.5, 5, "time for two more attempts")
        assert kafka.logins == 1


# ------------------------------------------------------------------ the prober itself


def test_it_needs_neither_a_kafka_library_nor_asyncio() -> None:
    code = (
        "import sys, msktop.sources.child, msktop.sources.probe; "
        "print([m for m in ('kafka', 'asyncio', 'textual', 'boto3') if m in sys.modules])"
    )
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert loaded.stdout.strip() == "[]"


def read_until(stream: IO[bytes], samples: list[Sample], done: type[Sample], pings: int) -> None:
    """Read what a prober's process says until it has said `done`, and so many pings."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        frame = read_frame(stream)
        assert frame is not None, "the process ended"
        samples.extend(decode(frame))
        good = [s for s in samples if isinstance(s, Probed) and s.how == "ping"]
        if any(isinstance(s, done) for s in samples) and len(good) >= pings:
            return
    raise AssertionError(f"no {done.__name__} and {pings} pings in {samples}")


def test_a_stall_of_the_prober_is_told_and_held_against_nobody() -> None:
    _, endpoint = broker()
    command = [sys.executable, "-P", "-m", "msktop.sources.child"]
    samples: list[Sample] = []
    with endpoint, subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(pickle.dumps((probe(endpoint.address), Anchor.take())))
        child.stdin.flush()
        read_until(child.stdout, samples, Probed, pings=3)
        samples.clear()
        os.kill(child.pid, signal.SIGSTOP)
        began = time.monotonic()
        wait_for(lambda: time.monotonic() - began > 1.5, 5, "longer than two deadlines")
        os.kill(child.pid, signal.SIGCONT)
        read_until(child.stdout, samples, HostStarved, pings=4)
        child.stdin.close()
        child.wait(5)
    assert max(s.lag_ms for s in samples if isinstance(s, HostStarved)) > 1_000
    assert not [s for s in samples if isinstance(s, Probed) and s.outcome != "ok" and s.starved_ms < 100]
