"""Children end with their parent, and a process is more than its number."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from msktop.local import processes
from msktop.local.processes import Identity, Spawner
from tests.support import wait_for

PARENT = """
import os, sys, time
from pathlib import Path
from msktop.local.processes import Spawner
child = Spawner()(["sleep", "60"], output=1, cwd=Path("/"))
print(child.pid, flush=True)
time.sleep(60)
"""


def test_a_child_dies_when_its_parent_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = processes.identity(int(parent.stdout.readline()))
        assert processes.is_alive(child)
        parent.kill()
    wait_for(lambda: not processes.is_alive(child), 5, "the child is gone")


def test_a_later_process_with_the_same_pid_is_not_killed() -> None:
    with subprocess.Popen(["sleep", "60"]) as innocent:
        known = processes.identity(innocent.pid)
        assert known.started_ticks is not None
        assert processes.kill_all([Identity(known.pid, known.started_ticks - 1)]) == []
        assert innocent.poll() is None
        assert processes.kill_all([known]) == [known]


def test_a_stopped_process_is_seen_as_stopped_and_can_be_killed(tmp_path: Path) -> None:
    child = Spawner()(["sleep", "60"], output=subprocess.DEVNULL, cwd=tmp_path)
    os.kill(child.pid, signal.SIGSTOP)

    def stopped() -> bool:
        usage = processes.usage(child.pid)
        return usage is not None and usage.stopped

    wait_for(stopped, 5, "the kernel says stopped")
    processes.kill_all([processes.identity(child.pid)])
    assert child.wait(5) == -signal.SIGKILL
