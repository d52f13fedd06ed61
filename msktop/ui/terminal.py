"""The terminal, taken and given back: clean on exit, crash, hang-up and termination; logs go to a file."""

from __future__ import annotations

import contextlib
import gc
import locale
import logging
import os
import signal
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Protocol, TypeVar, cast, get_args

from msktop.errors import MsktopError, UsageError
from msktop.ui.opening import FirstPicture, Opening
from msktop.ui.theme import Look, PaletteName, look_for

if TYPE_CHECKING:
    from msktop.choices import TargetChoice
    from msktop.session import View
    from msktop.ui.feed import Feed
    from msktop.ui.picker import Creator, Listings

log = logging.getLogger(__name__)

_Result = TypeVar("_Result")
_Shown = TypeVar("_Shown", covariant=True)

LEAVE_WITHIN_S = 0.4
"""How long leaving may take before the terminal is given back by force."""
_LOG_BYTES = 2_000_000
_GIVE_BACK = (
    "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l"  # mouse
    "\x1b[?2004l\x1b[?2048l\x1b[?1004l\x1b[<u\x1b[?2026l"  # paste, resize, focus, keys, synchronised output
    "\x1b[?7h\x1b[0m\x1b[?1049l\x1b[?25h"  # wrap, colours, main screen, cursor
)


def run(
    feed: Callable[[Callable[[View], None]], Feed],
    ascii_only: bool = False,
    theme: str | None = None,
    log_file: Path | None = None,
    opening: Opening | None = None,
) -> None:
    """Show the monitor until the person leaves; with `opening` at once, before `feed` is called.

    `feed` gets what shows a view as long as there is no app. Raises UsageError without a terminal, and
    MsktopError when it crashed.
    """
    look = _look(ascii_only, theme)

    def make(leaving: Callable[[], None], first: FirstPicture | None) -> _App[None]:
        shown = feed(first.show if first is not None else lambda _: None)
        from msktop.ui.app import MsktopApp
        from msktop.ui.driver import MonitorDriver

        return MsktopApp(shown, look=look, driver_class=MonitorDriver, leaving=leaving, first_picture=first)

    _show(make, log_file, look, opening)


def pick(
    listings: Listings,
    ascii_only: bool = False,
    theme: str | None = None,
    log_file: Path | None = None,
    creator: Creator | None = None,
) -> TargetChoice | None:
    """Let the person choose a cluster, or make one; None: nothing was chosen. Raises as `run` does."""
    look = _look(ascii_only, theme)

    def make(leaving: Callable[[], None], _: FirstPicture | None) -> _App[TargetChoice]:
        from msktop.ui.driver import MonitorDriver
        from msktop.ui.picker import Picker

        return Picker(listings, look=look, driver_class=MonitorDriver, leaving=leaving, creator=creator)

    return _show(make, log_file, look)


def _look(ascii_only: bool, theme: str | None) -> Look:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(
            "the monitor needs a terminal", "without one, use `msktop status` or `msktop events`"
        )
    palette = cast("PaletteName | None", theme if theme in get_args(PaletteName) else None)
    encoding = sys.stdout.encoding or locale.getpreferredencoding(False)
    return look_for(os.environ, encoding, ascii_only=ascii_only, theme=palette)


class _App(Protocol[_Shown]):
    """What is asked of ours."""

    crash: Exception | None

    def run(self) -> _Shown | None:
        """Show it until the person leaves."""

    def leave(self) -> None:
        """From any thread, or a signal."""


def _show(
    make: Callable[[Callable[[], None], FirstPicture | None], _App[_Result]],
    log_file: Path | None,
    look: Look,
    opening: Opening | None = None,
) -> _Result | None:
    """Run an app on the terminal, and give the terminal back whatever happens."""
    app: _App[_Result] | None = None

    def leave() -> None:
        if app is not None:
            app.leave()

    def leave_early() -> None:
        if app is None:
            raise _LeftEarly
        app.leave()

    with (
        contextlib.suppress(_LeftEarly),
        logging_to(log_file) as path,
        _Terminal() as terminal,
        _signals(leave, terminal.leaving),
        _signals(leave_early, terminal.leaving, _Terminal.KEYS_OF_FIRST_PICTURE),
    ):
        first = None if opening is None else terminal.open(look, opening)
        gc.disable()  # what is made at the start stays: looking for garbage in it costs a tenth of the start
        app = make(terminal.leaving, first)
        chosen = app.run()
        terminal.left()
        if app.crash is not None:
            what = f"{type(app.crash).__name__}: {app.crash}"
            raise MsktopError(f"the monitor crashed: {what}", f"the traceback is in {path}")
        return chosen
    return None


class _LeftEarly(BaseException):
    """The person leaves while there is only the first picture; nobody on the way out takes it for a fault."""


# ------------------------------------------------------------------ giving back


