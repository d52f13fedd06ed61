"""Who changed what: a line before each change, and one with its result. No line, no change.

JSON lines in `$XDG_STATE_HOME/msktop/audit.jsonl` (0600 in a 0700 folder), appended to and never rewritten.
"""

from __future__ import annotations

import getpass
import json
import os
import socket
import stat
import time
import uuid
from collections.abc import Mapping
from pathlib import Path

from msktop.errors import ActionError


def audit_file() -> Path:
    """Where the lines go."""
    home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return home / "msktop" / "audit.jsonl"


class Audit:
    """The lines of one change."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or audit_file()
        self._id = uuid.uuid4().hex

    def before(
        self,
        *,
        identity: str,
        action: str,
        cluster: str,
        parameters: Mapping[str, object],
        before: Mapping[str, str],
    ) -> None:
        """Say what is about to be sent, and by whom. Raises ActionError: then it must not be sent."""
        self._write(
            "before",
            user=getpass.getuser(),
            host=socket.gethostname(),
            identity=identity,
            action=action,
            cluster=cluster,
            parameters=dict(parameters),
            before=dict(before),
        )

    def after(self, result: str, **details: object) -> None:
        """Say what came of it: `accepted`, `refused` or `unknown`."""
        self._write("after", result=result, **details)

    def _write(self, phase: str, **fields: object) -> None:
        line = json.dumps({"at": round(time.time(), 3), "id": self._id, "phase": phase, **fields}) + "\n"
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(
                self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
            )
            try:
                found = os.fstat(handle)
                if not stat.S_ISREG(found.st_mode) or found.st_uid != os.getuid():
                    raise OSError("it is no regular file of yours")
                os.write(handle, line.encode())
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            raise ActionError(
                f"the audit log cannot be written: {error}",
                f"Nothing is changed without it. See {self._path}.",
            ) from error
