"""The local MSK's state file, read when it was replaced."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from msktop.model.control_samples import InventorySeen
from msktop.sources.clock import Anchor
from msktop.sources.inventory import InventorySource, inventory_seen
from msktop.sources.pump import SourceError

NODE = {
    "id": 1,
    "role": "broker",
    "zone": "use1-az1",
    "address": "127.1.1.1",
    "port": 9092,
    "metrics_url": "http://127.1.1.1:11001/metrics",
    "node_metrics_url": None,
    "pid": 4711,
    "state": "RUNNING",
    "storage": {"path": "/somewhere", "volume_bytes": 1000},
    "started_at": 1.5,
}
STATE = {
    "name": "demo",
    "state": "ACTIVE",
    "metadata": "kraft",
    "kafka_version": "4.1.1",
    "zones": [{"id": "use1-az1", "subnet_cidr": "127.1.1.0/24"}],
    "nodes": [NODE],
    "something_new": True,
}


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    """Ends what a test began."""
    event = threading.Event()
    yield event
    event.set()


def put(path: Path, state: dict[str, object]) -> None:
    """Replace the file in one step, as the supervisor does."""
    new = path.with_suffix(".new")
    new.write_text(json.dumps(state))
    os.replace(new, path)


def test_each_replacement_of_the_file_is_told_once(tmp_path: Path, stop: threading.Event) -> None:
    path = tmp_path / "state.json"
    put(path, STATE)
    samples = InventorySource(path, Anchor.take()).samples(stop)
    first = next(samples)
    assert isinstance(first, InventorySeen)
    assert (first.name, first.state, first.kafka_version) == ("demo", "ACTIVE", "4.1.1")
    assert (first.nodes[0].volume_bytes, first.nodes[0].state) == (1000, "RUNNING")
    assert first.zones[0].subnet_cidr == "127.1.1.0/24"
    threading.Timer(0.6, put, (path, {**STATE, "state": "HEALING"})).start()
    second = next(samples)
    assert isinstance(second, InventorySeen)
    assert second.state == "HEALING"
    assert second.at - first.at > 0.5


def test_a_file_that_vanishes_is_a_failure_with_advice(tmp_path: Path, stop: threading.Event) -> None:
    path = tmp_path / "state.json"
    put(path, STATE)
    samples = InventorySource(path, Anchor.take()).samples(stop)
    next(samples)
    path.unlink()
    with pytest.raises(SourceError, match="No such file") as caught:
        next(samples)
    assert "msktop local status" in caught.value.advice


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"name": 5}', b'{"name": "x", "nodes": [{"id": "y"}]}'])
def test_rubbish_is_a_failure_that_says_so(data: bytes) -> None:
    with pytest.raises(SourceError, match="cannot be understood"):
        inventory_seen(data, 1.0)
