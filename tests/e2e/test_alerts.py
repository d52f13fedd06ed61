"""Rules and notifiers on a real cluster: figures of real pages, told once, also over a restart."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.alerting.test_senders import script
from tests.e2e.conftest import LocalCluster
from tests.support import wait_for

pytestmark = pytest.mark.e2e

Json = Any

RULES = """
[rules.held]
figure = "partitions"
compare = ">="
threshold = 1
subjects = ["b-1", "b-2"]

[rules.used]
figure = "page:heap_used"
compare = ">"
threshold = 1
severity = "crit"
subjects = ["b-3"]

[notifiers.book]
type = "command"
command = ["{command}"]
group = "1s"
"""


@contextmanager
def watching(cluster: LocalCluster, rules: Path) -> Iterator[subprocess.Popen[str]]:
    """`msktop events --json`, ended by SIGTERM as systemd does it."""
    words = ("events", "--json", "--local", cluster.name, "--rules", str(rules))
    process = subprocess.Popen(
        [sys.executable, "-m", "msktop", *words],
        env=cluster.env | {"AWS_EC2_METADATA_DISABLED": "true"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=60)


def test_figures_of_real_pages_are_told_once_also_over_a_restart_and_so_is_a_failure(
    kraft_cluster: LocalCluster, tmp_path: Path
) -> None:
    kraft_cluster.wait_balanced()
    book = tmp_path / "book"
    body = f"import sys\nopen({str(book)!r}, 'a').write(sys.stdin.read() + chr(10))"
    rules = tmp_path / "rules.toml"
    rules.write_text(RULES.replace("{command}", script(tmp_path, body)))

    def told() -> list[tuple[str, str, str]]:
        lines = book.read_text().splitlines() if book.exists() else []
        alerts: list[Json] = [alert for line in lines for alert in json.loads(line)["alerts"]]
        return [(a["event"], a["kind"], a["subject"]) for a in alerts]

    opened = {("open", "rule", name) for name in ("b-1", "b-2", "b-3")}
    with watching(kraft_cluster, rules):
        wait_for(lambda: opened <= set(told()), 120.0, "all three are told")
    state = Path(kraft_cluster.xdg["XDG_STATE_HOME"]) / "msktop" / "alerts.json"
    assert state.stat().st_mode & 0o777 == 0o600
    with watching(kraft_cluster, rules):
        kraft_cluster.fail(2, "kill")
        wait_for(lambda: ("open", "broker_unreachable", "b-2") in told(), 60.0, "the failure is told")
        kraft_cluster.resume(2)
        wait_for(lambda: ("close", "broker_unreachable", "b-2") in told(), 120.0, "and its end")
    assert sorted(t for t in told() if t[1] == "rule") == sorted(opened), (
        "told before the restart, and not again"
    )
