"""`make bench`, or `python -m benchmarks [NAME …]`: runs them in turn, prints a table, writes JSON."""

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

NAMES = (
    "exposition",
    "first_paint",
    "probe",
    "recording",
    "detection",
    "versus_peers",
    "cold_start",
)
_OUT = Path(__file__).parent / "out"
Row = dict[str, Any]


def main(names: list[str]) -> int:
    """Run the named benchmarks, by default all; 1 when one of them could not be run."""
    unknown = set(names) - set(NAMES)
    if unknown:
        print(
            f"no benchmark named {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}", file=sys.stderr
        )
        return 64
    console = Console(stderr=True)
    rows: list[Row] = []
    broken = False
    for name in names or NAMES:
        console.print(f"{name} …", style="dim")
        try:
            rows += [
                {"benchmark": name, **row} for row in importlib.import_module(f"benchmarks.{name}").main()
            ]
        except Exception:  # noqa: BLE001 - one that cannot run must not hide the others
            broken = True
            console.print(traceback.format_exc(), style="red", markup=False)
    _print(rows)
    _write(rows)
    return 1 if broken else 0


def _print(rows: list[Row]) -> None:
    table = Table("benchmark", "claim", "value", "unit", "goal", "", "detail", box=None, pad_edge=False)
    for row in rows:
        value = "—" if row["value"] is None else f"{row['value']:.3g}"
        met = "" if row["ok"] is None else "met" if row["ok"] else "MISSED"
        table.add_row(
            row["benchmark"], row["claim"], value, row["unit"], str(row["goal"]), met, row["detail"]
        )
    Console(width=None if sys.stdout.isatty() else 160).print(table)


def _write(rows: list[Row]) -> None:
    _OUT.mkdir(exist_ok=True)
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    document = {"at": stamp, "python": platform.python_version(), "machine": platform.machine(), "rows": rows}
    path = _OUT / f"{stamp}.json"
    path.write_text(json.dumps(document, indent=2) + "\n")
    print(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
