"""The command line as a person meets it: clear errors, exit codes, no traceback."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from msktop import cli
from msktop.errors import ActionError

UNUSED = "127.0.0.1:1"
"""Nobody listens there."""


def msktop(*words: str, home: Path) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "msktop", *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": str(home), "LC_ALL": "C.UTF-8"},
    )
    assert "Traceback" not in done.stderr + done.stdout
    return done


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--bootstrap-servers", "a:b", "status"), "'b' is not a port"),
        (("--bootstrap-servers", "http://a:9092", "status"), "no scheme belongs here"),
        (("--bootstrap-servers", UNUSED, "--local", "demo", "status"), "name two clusters"),
        (("--local", "nowhere", "status"), "no local MSK named 'nowhere' runs here"),
        (("--local", "../etc", "status"), "'../etc' is not a name of a local MSK"),
        (("status",), "msktop demo"),
        (("status", "--frobnicate"), "No such option"),
        (("--local", "demo", "status", "orders"), "name two clusters"),
        (("status", "arn:aws:kafka"), "no ARN with a region"),
        (("--bootstrap-servers", UNUSED, "status", "--for", "soon"), "soon"),
        (("--bootstrap-servers", UNUSED), "the monitor needs a terminal"),
        (("--bootstrap-servers", UNUSED, "--command-config", "/none/x.properties", "status"), "x.properties"),
    ],
)
def test_wrong_words_exit_64_and_say_what_is_wrong(words: tuple[str, ...], says: str, tmp_path: Path) -> None:
    done = msktop(*words, home=tmp_path)
    assert done.returncode == 64
    assert says in done.stderr


def test_what_a_failure_repeats_of_others_is_harmless(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**_: object) -> None:
        raise ActionError("a broker says \x1b]0;x\x07", "There is \x1b[2Jorders\u202e.\nLook.")

    monkeypatch.setattr(cli.cli, "main", fail)
    with pytest.raises(SystemExit):
        cli.main()
    said = capsys.readouterr().err
    assert said.splitlines()[-1] == "Look."
    assert not {"\x1b", "\x07", "\u202e"} & set(said)


def test_a_cluster_that_nobody_serves_is_unreachable_and_the_cause_is_said_once(tmp_path: Path) -> None:
    done = msktop("--bootstrap-servers", UNUSED, "status", "--for", "1s", home=tmp_path)
    assert done.returncode == 2
    assert "unreachable" in done.stdout
    assert done.stdout.count("is the broker up?") == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("status", "--write-probe"), "needs --write"),
        (("events", "--write-probe", "--write"), "--yes"),
        (("record", "--out", "x.msktop", "--write-probe", "--write", "--yes", "--read-only"), "--read-only"),
    ],
)
def test_a_cluster_is_not_written_to_without_leave(words: tuple[str, ...], says: str, tmp_path: Path) -> None:
    done = msktop("--bootstrap-servers", UNUSED, *words, home=tmp_path)
    assert done.returncode == 1
    assert says in done.stderr
    assert not (tmp_path / "x.msktop").exists()


def test_a_name_that_does_not_resolve_is_said_to_be_the_cause(tmp_path: Path) -> None:
    done = msktop("status", "--for", "1s", "--bootstrap-servers", "nowhere.invalid", home=tmp_path)
    assert done.returncode == 2
    assert "nowhere.invalid does not resolve" in done.stdout


def test_a_silent_port_is_told_from_a_closed_one(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        done = msktop("status", "--json", "--for", "1s", "--bootstrap-servers", address, home=tmp_path)
    assert done.returncode == 2
    document = json.loads(done.stdout)
    assert document["health"] == "unreachable"
    reasons = {s["reason"] for s in document["sources"] if not s["ok"]}
    assert reasons
    assert not any("refused" in reason for reason in reasons)


def test_a_recording_is_never_written_over_another_file(tmp_path: Path) -> None:
    there = tmp_path / "there.msktop"
    there.write_text("precious")
    done = msktop("record", "--out", str(there), "--for", "1s", "--bootstrap-servers", UNUSED, home=tmp_path)
    assert done.returncode == 1
    assert str(there) in done.stderr
    assert there.read_text() == "precious"


def test_what_is_no_recording_is_said_to_be_none(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("hello")
    for path in (text, tmp_path / "missing"):
        done = msktop("replay", str(path), home=tmp_path)
        assert done.returncode == 1
        assert str(path) in done.stderr


def test_a_session_of_nothing_can_be_recorded_and_opened_again(tmp_path: Path) -> None:
    out = tmp_path / "r.msktop"
    done = msktop("record", "--out", str(out), "--for", "2s", "--bootstrap-servers", UNUSED, home=tmp_path)
    assert done.returncode == 0
    assert out.stat().st_mode & 0o777 == 0o600
    again = msktop("replay", str(out), home=tmp_path)
    assert again.returncode == 0
    assert "unreachable" in again.stdout
