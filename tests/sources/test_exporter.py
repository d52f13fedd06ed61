"""Exporter pages that come late, in parts, or not at all; each broker by itself."""

from __future__ import annotations

import gzip
import itertools
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from msktop.model.samples import PageScraped, Sample, ScrapeFailed
from msktop.sources.clock import Anchor
from msktop.sources.exporter import ExporterSource, Target
from msktop.sources.page_fetch import MOST_BYTES, FetchError, fetch
from tests.support import wait_for

BODY = b"".join(
    b'kafka_server_ReplicaManager_Value{name="%s",} 1.0\n' % name
    for name in (
        b"LeaderCount",
        b"PartitionCount",
        b"UnderReplicatedPartitions",
        b"UnderMinIsrPartitionCount",
    )
)


def answer(body: bytes, *headers: str, length: int | None = None, status: str = "200 OK") -> list[bytes]:
    head = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body) if length is None else length}"]
    return ["\r\n".join([*head, "", ""]).encode(), body]


@contextmanager
def serving(pieces: list[bytes], hold: threading.Event | None = None) -> Iterator[str]:
    """An exporter that answers every request with these pieces, then hangs up, or holds the line."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)

        def serve() -> None:
            while not ended.is_set():
                try:
                    client, _ = server.accept()
                except OSError:
                    continue
                threading.Thread(target=talk, args=(client,), daemon=True).start()

        def talk(client: socket.socket) -> None:
            with client:
                client.recv(65536)
                try:
                    for piece in pieces:
                        client.sendall(piece)
                    if hold is not None:
                        hold.wait(30)
                except OSError:
                    return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}/metrics"
        finally:
            ended.set()
            if hold is not None:
                hold.set()
            thread.join(5)


def reason(url: str, deadline_s: float = 5.0) -> str:
    with pytest.raises(FetchError) as caught:
        fetch(url, deadline_s)
    return caught.value.reason


def test_a_gzipped_page_is_read() -> None:
    with serving(answer(gzip.compress(BODY), "Content-Encoding: gzip")) as url:
        assert fetch(url).body == BODY


def test_a_page_cut_in_the_middle_is_kept_up_to_there_and_said_to_be_cut() -> None:
    with serving(answer(BODY[:100], length=len(BODY))) as url:
        fetched = fetch(url)
    assert fetched.body == BODY[:100]
    assert fetched.truncated


def test_fifty_megabytes_of_rubbish_are_cut_and_no_gzip_bomb_is_unpacked() -> None:
    rubbish = b"x" * 50_000_000
    with serving(answer(rubbish)) as url:
        assert len(fetch(url).body) <= MOST_BYTES + 65536
    with serving(answer(gzip.compress(rubbish), "Content-Encoding: gzip")) as url:
        fetched = fetch(url)
    assert len(fetched.body) <= MOST_BYTES
    assert fetched.truncated


@pytest.mark.parametrize(
    ("pieces", "says"),
    [
        (answer(b"<p>", "Content-Type: text/html"), "HTML"),
        (answer(b"", status="404 Not Found"), "404"),
        (answer(b"", "Location: http://127.0.0.1:1/", status="302 Found"), "302"),
        (answer(b""), "empty"),
        ([b"SSH-2.0-OpenSSH\r\n"], "speaks no HTTP"),
        (answer(b"not gzip", "Content-Encoding: gzip"), "gzip stream is damaged"),
    ],
    ids=["HTML", "404", "redirect", "empty", "no HTTP", "bad gzip"],
)
def test_what_is_no_page_is_named(pieces: list[bytes], says: str) -> None:
    with serving(pieces) as url:
        assert says in reason(url)


def test_nobody_there_comes_with_the_way_to_turn_it_on() -> None:
    with pytest.raises(FetchError) as caught:
        fetch("http://127.0.0.1:1/metrics")
    assert "connection refused" in caught.value.reason
    assert "open monitoring" in caught.value.advice


def test_a_silent_exporter_ends_at_the_deadline() -> None:
    with serving([], hold=threading.Event()) as url:
        assert "no page within" in reason(url, deadline_s=0.3)


def test_an_exporter_that_drips_ends_at_the_deadline_with_what_came() -> None:
    with serving([*answer(BODY, length=10 * len(BODY))], hold=threading.Event()) as url:
        fetched = fetch(url, deadline_s=0.5)
    assert fetched.body == BODY
    assert fetched.truncated


# ------------------------------------------------------------------ the source


def collect(targets: dict[int, Target], until: int, period_s: float = 0.2) -> list[Sample]:
    """What the source says until each broker of `until` has been heard of."""
    stop = threading.Event()
    found: list[Sample] = []
    source = ExporterSource(Anchor.take(), lambda: targets, period_s)

    def run() -> None:
        for sample in source.samples(stop):
            found.append(sample)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        wait_for(lambda: sum(isinstance(s, PageScraped) for s in list(found)) >= until, 15, f"{until} pages")
    finally:
        stop.set()
        began = time.monotonic()
        thread.join(5)
        assert time.monotonic() - began < 2.0
    return found


def test_a_silent_exporter_holds_up_no_other() -> None:
    with serving(answer(BODY)) as good, serving([], hold=threading.Event()) as silent:
        found = collect({1: Target(silent), 2: Target(good)}, until=4)
    assert {s.broker_id for s in found if isinstance(s, PageScraped)} == {2}


def test_a_page_without_any_figure_is_a_failure_with_a_reason() -> None:
    with serving(answer(BODY)) as good, serving(answer(b"other_metric 1.0\n" * 50)) as other:
        found = collect({1: Target(other), 2: Target(good)}, until=2)
    failed = [s for s in found if isinstance(s, ScrapeFailed)]
    assert failed
    assert all(s.broker_id == 1 and "none of the figures" in s.reason for s in failed)


def test_a_page_is_not_asked_for_again_before_it_has_come() -> None:
    with serving(answer(BODY)) as good:
        found = collect({1: Target(good, None)}, until=3)
    times = [s.at for s in found if isinstance(s, PageScraped)]
    assert all(later - earlier >= 0.15 for earlier, later in itertools.pairwise(times))
