"""One command and its answer, a JSON object a line each, over a socket that only its owner can open."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from msktop.errors import LocalError

TIMEOUT_S = 5.0
MAX_LINE_BYTES = 1 << 16


class Refusal(msgspec.Struct, frozen=True):
    """What every answer begins with: an empty `title` means done, or begun."""

    title: str = ""
    advice: str = ""


_Answer = TypeVar("_Answer", bound=Refusal)


@contextmanager
def short(folder: Path, name: str) -> Iterator[str]:
    """A path to a socket that fits into the 108 bytes of a socket address, however deep `folder` is."""
    handle = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{handle}/{name}"
    finally:
        os.close(handle)


def exchange(
    folder: Path, name: str, command: msgspec.Struct, kind: type[_Answer], silent: LocalError
) -> _Answer:
    """Send a command to the socket `name` in `folder`; raise LocalError when it is refused.

    Raises `silent` where nobody answers, or nothing that is understood.
    """
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connected, short(folder, name) as path:
            connected.settimeout(TIMEOUT_S)
            connected.connect(path)
            connected.sendall(msgspec.json.encode(command) + b"\n")
            with connected.makefile("rb") as replies:
                answer = msgspec.json.decode(replies.readline(MAX_LINE_BYTES), type=kind)
    except (OSError, msgspec.MsgspecError) as e:
        raise silent from e
    if answer.title:
        raise LocalError(answer.title, answer.advice)
    return answer
