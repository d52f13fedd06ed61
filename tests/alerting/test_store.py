"""The file of acknowledgements and silences: private, whole, shared, and never through a link."""

from __future__ import annotations

import stat
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from msktop.alerting.marks import Ack, Key, Marks, Silence, Told
from msktop.alerting.store import StateError, Store, alerts_file
from tests.command import run_here

KEY = Key("orders", "disk", "b-1")


def test_what_is_written_is_read_again_and_nobody_else_can_read_it() -> None:
    store = Store()
    marks = store.change(
        lambda m: m.with_ack(Ack(KEY, 5.0, "ann")).with_told(
            "hook", "orders", [Told(KEY, "hook", "warn", 5.0)]
        )
    )
    assert Store().marks() == marks
    assert store.path == alerts_file()
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.path.parent.stat().st_mode) == 0o700
    assert [path.name for path in store.path.parent.iterdir() if "lock" not in path.name] == ["alerts.json"]


def test_a_change_of_another_process_is_seen() -> None:
    mine, other = Store(), Store()
    assert mine.marks() == Marks()
    other.change(lambda m: m.with_ack(Ack(KEY, 5.0)))
    assert mine.marks().acknowledged(KEY) is not None


def test_changes_at_once_lose_nothing() -> None:
    def add(number: int) -> None:
        Store().change(lambda m: m.with_ack(Ack(replace(KEY, subject=f"b-{number}"), 5.0)))

    threads = [threading.Thread(target=add, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(Store().marks().acks) == 20


def test_a_link_and_a_damaged_file_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "alerts.json"
    elsewhere = tmp_path / "precious"
    elsewhere.write_text("{}")
    path.symlink_to(elsewhere)
    with pytest.raises(StateError):
        Store(path).change(lambda m: m.with_ack(Ack(KEY, 5.0)))
    assert elsewhere.read_text() == "{}"
    path.unlink()
    path.write_text('{"acks": 5}')
    with pytest.raises(StateError, match="damaged"):
        Store(path).marks()


def test_silences_end_by_themselves_and_what_is_forgotten_goes() -> None:
    now = 1e6
    silence = Silence("a", "disk", "*", "*", 0.0, now - 1)
    marks = Marks(
        (Ack(KEY, now - 8 * 86400), Ack(KEY, now)), (silence, replace(silence, id="b", until=now + 1))
    )
    left = marks.without_old(now)
    assert [s.id for s in left.silences] == ["b"]
    assert left.acks == (Ack(KEY, now),)


def test_the_commands_make_list_and_end_them() -> None:
    assert run_here("alert", "list").stdout == "nothing is acknowledged, silenced or told\n"
    assert run_here("alert", "ack", "orders", "disk", "b-1").returncode == 0
    made = run_here("alert", "silence", "disk*", "--subject", "b-*", "--for", "2h", "--reason", "resizing")
    assert made.returncode == 0
    listed = run_here("alert", "list").stdout
    assert "acknowledged  disk of b-1 in orders" in listed
    assert "disk* of b-* in *" in listed
    assert "resizing" in listed
    assert '"acks"' in run_here("alert", "list", "--json").stdout
    (silence,) = Store().marks().silences
    assert run_here("alert", "unsilence", "nonsense").returncode == 64
    assert run_here("alert", "unsilence", silence.id).returncode == 0
    assert run_here("alert", "unack", "orders", "disk", "b-1").returncode == 0
    assert run_here("alert", "unack", "orders", "disk", "b-1").returncode == 64
    assert run_here("alert", "silence", "*", "--for", "0s").returncode == 64
    assert run_here("alert", "ack", "orders", "nonsense", "b-1").returncode == 64
    assert Store().marks() == Marks()
