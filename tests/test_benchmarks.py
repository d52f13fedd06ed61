"""The command that runs the benchmarks."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from benchmarks import __main__ as harness

ROW = {"claim": "quick", "value": 0.5, "unit": "s", "goal": "<= 0.1", "ok": False, "detail": "[of a test]"}


def a_module(monkeypatch: pytest.MonkeyPatch, name: str, result: list[dict[str, object]] | Exception) -> None:
    module = ModuleType(f"benchmarks.{name}")

    def main() -> list[dict[str, object]]:
        if isinstance(result, Exception):
            raise result
        return result

    module.__dict__["main"] = main
    monkeypatch.setitem(sys.modules, module.__name__, module)


def test_every_module_with_a_main_is_a_benchmark() -> None:
    assert {"exposition", "probe", "detection"} <= set(harness.names())
    assert "crowd" not in harness.names()


def test_a_name_that_is_none_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert harness.main(["nonsense"]) == 64
    assert "exposition" in capsys.readouterr().err


def test_one_that_crashes_is_shown_and_the_others_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(harness, "_OUT", tmp_path)
    a_module(monkeypatch, "probe", ValueError("no [such] thing"))
    a_module(monkeypatch, "exposition", [ROW])
    assert harness.main(["probe", "exposition"]) == 1
    said = capsys.readouterr()
    document = json.loads(said.out)
    assert document["rows"] == [{"benchmark": "exposition", **ROW}]
    assert document["broken"] == {"probe": "ValueError: no [such] thing"}
    assert "MISSED" in said.err
    assert "BROKEN" in said.err
    assert "[of a test]" in said.err
    (written,) = tmp_path.iterdir()
    assert json.loads(written.read_text()) == document


def test_a_missed_goal_fails_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harness, "_OUT", tmp_path)
    a_module(monkeypatch, "exposition", [ROW])
    assert harness.main(["exposition"]) == 0
