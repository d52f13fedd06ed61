"""Which cluster is meant."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from msktop.errors import UsageError
from msktop.settings import Target, parse_bootstrap
from msktop.wire.security import Security

LOCAL_SCRAPE_S = 10.0


def choose(
    bootstrap_servers: str | None = None,
    command_config: Path | None = None,
    local_name: str | None = None,
    client_rack: str | None = None,
) -> Target:
    """The target that the words mean; without any, the one local MSK that runs. Raises UsageError."""
    if bootstrap_servers is not None and local_name is not None:
        raise UsageError("--bootstrap-servers and --local name two clusters", "Give one of them.")
    if bootstrap_servers is None:
        return local(local_name or _only_local(), client_rack)
    servers = parse_bootstrap(bootstrap_servers)
    security = Security.from_properties(command_config) if command_config is not None else Security()
    return Target(
        name=servers.partition(",")[0],
        bootstrap_servers=servers,
        security=security,
        client_rack=client_rack,
    )


def local(name: str, client_rack: str | None = None) -> Target:
    """A local MSK by its name, from its documented state file (docs/local.md). Raises UsageError."""
    path = state_file(name)
    state = _read(path)
    if state is None:
        raise UsageError(
            f"no local MSK named {name!r} runs here", f"Start it: msktop local start --name {name}"
        )
    return Target(
        name=name,
        bootstrap_servers=parse_bootstrap(state["bootstrap_servers"]),
        kind="local",
        client_rack=client_rack,
        state_file=path,
        scrape_period_s=LOCAL_SCRAPE_S,
    )


def _folder() -> Path:
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(home) / "msktop" / "local"


def state_file(name: str) -> Path:
    """Where the supervisor of a local MSK keeps its state."""
    if not name or "/" in name or name.startswith("."):
        raise UsageError(f"{name!r} is not a name of a local MSK")
    return _folder() / name / "state.json"


def _read(path: Path) -> dict[str, Any] | None:
    try:
        state = json.loads(path.read_bytes())
        os.kill(int(state["supervisor_pid"]), 0)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return state if isinstance(state, dict) else None


def _only_local() -> str:
    folder = _folder()
    names = sorted(p.parent.name for p in folder.glob("*/state.json") if _read(p) is not None)
    if len(names) == 1:
        return names[0]
    if names:
        raise UsageError(
            f"{len(names)} local clusters run here: {', '.join(names)}", "Name one: msktop --local NAME"
        )
    raise UsageError(
        "which cluster?",
        "msktop --bootstrap-servers HOST:PORT watches any Kafka; msktop demo starts one here and watches it.",
    )
