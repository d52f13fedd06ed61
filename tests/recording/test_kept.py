"""A recording of every format version is kept in tests/data, and opens for ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from msktop.headless.documents import status_document
from msktop.model.cluster import Cluster
from msktop.model.detect import detect
from msktop.model.incidents import Incidents, Kind
from msktop.model.reduce import reduce
from msktop.recording.reader import Recording
from msktop.session import View

KEPT = sorted((Path(__file__).parent.parent / "data").glob("*.msktop"))


def refolded(path: Path) -> View:
    """What is true at the end of a recording."""
    cluster, incidents = Cluster(), Incidents()
    with Recording(path) as recording:
        for sample in recording.samples():
            old, cluster = cluster, reduce(cluster, sample)
            incidents = detect(incidents, old, cluster)
    return View(cluster, incidents)


def test_there_is_one_of_version_1() -> None:
    assert "failure-v1.msktop" in [path.name for path in KEPT]


@pytest.mark.parametrize("path", KEPT, ids=lambda p: p.name)
def test_it_opens_whole_and_nothing_in_it_is_skipped(path: Path) -> None:
    with Recording(path) as recording:
        count = sum(1 for _ in recording.samples())
        assert (recording.damage, recording.skipped.total) == (None, 0)
        assert count == recording.samples_count > 500
        assert recording.begins is not None
        assert recording.ends is not None
        assert recording.ends - recording.begins > 10


@pytest.mark.parametrize("path", KEPT, ids=lambda p: p.name)
def test_it_still_tells_of_the_failure_that_it_was_made_of(path: Path) -> None:
    view = refolded(path)
    [failure] = [i for i in view.incidents.log if i.kind is Kind.BROKER_UNREACHABLE]
    assert (failure.subject, failure.zone) == ("b-2", "use1-az2")
    assert failure.ended is not None
    assert [b["state"] for b in status_document(view)["brokers"]] == ["up", "up", "up"]


@pytest.mark.parametrize("path", KEPT, ids=lambda p: p.name)
def test_it_is_small_and_names_no_machine(path: Path) -> None:
    data = path.read_bytes()
    assert len(data) < 100_000
    with Recording(path) as recording:
        text = repr(list(recording.samples()))
    assert not [word for word in ("/root", "/home/", "/tmp/", "/work") if word in text]
