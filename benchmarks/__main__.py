"""`make bench`, or `python -m benchmarks [NAME …]`: runs them in turn; table on stderr, JSON on stdout.

A benchmark is a module of this package with `main() -> list[dict]`. Each dict is one claim: `claim`, `value`
(measured, as a ratio within the run where it can be), `unit`, `goal`, `ok` (None where there is no goal) and
`detail`. A missed goal is marked and fails nothing; a benchmark that could not run is told, and the rest run.
"""

from __future__ import annotations

import importlib
import json
import platform
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

_HERE = Path(__file__).parent
_OUT = _HERE / "out"
_USAGE = 64
Row = dict[str, Any]


def names() -> list[str]:
    """The benchmarks that there are."""
    found = (path for path in _HERE.glob("*.py") if path.stem != "__main__")
    return sorted(path.stem for path in found if "\ndef main()" in path.read_text("utf-8"))


def main(wanted: list[str]) -> int:
    """Run the named benchmarks, by default all; 1 when one of them could not be run."""
    known = names()
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        print(f"no benchmark named {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return _USAGE
    console = Console(stderr=True, width=None if sys.stderr.isatty() else 160)
    rows: list[Row] = []
    broken: dict[str, str] = {}
    try:
        for name in wanted or known:
            console.print(f"{name} …", style="dim")
            try:
                found = importlib.import_module(f"benchmarks.{name}").main()
            except Exception as error:  # noqa: BLE001 - one that cannot run must not hide the others
                broken[name] = f"{type(error).__name__}: {error}"
                console.print(traceback.format_exc(), style="red", markup=False)
            else:
                rows += [{"benchmark": name, **row} for row in found]
    finally:  # an hour's figures are not lost to Ctrl-C
        if rows or broken:
            console.print(_table(rows, broken))
            _write(rows, broken)
    return 1 if broken else 0


def _table(rows: list[Row], broken: dict[str, str]) -> Table:
    table = Table("benchmark", "claim", "value", "unit", "goal", "", "detail", box=None, pad_edge=False)
    for row in rows:
        value, ok = row.get("value"), row.get("ok")
        number = f"{value:.3g}" if isinstance(value, int | float) else "—" if value is None else str(value)
        met = "" if ok is None else "[green]met[/]" if ok else "[bold red]MISSED[/]"
        goal = "" if row.get("goal") is None else str(row["goal"])
        plain = (str(row.get(key) or "").replace("[", r"\[") for key in ("claim", "unit", "detail"))
        claim, unit, detail = plain
        table.add_row(row["benchmark"], claim, number, unit, goal, met, detail)
    for name, reason in broken.items():
        table.add_row(name, "could not run", "—", "", "", "[bold red]BROKEN[/]", reason.replace("[", r"\["))
    return table


def _write(rows: list[Row], broken: dict[str, str]) -> None:
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    document = {
        "at": stamp,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "rows": rows,
        "broken": broken,
    }
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    _OUT.mkdir(exist_ok=True)
    (_OUT / f"{stamp}.json").write_text(text, "utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