class _Terminal:
    """Remembers how the terminal was, and gives it back by force when leaving takes too long."""

    KEYS_OF_FIRST_PICTURE = (signal.SIGINT, signal.SIGQUIT)
    """What `q` and Ctrl-C send while nobody reads keys: the kernel sees them, whatever is being loaded."""

    def __init__(self) -> None:
        self._attributes: list[int | list[bytes | int]] | None = None
        self._leaving = threading.Event()
        self._left = threading.Event()
        self._is_open = False

    def __enter__(self) -> _Terminal:
        with contextlib.suppress(termios.error, OSError):
            self._attributes = termios.tcgetattr(sys.stdin.fileno())
        threading.Thread(target=self._watch, name="leave", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._left.set()
        self._leaving.set()
        if self._is_open:  # it ended before there was an app
            self.force()
        if self._attributes is not None:
            with contextlib.suppress(termios.error, OSError):
                termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, self._attributes)

    def open(self, look: Look, opening: Opening) -> FirstPicture | None:
        """Show the first picture, if that is possible. Keys that are typed from now on are the app's."""
        if self._attributes is None or sys.__stderr__ is None:
            return None
        try:
            width, height = os.get_terminal_size(sys.__stderr__.fileno())
            quiet = self._attributes[:]
            assert isinstance(quiet[3], int)
            quiet[3] &= ~(termios.ECHO | termios.ICANON)
            assert isinstance(quiet[6], list)
            quiet[6] = quiet[6][:]
            quiet[6][termios.VINTR], quiet[6][termios.VQUIT] = b"q", b"\x03"
            termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, quiet)
            self._is_open = True
            first = FirstPicture(width, height, look, os.environ, _write)
            first.begin(opening)
        except (OSError, termios.error):
            return None
        return first

    def leaving(self) -> None:
        """The person wants to leave: from now on the time counts."""
        self._leaving.set()

    def left(self) -> None:
        """The screens are gone by themselves."""
        self._is_open = False
        self._left.set()

    def _watch(self) -> None:
        self._leaving.wait()
        if self._left.wait(LEAVE_WITHIN_S):
            return
        log.warning("leaving took longer than %.1f s; the terminal was given back by force", LEAVE_WITHIN_S)
        self.force()
        os._exit(0)

    def force(self) -> None:
        """Put the terminal back without asking anyone who may hang."""
        with contextlib.suppress(OSError):
            fd = sys.__stderr__.fileno() if sys.__stderr__ is not None else 2
            os.set_blocking(fd, False)
            os.write(fd, _GIVE_BACK.encode())
            os.set_blocking(fd, True)
        if self._attributes is not None:
            with contextlib.suppress(termios.error, OSError):
                termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, self._attributes)


def _write(text: str) -> None:
    """Raises OSError."""
    if sys.__stderr__ is not None:
        sys.__stderr__.write(text)
        sys.__stderr__.flush()


@contextlib.contextmanager
def _signals(
    leave: Callable[[], object],
    leaving: Callable[[], None],
    numbers: tuple[signal.Signals, ...] = (signal.SIGTERM, signal.SIGHUP),
) -> Iterator[None]:
    """These signals leave as `q` does."""

    def on_signal(number: int, _: FrameType | None) -> None:
        log.info("leaving on %s", signal.Signals(number).name)
        leaving()
        leave()

    before = {s: signal.signal(s, on_signal) for s in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


# ------------------------------------------------------------------ logging


def state_folder() -> Path:
    """Where msktop keeps its own files of this user: `$XDG_STATE_HOME/msktop`."""
    home = os.environ.get("XDG_STATE_HOME")
    return Path(home if home else Path.home() / ".local" / "state") / "msktop"


@contextlib.contextmanager
def logging_to(log_file: Path | None) -> Iterator[Path]:
    """Everything that logs, ours and our libraries', writes to a rotating file and never to the screen.

    Raises UsageError where a file that was asked for cannot be written; the default one is not worth that.
    """
    path = log_file or state_folder() / "msktop.log"
    root = logging.getLogger()
    before, raising = root.handlers[:], logging.raiseExceptions
    handler = _handler(path, asked=log_file is not None)
    handler.setFormatter(_Utc("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("msktop").setLevel(logging.INFO)
    logging.raiseExceptions = False
    logging.captureWarnings(True)
    try:
        yield path
    finally:
        logging.captureWarnings(False)
        logging.raiseExceptions = raising
        root.handlers[:] = before
        handler.close()


def _handler(path: Path, *, asked: bool) -> logging.Handler:
    from logging.handlers import RotatingFileHandler

    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if path.is_symlink():
            raise OSError(f"{path} is a link")
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600))
        return RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=2, encoding="utf-8")
    except OSError as error:
        if asked:
            raise UsageError(
                f"cannot write the log file {path}: {error}", "choose another --log-file"
            ) from error
        return logging.NullHandler()


class _Utc(logging.Formatter):
    """Times in UTC, as on the screen."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"
