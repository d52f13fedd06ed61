"""Start a supervisor and see it through until its cluster can be used."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from msktop.errors import LocalError
from msktop.local import leftovers, paths
from msktop.local.settings import Settings
from msktop.local.state import State
from msktop.wire.connection import Connection
from msktop.wire.errors import WireError
from msktop.wire.security import Security

_STOP_S = 10.0
_LOGIN_S = 10.0
_LOOK_S = 0.02


def spawn_supervisor(settings: Settings, folders: paths.Folders) -> None:
    """Start the supervisor in a session of its own and follow its reports until the cluster is usable."""
    reports, descriptor = os.pipe()
    log = paths.open_private(folders.supervisor_log)
    try:
        supervisor = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "msktop.local.supervisor",
                msgspec.json.encode(settings).decode(),
                str(descriptor),
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            start_new_session=True,
            pass_fds=(descriptor,),
        )
    finally:
        os.close(descriptor)
        os.close(log)
    try:
        with os.fdopen(reports, "rb") as lines:
            error = _follow(lines, folders)
    except BaseException:
        supervisor.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            supervisor.wait(_STOP_S)
        supervisor.kill()
        leftovers.clean(folders)
        raise
    if error is not None:
        supervisor.wait()
        leftovers.end_orphans(folders)  # had it crashed
        raise error
    supervisor.returncode = 0  # it lives on, and is not ours to wait for


def _follow(lines: Iterator[bytes], folders: paths.Folders) -> LocalError | None:
    """Read reports until the cluster is usable (None) or cannot be."""
    for line in lines:
        report = json.loads(line)
        if "error" in report:
            return LocalError(**report["error"])
        if report.get("ready"):
            return None
    return LocalError("the supervisor ended before the cluster was usable", f"See {folders.supervisor_log}")


def wait_for_login(found: State) -> None:
    """Wait until every broker knows the SCRAM user: it hears of it a moment after the controller.

    Raises WireError.
    """
    security = Security.from_properties(Path(found.client_properties["scram"]))
    until = time.monotonic() + _LOGIN_S
    for broker in found.brokers:
        while True:
            try:
                Connection.open(broker.address, broker.ports["scram"], security).close()
                break
            except WireError:
                if time.monotonic() > until:
                    raise
                time.sleep(_LOOK_S)
