"""The local MSK leaves nothing behind, whatever is done to it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from msktop.errors import LocalError
from msktop.local import control, paths, processes
from msktop.local.plan import KAFKA_PORT, nets, plan
from msktop.local.reserve import listener
from msktop.local.settings import VERSIONS, Metadata, Settings, checked
from msktop.local.state import State
from msktop.wire.connection import Connection
from msktop.wire.security import Security
from tests.command import run_here
from tests.e2e.conftest import in_environment
from tests.support import wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("zookeeper")]

SMALL = Settings(name="life", brokers=1, zones=1, traffic="none")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A state folder of its own; what a failed test leaves running is ended."""
    with in_environment({"XDG_STATE_HOME": str(tmp_path), "XDG_DATA_HOME": ""}):
        yield tmp_path / "msktop" / "local" / SMALL.name
        with suppress(LocalError):
            control.stop(SMALL.name)


def family(state: State) -> list[processes.Identity]:
    """The supervisor and all its children."""
    known = [processes.Identity(n.pid, n.process_started_ticks) for n in state.nodes if n.pid]
    known += [processes.Identity(c.pid, c.process_started_ticks) for c in state.children]
    return [*known, processes.Identity(state.supervisor_pid, state.supervisor_started_ticks)]


def none_alive(known: list[processes.Identity]) -> bool:
    return not any(map(processes.is_alive, known))


