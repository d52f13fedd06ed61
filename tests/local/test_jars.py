"""Jars come whole and as locked, or not at all."""

from __future__ import annotations

import hashlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from msktop.errors import LocalError
from msktop.local import jars
from msktop.local.jars import Jar

BODIES = {"a/one.jar": b"one" * 100, "b/two.jar": b"two" * 1000, "x/exporter.jar": b"exporter"}


class Mirror(http.server.BaseHTTPRequestHandler):
    """Serves `bodies`, and counts."""

    bodies: dict[str, bytes]
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        body = self.bodies.get(self.path.removeprefix("/maven/"))
        self.send_response(404 if body is None else 200)
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Mirror]]:
    kind = type("ThisMirror", (Mirror,), {"bodies": dict(BODIES), "asked": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), kind)
    threading.Thread(target=server.serve_forever, args=(0.01,)).start()
    monkeypatch.setenv("MSKTOP_MAVEN", f"http://127.0.0.1:{server.server_address[1]}/maven")
    yield kind
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def small_locks(monkeypatch: pytest.MonkeyPatch, xdg: Path) -> None:
    """Locks of three little jars instead of 47 real ones."""

    def lock(name: str) -> tuple[Jar, ...]:
        wanted = {"kafka-1": ["a/one.jar"], jars.LOGGING_LOCK: ["b/two.jar"]}.get(name, ["x/exporter.jar"])
        return tuple(Jar(p, len(BODIES[p]), hashlib.sha256(BODIES[p]).hexdigest()) for p in wanted)

    monkeypatch.setattr(jars, "read_lock", lock)


def test_what_is_missing_is_fetched_once_and_then_needs_no_network(
    mirror: type[Mirror], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = jars.ensure("1")
    assert [p.read_bytes() for p in (*found.classpath, found.exporter)] == list(BODIES.values())
    monkeypatch.setenv("MSKTOP_MAVEN", "http://127.0.0.1:1")
    assert jars.ensure("1") == found
    assert len(mirror.asked) == 3


def test_a_jar_cut_short_or_changed_in_the_cache_is_fetched_again(mirror: type[Mirror]) -> None:
    one, two = jars.ensure("1").classpath
    one.write_bytes(one.read_bytes()[:-1])
    two.write_bytes(bytes(len(two.read_bytes())))
    again = jars.ensure("1")
    assert [p.read_bytes() for p in again.classpath] == [BODIES["a/one.jar"], BODIES["b/two.jar"]]
    assert len(mirror.asked) == 5


def test_a_jar_that_is_not_the_locked_one_is_not_kept(mirror: type[Mirror], xdg: Path) -> None:
    mirror.bodies["a/one.jar"] = b"evil" * 75
    with pytest.raises(LocalError, match=r"one\.jar as fetched is not the locked one") as caught:
        jars.ensure("1")
    assert caught.value.advice
    cached = xdg / "cache" / "msktop" / "jars"
    assert not (cached / "one.jar").exists()
    assert not list(cached.glob(".part-*"))


def test_a_missing_jar_without_network_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MSKTOP_MAVEN", "http://127.0.0.1:1")
    with pytest.raises(LocalError, match="not in the cache and cannot be fetched") as caught:
        jars.ensure("1")
    assert "MSKTOP_MAVEN" in caught.value.advice


def test_a_mirror_address_that_is_none_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MSKTOP_MAVEN", "nonsense")
    with pytest.raises(LocalError, match="cannot be fetched"):
        jars.ensure("1")
