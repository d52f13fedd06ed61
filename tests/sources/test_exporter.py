"""Exporter pages that come late, in parts, or not at all; each broker by itself."""

from __future__ import annotations

import gzip
import itertools
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
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


def dripping() -> Iterator[bytes]:
    """A byte, and after a moment another, until nobody reads them any more."""
    while not threading.Event().wait(0.05):
        yield b"x"


@contextmanager
def serving(pieces: Iterable[bytes], hold: threading.Event | None = None) -> Iterator[str]:
    """An exporter that answers every request with these pieces, then hangs up, or holds the line."""
    with serving_each(lambda: pieces, hold) as url:
        yield url


@contextmanager
def serving_each(pieces: Callable[[], Iterable[bytes]], hold: threading.Event | None = None) -> Iterator[str]:
    """The same, with pieces made for each request."""
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
                    for piece in pieces():
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


@pytest.mark.parametrize(
    "beginning",
    [b"", b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;"],
    ids=["first line", "header", "chunk size"],
)
def test_what_drips_for_ever_before_a_page_ends_at_the_deadline(beginning: bytes) -> None:
    began = time.monotonic()
    with serving(itertools.chain([beginning], dripping())) as url:
        assert "no page within 0.5 s" in reason(url, deadline_s=0.5)
    assert time.monotonic() - began < 5


def test_an_exporter_that_drips_ends_at_the_deadline_with_what_came() -> None:
    with serving([*answer(BODY, length=10 * len(BODY))], hold=threading.Event()) as url:
        fetched = fetch(url, deadline_s=0.5)
    assert fetched.body == BODY
    assert fetched.truncated


# ------------------------------------------------------------------ the source


@contextmanager
def scraping(
    targets: Callable[[], dict[int, Target]], period_s: float = 0.2, cost_factor: int = 1
) -> Iterator[list[Sample]]:
    """What the source says meanwhile; it must end soon after it is told to."""
    stop = threading.Event()
    found: list[Sample] = []
    source = ExporterSource(Anchor.take(), targets, period_s, cost_factor)

    def run() -> None:
        for sample in source.samples(stop):
            found.append(sample)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        stop.set()
        thread.join(2)
        assert not thread.is_alive()


def pages(found: list[Sample], broker_id: int) -> list[PageScraped]:
    return [s for s in list(found) if isinstance(s, PageScraped) and s.broker_id == broker_id]


def failures(found: list[Sample], broker_id: int) -> list[ScrapeFailed]:
    return [s for s in list(found) if isinstance(s, ScrapeFailed) and s.broker_id == broker_id]


def test_a_silent_exporter_holds_up_no_other() -> None:
    with serving(answer(BODY)) as good, serving([], hold=threading.Event()) as silent:
        targets = {1: Target(silent), 2: Target(good)}
        with scraping(lambda: targets) as found:
            wait_for(lambda: len(pages(found, 2)) >= 4, 15, "4 pages")
            assert not pages(found, 1)


def test_a_page_without_any_figure_is_a_failure_with_a_reason() -> None:
    with serving(answer(b"other_metric 1.0\n" * 50)) as other, scraping(lambda: {1: Target(other)}) as found:
        failed = wait_for(lambda: failures(found, 1), 15, "a failure")
    assert "none of the figures" in failed[0].reason
    assert "empty rule file" in failed[0].advice


def test_rubbish_without_end_is_said_to_be_cut() -> None:
    with serving(answer(b"x" * 50_000_000)) as other, scraping(lambda: {1: Target(other)}) as found:
        failed = wait_for(lambda: failures(found, 1), 15, "a failure")
    assert "cut after 16" in failed[0].reason


def test_a_page_that_broke_off_gives_its_whole_figures_and_is_told_to_be_cut() -> None:
    with serving(answer(BODY[:-3], length=len(BODY))) as half, scraping(lambda: {1: Target(half)}) as found:
        page = wait_for(lambda: pages(found, 1), 15, "a page")[0]
    assert page.truncated
    assert page.values == {"leaders": 1.0, "partitions": 1.0, "under_replicated": 1.0}


def test_a_page_is_not_asked_for_again_before_its_time() -> None:
    with serving(answer(BODY)) as good, scraping(lambda: {1: Target(good)}) as found:
        told = wait_for(lambda: pages(found, 1)[2:] and pages(found, 1), 15, "3 pages")
    times = [s.at - s.took_ms / 1e3 for s in told]  # when each was asked for: answers may be late
    assert all(later - earlier >= 0.15 for earlier, later in itertools.pairwise(times))


def test_a_new_address_is_scraped_at_once_and_a_broker_that_is_gone_no_more() -> None:
    with serving(answer(BODY)) as good, serving(answer(BODY)) as other:
        targets = {1: Target("http://127.0.0.1:1/metrics")}
        with scraping(lambda: dict(targets), period_s=3600) as found:
            wait_for(lambda: failures(found, 1), 15, "a failure")
            targets[1] = Target(good)
            wait_for(lambda: pages(found, 1), 15, "the page at the new address")
            del targets[1]
            targets[2] = Target(other)
            wait_for(lambda: pages(found, 2), 15, "the other broker's page")
            assert len(pages(found, 1)) == 1


def test_a_broker_without_pages_fails_in_nothing() -> None:
    with serving(answer(BODY)) as good:
        targets = {1: Target(None), 2: Target(good)}
        with scraping(lambda: targets) as found:
            wait_for(lambda: len(pages(found, 2)) >= 3, 15, "3 pages")
            assert not failures(found, 1)


def test_a_page_that_costs_its_broker_much_is_asked_for_less_often() -> None:
    def slowly() -> Iterator[bytes]:
        threading.Event().wait(0.15)
        yield from answer(BODY)

    with serving_each(slowly) as url, scraping(lambda: {1: Target(url)}, 0.05, cost_factor=5) as found:
        first, second = wait_for(lambda: pages(found, 1)[1:] and pages(found, 1)[:2], 15, "2 pages")
    assert second.at - first.at >= 5 * 0.15 - 0.05


def test_no_broker_is_scraped_twice_at_once() -> None:
    at_once, most = 0, 0
    lock = threading.Lock()

    def slowly() -> Iterator[bytes]:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        threading.Event().wait(0.3)
        with lock:
            at_once -= 1
        yield from answer(BODY)

    with serving_each(slowly) as url:
        names = itertools.cycle((url, url + "?again"))
        with scraping(lambda: {1: Target(next(names))}, period_s=0.05) as found:
            wait_for(lambda: len(pages(found, 1)) >= 3, 15, "3 pages")
    assert most == 1
