"""What `msktop local` has the control plane do: one JSON object a line, over the owner's own socket."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Literal

import msgspec

from msktop.errors import LocalError, MsktopError
from msktop.local.api.messages import ApiError
from msktop.local.exchange import MAX_LINE_BYTES, TIMEOUT_S, Refusal, exchange, short

SOCKET = "plane.sock"


class Command(msgspec.Struct, frozen=True):
    """What is asked for: `off` ends it, `cluster` is the one to patch; times are those of `metrics`."""

    command: Literal["deny", "throttle", "expire", "patch", "metrics"]
    action: str = "*"
    off: bool = False
    cluster: str = ""
    period_s: float | None = None
    delay_s: float | None = None


class Answer(Refusal, frozen=True):
    """`said`: what to tell the person."""

    said: str = ""


Obey = Callable[[Command], str]
"""Carries a command out; returns what to tell the person. Raises MsktopError, ApiError."""


class Server:
    """Takes commands until it is closed."""

    def __init__(self, folder: Path, obey: Obey) -> None:
        (folder / SOCKET).unlink(missing_ok=True)
        with short(folder, SOCKET) as path:
            self._listening = _Listening(path, _Talk)
        self._listening.obey = obey
        threading.Thread(target=self._listening.serve_forever, name="commands", daemon=True).start()

    def close(self) -> None:
        """Take no more."""
        self._listening.shutdown()
        self._listening.server_close()


class _Listening(socketserver.UnixStreamServer):
    obey: Obey


class _Talk(socketserver.StreamRequestHandler):
    timeout = TIMEOUT_S
    server: _Listening

    def handle(self) -> None:
        """Read one command, answer it."""
        with suppress(OSError):
            self.wfile.write(msgspec.json.encode(self._answer(self.rfile.readline(MAX_LINE_BYTES))) + b"\n")

    def _answer(self, line: bytes) -> Answer:
        try:
            return Answer(said=self.server.obey(msgspec.json.decode(line, type=Command)))
        except MsktopError as e:
            return Answer(e.title, e.advice)
        except ApiError as e:
            return Answer(e.message)
        except msgspec.MsgspecError as e:
            return Answer(f"the control plane does not understand: {e}")


def ask(folder: Path, command: Command) -> str:
    """Have the control plane of the cluster in `folder` do something; raises LocalError when it refuses."""
    silent = LocalError(
        f"the control plane of the local cluster {folder.name!r} does not answer",
        f"See {folder / 'plane.log'}; it is started again by itself when it ends.",
    )
    return exchange(folder, SOCKET, command, Answer, silent).said
