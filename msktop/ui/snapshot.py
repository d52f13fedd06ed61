"""A snapshot of a session: the picture as SVG and the state as JSON, for a ticket or a colleague."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path

import msgspec

from msktop.model.series import Series
from msktop.session import View
from msktop.ui.picture import Row, svg_of
from msktop.ui.terminal import state_folder
from msktop.ui.theme import Look

HISTORY_S = 300.0


def save(view: View, rows: list[Row], look: Look) -> tuple[Path, Path]:
    """Write both files, 0600 in a 0700 folder, never over another; returns their paths. Raises OSError."""
    folder = state_folder() / "snapshots"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    word = re.sub(r"[^A-Za-z0-9.-]+", "-", view.cluster.name).strip("-.")[:60] or "cluster"
    stem = f"{word}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(view.cluster.at or None))}"
    number = 1
    while True:
        name = stem if number == 1 else f"{stem}-{number}"
        picture, state = folder / f"{name}.svg", folder / f"{name}.json"
        try:
            _write(picture, svg_of(rows, look).encode())
        except FileExistsError:
            number += 1
            continue
        _write(state, state_json(view))
        return picture, state


def _write(path: Path, data: bytes) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(data)


def state_json(view: View) -> bytes:
    """Cluster and incidents by the names of their fields; histories as [at, value] of five minutes."""
    since = view.cluster.at - HISTORY_S
    state = {"cluster": _data(view.cluster, since), "incidents": _data(view.incidents.log, since)}
    return msgspec.json.format(msgspec.json.encode(state), indent=1)


def _data(value: object, since: float) -> object:
    if isinstance(value, Series):
        return [[round(at, 3), v] for at, v in value.since(since)]
    if is_dataclass(value):
        return {f.name: _data(getattr(value, f.name), since) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _data(one, since) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_data(one, since) for one in value]
    return value
