"""`msktop rules` and docs/alerts.md: what is in force, made from the rules themselves."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from msktop.model.alert_figures import FIGURES
from msktop.model.alert_limits import LIMITS
from msktop.model.alert_rules import DEFAULTS
from msktop.rules_text import rules_table
from tests.command import run_here

DOC = Path(__file__).parent.parent / "docs" / "alerts.md"


def test_the_rules_are_printed_with_condition_and_source() -> None:
    done = run_here("rules")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert len(lines) == len(DEFAULTS)
    (cpu,) = [line for line in lines if line.startswith("cpu_60 ")]
    assert "cpu_percent > 60 % for 5m" in cpu
    assert "AWS" in cpu


def test_the_rules_as_json_say_where_each_figure_and_limit_comes_from() -> None:
    document = json.loads(run_here("rules", "--json").stdout)
    by_name = {rule["name"]: rule for rule in document["rules"]}
    assert by_name.keys() == {rule.name for rule in DEFAULTS}
    assert "KafkaDataLogsDiskUsed" in by_name["disk_85"]["figure_source"]
    assert by_name["partitions_above_most"]["limit_is"]
    assert all(rule["advice"] and rule["source"] and rule["origin"] for rule in by_name.values())


def written(name: str, body: str) -> None:
    """The part of the document between its marks is this; `WRITE_DOCS=1` writes it."""
    text = DOC.read_text()
    mark = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    wanted = mark.sub(lambda found: f"{found[1]}{body}\n{found[2]}", text)
    if os.environ.get("WRITE_DOCS"):
        DOC.write_text(wanted)
    assert wanted == text or os.environ.get("WRITE_DOCS"), f"docs/alerts.md: {name} is not what the code says"


def test_the_document_s_tables_are_the_code_s() -> None:
    written("rules", rules_table(DEFAULTS))
    figures = []
    for name, of in FIGURES.items():
        ahead = "yes" if of.history is not None else "—"
        figures.append(f"| `{name}` | {of.of} | {of.unit or '—'} | {ahead} | {of.source} |")
    head = ["| figure | of | unit | looks ahead | from |", "|---|---|---|---|---|"]
    written("figures", "\n".join([*head, *figures]))
    limits = [f"| `{name}` | {words} |" for name, (_, words) in LIMITS.items()]
    written("limits", "\n".join(["| limit | what it is |", "|---|---|", *limits]))
