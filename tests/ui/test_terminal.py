"""The monitor on a real pseudo-terminal: how it leaves it, whatever happens."""

from __future__ import annotations

import os
import pty
import select
import signal
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

_CHILD = """
import sys, threading, time, logging
from tests.ui.scenes import StillFeed, scene
from msktop.ui import terminal
from msktop.errors import MsktopError
from msktop.ui.opening import Opening

class Feed(StillFeed):
    def record_toggle(self):
        what = sys.argv[1]
        if what == "crash":
            raise ZeroDivisionError("on purpose")
        if what == "hang":
            time.sleep(60)
        if what == "log":
            logging.getLogger("kafka.client").error("SECRET NOISE")
            logging.warning("more noise")
        return "did it"

def feed(show):
    if sys.argv[1] == "never":
        time.sleep(60)
    if sys.argv[1] == "late":
        time.sleep(0.5)
    if sys.argv[1] == "broken":
        time.sleep(0.5)
        raise MsktopError("nothing to show", "on purpose")
    return Feed(view=scene("first_second"))

try:
    terminal.run(feed, opening=Opening("orders", "b-1:9092", False))
except MsktopError as error:
    print(f"ERROR {error.title} / {error.advice}")
    sys.exit(error.exit_code)
print("LEFT")
"""


class Child:
    """The monitor in a process of its own, behind a pseudo-terminal."""

    def __init__(self, what: str, home: Path) -> None:
        environ = {
            **os.environ,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
            "XDG_STATE_HOME": str(home),
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }
        environ.pop("NO_COLOR", None)
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(sys.executable, [sys.executable, "-c", _CHILD, what], environ)
        termios.tcsetwinsize(self.fd, (24, 80))
        self.out = b""
        self.before = termios.tcgetattr(self.fd)

    def until(self, what: bytes, within_s: float = 30.0) -> None:
        end = time.monotonic() + within_s
        while what not in self.out:
            ready, _, _ = select.select([self.fd], [], [], max(0.0, end - time.monotonic()))
            assert ready, f"{what!r} did not come; got {self.out[-2000:]!r}"
            more = self._read()
            assert more, f"it ended before {what!r} came; got {self.out[-2000:]!r}"
            self.out += more

    def _read(self) -> bytes:
        try:
            return os.read(self.fd, 65536)
        except OSError:
            return b""

    def press(self, keys: str) -> None:
        os.write(self.fd, keys.encode())

    def ends(self, within_s: float) -> int:
        """Its exit code; takes its output until then."""
        end = time.monotonic() + within_s
        while time.monotonic() < end:
            if select.select([self.fd], [], [], 0.02)[0]:
                self.out += self._read()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                while select.select([self.fd], [], [], 0.05)[0] and (more := self._read()):
                    self.out += more
                return os.waitstatus_to_exitcode(status)
        raise AssertionError(f"still there after {within_s:g} s")

    def close(self) -> None:
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)


@pytest.fixture
def child(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Child]:
    made = Child(getattr(request, "param", "calm"), tmp_path)
    try:
        made.until(b"looking for brokers")
        yield made
    finally:
        made.close()


def given_back(child: Child) -> bool:
    """Main screen, cursor, no mouse, and line editing as before."""
    after = child.out[child.out.rindex(b"\x1b[?1049h") :]
    marks = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1003l", b"\x1b[?2004l")
    return all(mark in after for mark in marks) and termios.tcgetattr(child.fd)[3] == child.before[3]


@pytest.fixture
def opening(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Child]:
    """With its first picture on the screen, and nothing behind it yet."""
    made = Child(request.param, tmp_path)
    try:
        made.until(b"quit")
        assert b"Connecting" in made.out
        yield made
    finally:
        made.close()


@pytest.mark.parametrize("opening", ["never"], indirect=True)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_first_picture(opening: Child, number: signal.Signals) -> None:
    os.kill(opening.pid, number)
    opening.ends(3.0)
    assert given_back(opening)


@pytest.mark.parametrize("opening", ["never"], indirect=True)
def test_ctrl_c_ends_the_first_picture(opening: Child) -> None:
    opening.press("\x03")
    opening.ends(3.0)
    assert given_back(opening)


@pytest.mark.parametrize("opening", ["broken"], indirect=True)
def test_an_error_behind_the_first_picture_is_told_on_the_main_screen(opening: Child) -> None:
    assert opening.ends(5.0) == 1
    assert given_back(opening)
    assert b"ERROR nothing to show / on purpose" in opening.out[opening.out.rindex(b"\x1b[?1049l") :]


@pytest.mark.parametrize("opening", ["never"], indirect=True)
@pytest.mark.parametrize("key", ["q", "\x03"])
def test_leaving_waits_for_nothing_behind_the_first_picture(opening: Child, key: str) -> None:
    opening.press(key)
    assert opening.ends(10.0) == 0
    assert given_back(opening)
    assert b"LEFT" in opening.out


@pytest.mark.parametrize("opening", ["late"], indirect=True)
def test_what_is_typed_over_the_first_picture_is_not_lost_and_not_shown(opening: Child) -> None:
    opening.press("2")
    opening.until(b"2 Brokers")
    opening.press("q")
    assert opening.ends(10.0) == 0
    assert given_back(opening)
    assert b"LEFT" in opening.out
    assert opening.out.count(b"\x1b[?1049h") == 1
    between = opening.out[opening.out.index(b"quit") :]
    assert not between.startswith(b"quit2")


def test_q_gives_the_terminal_back(child: Child) -> None:
    child.press("q")
    assert child.ends(5.0) == 0
    assert given_back(child)
    assert b"LEFT" in child.out


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_leave_as_q_does(child: Child, number: signal.Signals) -> None:
    os.kill(child.pid, number)
    assert child.ends(5.0) == 0
    assert given_back(child)


@pytest.mark.parametrize("child", ["hang"], indirect=True)
def test_a_signal_ends_it_also_while_its_own_loop_hangs(child: Child) -> None:
    child.press("R")
    os.kill(child.pid, signal.SIGTERM)
    child.ends(3.0)
    assert given_back(child)


@pytest.mark.parametrize("child", ["crash"], indirect=True)
def test_a_crash_says_one_line_and_logs_the_traceback(child: Child, tmp_path: Path) -> None:
    child.press("R")
    assert child.ends(10.0) == 1
    assert given_back(child)
    said = child.out[child.out.rindex(b"\x1b[?1049l") :]
    assert b"ERROR the monitor crashed: ZeroDivisionError: on purpose" in said
    assert b"Traceback" not in child.out
    log = tmp_path / "msktop" / "msktop.log"
    assert "ZeroDivisionError: on purpose" in log.read_text(encoding="utf-8")
    assert log.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("child", ["log"], indirect=True)
def test_logs_never_reach_the_screen(child: Child, tmp_path: Path) -> None:
    child.press("R")
    child.until(b"did it")
    child.press("q")
    child.ends(5.0)
    assert b"NOISE" not in child.out
    assert b"more noise" not in child.out
    text = (tmp_path / "msktop" / "msktop.log").read_text(encoding="utf-8")
    assert "ERROR kafka.client: SECRET NOISE" in text


def test_a_stalled_terminal_does_not_keep_it(child: Child) -> None:
    """Nobody reads what it writes: it ends all the same."""
    for _ in range(40):
        child.press("t")
    begun = time.monotonic()
    child.press("q")
    while time.monotonic() - begun < 5.0:
        if os.waitpid(child.pid, os.WNOHANG)[0]:
            child.pid = 0
            return
        select.select([], [], [], 0.02)
    raise AssertionError("it hangs on its output")
