"""How a message reaches somebody: one class a way, each with `send`, which may block for a bounded time."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from msktop.alerting.message import Message, encoded
from msktop.errors import MsktopError
from msktop.model.text import plain

if TYPE_CHECKING:
    from msktop.aws.session import AwsSession

SNS_SUBJECT = 100
"""Characters; SNS takes ASCII only."""
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "USER", "LOGNAME")
"""What a command sees of our environment, besides what its table names."""
SECRET = re.compile(r"^AWS_|SECRET|TOKEN|PASSW|CREDENTIAL|PRIVATE|(^|_)KEY($|_)", re.IGNORECASE)
"""Names that are never passed on."""
_SAID = 300


class SendError(MsktopError):
    """A notifier could not be reached; `passing` where another try may work."""

    def __init__(self, title: str, advice: str = "", *, passing: bool = False, wait_s: float = 0.0) -> None:
        super().__init__(title, advice)
        self.passing = passing
        self.wait_s = wait_s
        """How long to wait at least before another try."""


class Sender(Protocol):
    """One way to somebody."""

    def send(self, message: Message) -> None:
        """Tell it; raises SendError."""


# ------------------------------------------------------------------ a command


@dataclass(frozen=True, slots=True)
class CommandSender:
    """A program with its arguments, without a shell; the document is on its standard input."""

    command: tuple[str, ...]
    timeout_s: float = 10.0
    environment: tuple[str, ...] = ()

    def send(self, message: Message) -> None:
        """Run it and wait for its end; after the time limit it and its children are killed."""
        with tempfile.TemporaryFile() as said:
            try:
                process = subprocess.Popen(
                    self.command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=said,
                    env=child_environment(os.environ, self.environment),
                    cwd="/",
                    start_new_session=True,
                )
            except OSError as error:
                raise SendError(
                    f"{self.command[0]} cannot be run: {error.strerror}",
                    "Give its whole path, and make it executable.",
                ) from error
            try:
                process.communicate(encoded(message), timeout=self.timeout_s)
            except subprocess.TimeoutExpired as error:
                raise SendError(
                    f"{self.command[0]} did not end within {self.timeout_s:g} s and was killed",
                    "Raise its timeout, or let it do the rest in the background.",
                ) from error
            finally:
                _end(process)
            if process.returncode:
                said.seek(0)
                words = plain(said.read(_SAID).decode("utf-8", "replace").strip(), _SAID)
                raise SendError(
                    f"{self.command[0]} ended with {process.returncode}: {words or 'it said nothing'}"
                )


def _end(process: subprocess.Popen[bytes]) -> None:
    """Nothing of it stays, whatever it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    if process.stdin is not None:
        with suppress(OSError):
            process.stdin.close()
    process.wait()


def child_environment(ours: Mapping[str, str], named: tuple[str, ...]) -> dict[str, str]:
    """What a command sees: a few harmless names, and those that were asked for; never a secret.

    >>> child_environment({"PATH": "/bin", "AWS_SECRET_ACCESS_KEY": "x", "TEAM": "k"}, ("TEAM",))
    {'PATH': '/bin', 'TEAM': 'k'}
    """
    return {n: ours[n] for n in (*PASSED_ON, *named) if n in ours and not SECRET.search(n)}


# ------------------------------------------------------------------ an SNS topic


@dataclass(frozen=True, slots=True)
class SnsSender:
    """Publishes to a topic, by AWS's own credentials."""

    session: AwsSession
    topic_arn: str
    region: str

    def send(self, message: Message) -> None:
        """Publish; botocore itself tries again at once where that may help."""
        from msktop.aws.errors import AwsError, explaining

        subject = message.subject.replace("·", "-").encode("ascii", "replace").decode()
        kind = {"DataType": "String", "StringValue": message.severity}
        try:
            with explaining("sns:Publish"):
                self.session.client("sns", self.region).publish(
                    TopicArn=self.topic_arn,
                    Subject=subject if len(subject) <= SNS_SUBJECT else subject[: SNS_SUBJECT - 3] + "...",
                    Message=encoded(message).decode(),
                    MessageAttributes={"severity": kind},
                )
        except AwsError as error:
            raise SendError(error.title, error.advice, passing=error.passing) from error


# ------------------------------------------------------------------ the terminal


@dataclass(slots=True)
class TerminalSender:
    """Keeps what the monitor's screen is to ring and show; the newest few."""

    bell: bool = True
    desktop: str = "osc777"
    """`osc9` (iTerm2, Windows Terminal, kitty), `osc777` (urxvt, foot, Ghostty, VTE), or `none`."""
    waiting: deque[str] = field(default_factory=lambda: deque(maxlen=5))

    def send(self, message: Message) -> None:
        """Leave it for the screen."""
        self.waiting.append(self.sequence(message))

    def take(self) -> str:
        """What to write to the terminal now."""
        found = ""
        while self.waiting:
            found += self.waiting.popleft()
        return found

    def sequence(self, message: Message) -> str:
        r"""The bell and the notification, as a terminal understands them.

        >>> from msktop.alerting.message import grouped
        >>> TerminalSender(desktop="osc9").sequence(grouped("orders", 1.0, []))
        '\x07\x1b]9;msktop orders\x1b\\'
        """
        # A semicolon would end the title; everything that could end the sequence was neutralised.
        words = plain(message.subject, 200).replace(";", ",")
        show = {"osc9": f"\x1b]9;{words}\x1b\\", "osc777": f"\x1b]777;notify;msktop;{words}\x1b\\"}
        return ("\a" if self.bell else "") + show.get(self.desktop, "")