def msktop_local(*words: str) -> subprocess.CompletedProcess[str]:
    """The command line, as a person uses it."""
    command = [sys.executable, "-m", "msktop", "local", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_a_cluster_from_start_to_stop_by_the_command_line(folder: Path) -> None:
    started = msktop_local("start", "--name", "life", "--brokers", "1", "--traffic", "none")
    assert started.returncode == 0, started.stderr
    assert started.stdout.strip().endswith(f":{KAFKA_PORT}")

    shown = msktop_local("status", "--name", "life", "--json")
    assert json.loads(shown.stdout) == json.loads((folder / "state.json").read_text())
    known = family(control.require("life"))
    assert len(known) == 6  # a broker, three controllers, the control plane, the supervisor

    again = msktop_local("start", "--name", "life")
    assert (again.returncode, "runs already" in again.stderr) == (1, True)
    assert "Traceback" not in again.stderr
    assert "KafkaRaftServer" in msktop_local("logs", "1", "--name", "life").stdout
    wrong = msktop_local("fail", "7", "--how", "kill", "--name", "life")
    assert (wrong.returncode, "there is no node 7" in wrong.stderr) == (1, True)

    assert msktop_local("stop", "--name", "life").returncode == 0
    assert none_alive(known)
    assert not folder.exists()
    gone = msktop_local("status", "--name", "life")
    assert (gone.returncode, "no local cluster 'life' runs" in gone.stderr) == (1, True)


def test_wrong_words_exit_with_64() -> None:
    for words in (
        "start --brokers 0",
        "start --name ../x",
        "start --kafka-version 1.0",
        "start --listeners iam",
        "stop --name /",
        "fail 1 --how x",
        "resume one",
    ):
        ended = run_here("local", *words.split())
        assert (ended.returncode, "Traceback" in ended.stderr) == (64, False), ended.stderr


def test_files_are_private_and_a_killed_supervisor_leaves_no_process(folder: Path) -> None:
    first = control.start(SMALL)
    found = [folder, *folder.rglob("*")]
    assert [path for path in found if path.lstat().st_mode & 0o077 and not path.is_symlink()] == []
    os.kill(first.supervisor_pid, signal.SIGKILL)
    wait_for(lambda: none_alive(family(first)), 5, "every child is gone")
    assert (folder / "state.json").exists()
    assert control.status(SMALL.name) is None
    second = control.start(SMALL)
    assert second.cluster_id != first.cluster_id
    known = family(second)
    assert control.stop(SMALL.name)
    assert none_alive(known)


def test_a_supervisor_that_hangs_can_be_stopped(folder: Path) -> None:
    state = control.start(SMALL)
    os.kill(state.supervisor_pid, signal.SIGSTOP)
    assert control.stop(SMALL.name)
    assert none_alive(family(state))


def test_an_orphan_named_by_a_stale_state_file_is_ended(folder: Path) -> None:
    state = control.start(SMALL)
    saved = (folder / "state.json").read_text()
    control.stop(SMALL.name)
    with subprocess.Popen(["sleep", "300"]) as orphan:
        ticks = processes.identity(orphan.pid).started_ticks
        stale = json.loads(saved)
        stale["nodes"][0] |= {"pid": orphan.pid, "process_started_ticks": ticks}
        stale["nodes"][1] |= {"pid": os.getpid(), "process_started_ticks": 1}  # a later process with that pid
        paths.private(folder)
        (folder / "state.json").write_text(json.dumps(stale))
        assert control.stop(state.name)
        assert orphan.wait(5) == -signal.SIGKILL
    assert not folder.exists()


def test_a_cluster_ends_with_the_process_that_it_belongs_to(folder: Path) -> None:
    program = (
        "import time\nfrom msktop.local import control\nfrom msktop.local.settings import Settings\n"
        f"with control.running({SMALL!r}) as state:\n    print('up', flush=True)\n    time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "up\n"
        known = family(control.require(SMALL.name))
        owner.kill()
    wait_for(lambda: none_alive(known) and not folder.exists(), 10, "the cluster is gone with its owner")


def test_an_interrupted_start_leaves_nothing(folder: Path) -> None:
    command = [sys.executable, "-m", "msktop", "local", "start", "--name", "life", "--traffic", "none"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as starting:
        state_file = folder / "state.json"
        wait_for(state_file.exists, 20, "the supervisor has begun")
        begun = wait_for(lambda: control.status("life"), 5, "its state can be read")
        assert begun is not None
        known = family(begun)
        starting.send_signal(signal.SIGINT)
        _, said = starting.communicate(timeout=20)
    assert (starting.returncode, "Traceback" in said) == (130, False), said
    assert none_alive(known)
    assert not folder.exists()


def with_a_node() -> State | None:
    """The state once a node's process runs."""
    found = control.status(SMALL.name)
    return found if found and any(n.pid for n in found.nodes) else None


def test_a_start_whose_supervisor_is_killed_says_so_and_leaves_no_process(folder: Path) -> None:
    command = [sys.executable, "-m", "msktop", "local", "start", "--name", "life", "--traffic", "none"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as starting:
        begun = wait_for(with_a_node, 20, "a node has been started")
        assert begun.state == "CREATING"
        os.kill(begun.supervisor_pid, signal.SIGKILL)
        _, said = starting.communicate(timeout=20)
    assert starting.returncode == 1
    assert "the supervisor ended before the cluster was usable" in said
    assert none_alive(family(begun))
    assert control.names() == []


def test_an_owner_that_is_gone_or_whose_pid_another_process_has_keeps_no_cluster(folder: Path) -> None:
    with subprocess.Popen(["true"]) as owner:
        pass
    with pytest.raises(LocalError, match="is gone"):
        control.start(replace(SMALL, owner_pid=owner.pid))
    with pytest.raises(LocalError, match="before the cluster was usable"):
        control.start(replace(SMALL, owner_pid=os.getpid(), owner_started_ticks=1))
    assert control.names() == []


def test_without_healing_a_dead_broker_waits_for_a_person_and_a_reboot_changes_software_and_listeners(
    folder: Path,
) -> None:
    settings = replace(SMALL, metadata="kraft", kafka_version="4.0.1", heal=False, fast_heal=True)
    with control.running(settings) as state:
        os.kill(state.brokers[0].pid or 0, signal.SIGKILL)

        def broker_is(wanted: str) -> Callable[[], bool]:
            return lambda: control.require(SMALL.name).brokers[0].state == wanted

        wait_for(broker_is("FAILED"), 10, "its death is seen")
        assert control.require(SMALL.name).state == "ACTIVE"
        control.resume(SMALL.name, 1)  # refused where healing goes on by itself
        wait_for(broker_is("RUNNING"), 60, "it runs again")

        control.listen(SMALL.name, ("scram",))
        assert set(control.require(SMALL.name).servers) == {"plaintext"}
        control.reboot(SMALL.name, 1, kafka_version="4.1.1", instance_type="kafka.m7g.large")
        assert broker_is("REBOOTING")()
        wait_for(broker_is("RUNNING"), 60, "it runs the other version")
        after = control.require(SMALL.name)
        assert (after.brokers[0].kafka_version, after.kafka_version) == ("4.1.1", "4.1.1")
        assert after.brokers[0].instance_type == "kafka.m7g.large"
        assert "4.1.1" in "\n".join(control.logs(SMALL.name, 1, 5000))
        assert set(after.servers) == {"plaintext", "scram"}
        host, port = after.servers["scram"].split(":")
        security = Security.from_properties(Path(after.client_properties["scram"]))
        Connection.open(host, int(port), security).close()


def test_a_start_without_a_free_net_says_so_and_leaves_nothing(folder: Path) -> None:
    taken = [listener(plan(checked(SMALL), net).brokers[0].address, KAFKA_PORT) for net in nets(SMALL.name)]
    try:
        with pytest.raises(LocalError, match="no loopback net is free"):
            control.start(SMALL)
    finally:
        for one in taken:
            one.close()
    assert control.status(SMALL.name) is None


@pytest.mark.soak
@pytest.mark.parametrize(
    ("metadata", "version"), [(mode, version) for mode, versions in VERSIONS.items() for version in versions]
)
def test_every_version_starts_heals_and_stops(folder: Path, metadata: Metadata, version: str) -> None:
    settings = Settings(
        name=SMALL.name, metadata=metadata, kafka_version=version, traffic="steady", fast_heal=True
    )
    with control.running(settings) as state:
        broker = state.brokers[1]
        assert broker.pid is not None
        os.kill(broker.pid, signal.SIGKILL)

        def replaced() -> bool:
            now = control.require(SMALL.name).node(broker.id)
            return now is not None and now.restarts == 1 and now.state == "RUNNING"

        wait_for(replaced, 90, f"broker {broker.id} of Kafka {version} is replaced")
    assert none_alive(family(state))
