"""A file of rules: what it changes, and how every mistake in it is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from msktop import compose
from msktop.alerting.rules_file import RuleSet, rule_set
from msktop.alerting.store import alerts_file
from msktop.alerting.toml_tables import parse
from msktop.errors import UsageError
from msktop.model.alert_rules import DEFAULTS
from msktop.model.incidents import Kind
from msktop.model.samples import RulesChosen
from msktop.recording.writer import Recorder
from tests.command import run_here
from tests.model.story import Story
from tests.model.test_alert_rules import disk


def of(text: str) -> RuleSet:
    return rule_set(parse(text, Path("rules.toml")))


def test_a_file_changes_only_what_it_names() -> None:
    found = of('[rules.cpu_60]\nthreshold = 70\nfor = "10m"\nseverity = "crit"\nsubjects = ["b-1"]\n')
    by_name = {rule.name: rule for rule in found.rules}
    cpu, (default,) = by_name["cpu_60"], [rule for rule in DEFAULTS if rule.name == "cpu_60"]
    assert (cpu.threshold, cpu.for_s, cpu.severity, cpu.subjects) == (70.0, 600.0, "crit", ("b-1",))
    assert (cpu.figure, cpu.advice, cpu.source) == (default.figure, default.advice, default.source)
    assert cpu.clear == 65.0, "as far from the threshold as before"
    assert cpu.origin == "rules.toml"
    assert [rule for rule in found.rules if rule.name != "cpu_60"] == [
        r for r in DEFAULTS if r.name != "cpu_60"
    ]


def test_a_file_switches_off_and_adds() -> None:
    found = of(
        "[rules]\ndisk_80.enabled = false\n"
        '[rules.queue]\nfigure = "page:request_queue_size"\ncompare = ">="\nthreshold = 100\nfor = 60\n'
    )
    assert found.off == ("disk_80",)
    names = [rule.name for rule in found.rules]
    assert "disk_80" not in names
    assert names[-1] == "queue"
    queue = found.rules[-1]
    assert (queue.kind, queue.severity, queue.source, queue.for_s) == (Kind.RULE, "warn", "rules.toml", 60.0)


def test_a_file_that_says_nothing_leaves_msktop_s_own() -> None:
    assert not of("# nothing yet\n").own
    assert of("").rules == DEFAULTS


WRONG = {
    "[rules.disk_80\n": (1, 15, "not TOML"),
    "[rules.disk_80]\nthreshold = 85 %\n": (2, 16, "not TOML"),
    "[rules.disk_80]\n\n  treshold = 85\n": (3, 3, "'treshold' is not known here"),
    "[rules.disk_80]\nthreshold = '85'\n": (2, 13, "threshold must be a number"),
    "[rules.disk_80]\nthreshold = true\n": (2, 13, "threshold must be a number"),
    "[rules.disk_80]\nthreshold = inf\n": (2, 13, "threshold must be a number"),
    "[rules.disk_80]\nenabled = 'no'\n": (2, 11, "enabled must be true or false"),
    "[rules.disk_80]\nfor = 'soon'\n": (2, 7, "'soon' is no duration"),
    "[rules.disk_80]\nfor = -5\n": (2, 7, "for must not be negative"),
    "[rules.disk_80]\nseverity = 'fatal'\n": (2, 12, "'fatal' is no severity"),
    "[rules.disk_80]\nsubjects = 'b-1'\n": (2, 12, "subjects must be a list of strings"),
    "[rules.disk_80]\nclear = 90\n": (2, 9, "clear must not be beyond the threshold"),
    "[rules.disk_80]\nfigure = 'disk'\n": (2, 10, "'disk' is no figure"),
    "[rules.disk_80]\nlimit = 'partitions'\n": (2, 9, "'partitions' is no limit"),
    "[rules.disk_80]\nkind = 'broker_unreachable'\n": (2, 8, "'broker_unreachable' is no kind"),
    "[rules.cpu_60]\nahead = '4h'\n": (2, 9, "cpu_percent has no past"),
    "[rules.under_min_isr]\nlimit = 'iam_connections'\n": (2, 9, "a limit is of a broker"),
    "# mine\n[rules.mine]\nthreshold = 85\n": (2, 8, "a new one needs figure, compare"),
    "rules = 5\n": (1, 9, "rules must be a table"),
    "[rules]\ndisk_80 = 5\n": (2, 11, "rules.disk_80 must be a table"),
    "[rules.'d k']\nthreshold = 1\n": (1, 8, "'d k' is no name"),
    "[rules.a]\nfigure = 'cloudwatch:Nothing'\ncompare = '>'\nthreshold = 1": (
        2,
        10,
        "CloudWatch is not asked",
    ),
    "[rules.a]\nfigure = 'page:nothing'\ncompare = '>'\nthreshold = 1": (2, 10, "is not kept of pages"),
}


@pytest.mark.parametrize("text", WRONG)
def test_a_mistake_is_told_with_file_line_column_and_what_was_expected(text: str) -> None:
    line, column, words = WRONG[text]
    with pytest.raises(UsageError) as raised:
        of(text)
    assert raised.value.title.startswith(f"rules.toml, line {line}, column {column}: ")
    assert words in raised.value.title
    assert raised.value.advice or "a limit is" in words


def test_a_mistake_ends_every_command_with_64(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "rules.toml"
    file.write_text("[rules.cpu_60]\nthreshold = 'high'\n")
    for words in (("rules", "--rules", str(file)), ("events", "--rules", str(file), "--local", "none")):
        done = run_here(*words)
        assert (done.returncode, done.stdout) == (64, "")
        assert f"{file}, line 2, column 13: threshold must be a number" in done.stderr
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "msktop").mkdir()
    file.rename(tmp_path / "msktop" / "rules.toml")
    assert run_here("rules").returncode == 64


@pytest.mark.parametrize(
    ("data", "words"), [(b"a\n\xff", "line 2: this is not UTF-8"), (b"#" * (1 << 21), "bytes")]
)
def test_a_file_that_is_none_is_told_too(tmp_path: Path, data: bytes, words: str) -> None:
    file = tmp_path / "rules.toml"
    file.write_bytes(data)
    done = run_here("rules", "--rules", str(file))
    assert done.returncode == 64
    assert words in done.stderr
    assert run_here("rules", "--rules", str(tmp_path / "away.toml")).returncode == 64


def test_what_a_file_changed_is_printed_with_its_name(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("[rules.cpu_60]\nthreshold = 75\n[rules.disk_80]\nenabled = false\n")
    lines = run_here("rules", "--rules", str(file)).stdout.splitlines()
    (cpu,) = [line for line in lines if line.startswith("cpu_60 ")]
    assert "> 75 %" in cpu
    assert cpu.endswith(f"({file})")
    assert lines[-1] == f"disk_80 is off ({file})"
    document = json.loads(run_here("rules", "--json", "--rules", str(file)).stdout)
    assert (document["file"], document["off"]) == (str(file), ["disk_80"])


def test_a_recording_keeps_its_rules_and_a_replay_may_have_others(tmp_path: Path) -> None:
    """With 90 % the disk of 86 % was none; by msktop's own rules it is."""
    mine = of("[rules.disk_80]\nthreshold = 95\nclear = 90\n[rules.disk_85]\nthreshold = 95\n").rules
    story = Story().say(RulesChosen(at=1000.0, rules=mine)).healthy()
    for _ in range(3):
        disk(story.later(60.0).answers().tick(), 86)
    recorder = Recorder(tmp_path / "one.msktop", "demo", lambda _: None)
    for sample in story.samples:
        recorder.write(sample)
    recorder.close()
    kept, _ = compose.refold(recorder.path)
    assert not story.of(Kind.DISK)
    assert not [i for i in kept.incidents.log if i.kind is Kind.DISK]
    assert kept.cluster.rules == mine
    session, _ = compose.replay(recorder.path, 1.0)
    assert session.desk is None, "a replay tells nobody"
    session.stop()
    assert not alerts_file().exists()
    other, _ = compose.refold(recorder.path, DEFAULTS)
    assert [i.severity for i in other.incidents.log if i.kind is Kind.DISK] == ["crit"]
