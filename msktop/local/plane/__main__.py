"""`python -m msktop.local.plane NAME`: serve the APIs of the local MSK whose own cluster is NAME.

A child of that cluster's supervisor, which starts it again when it ends; all that it knows is in plane.json.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from contextlib import closing
from logging.handlers import RotatingFileHandler
from urllib.parse import urlsplit

from msktop.errors import LocalError, MsktopError
from msktop.local import paths, state
from msktop.local.api.http import serve
from msktop.local.plane import commands, registry, services
from msktop.local.plane.feed import Feed
from msktop.local.plane.feed_clusters import Monitored

_LOG_BYTES = 1 << 20
_FAILED = 1


def main(arguments: list[str]) -> int:
    """Serve until terminated."""
    os.umask(0o077)
    folders = paths.folders(arguments[0])
    handler = RotatingFileHandler(folders.state / "plane.log", maxBytes=_LOG_BYTES, backupCount=1)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.getLogger().addHandler(handler)
    try:
        _serve(folders)
    except (MsktopError, OSError) as e:
        logging.getLogger("msktop.plane").error("%s", e)
        return _FAILED
    return 0


def _serve(folders: paths.Folders) -> None:
    found = state.read(folders.state_file)
    if found is None or found.endpoint_url is None:
        raise LocalError(f"no local cluster {folders.name!r} runs")
    known = registry.Registry(folders.state / registry.FILE)
    made = services.make(known, found, folders.state)
    secrets = {known.credentials.access_key_id: known.credentials.secret_access_key}
    address = urlsplit(found.endpoint_url)
    assert address.hostname
    assert address.port
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with (
        serve(made.all, address.hostname, address.port, secrets, made.guard),
        closing(commands.Server(folders.state, made.controls)),
        closing(Feed(Monitored(known), made.metrics, known.publication).start()),
    ):
        made.kafka.resume()
        stop.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
