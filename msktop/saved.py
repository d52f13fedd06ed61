"""Saved targets: `[targets.NAME]` in ~/.config/msktop/config.toml."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from msktop.errors import UsageError

KEYS = (
    "bootstrap_servers",
    "command_config",
    "arn",
    "profile",
    "region",
    "endpoint_url",
    "client_rack",
    "write",
)


@dataclass(frozen=True, slots=True)
class Saved:
    """One saved target: a Kafka cluster by its bootstrap servers, an MSK cluster by its ARN, or both."""

    name: str
    bootstrap_servers: str | None = None
    command_config: Path | None = None
    arn: str | None = None
    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    client_rack: str | None = None
    write: bool = False


def config_file() -> Path:
    """Where the configuration is, whether it exists or not."""
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "msktop" / "config.toml"


def saved_targets(path: Path | None = None) -> dict[str, Saved]:
    """All of them by name; none without the file. Raises UsageError that names the file and the key."""
    path = path or config_file()
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    try:
        return parse(text, path.parent)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not TOML: {error}") from error
    except UsageError as error:
        raise UsageError(f"{path}: {error.title}", error.advice) from error


def parse(text: str, folder: Path) -> dict[str, Saved]:
    r"""The same from the file's text; a relative command_config is sought in `folder`.

    >>> parse('[targets.shop]\nbootstrap_servers = "b:9092"\nwrite = true', Path("."))["shop"].write
    True
    >>> parse('[targets.shop]\nbootstrap_server = "b:9092"', Path("."))
    Traceback (most recent call last):
    msktop.errors.UsageError: targets.shop: 'bootstrap_server' is not known
    """
    tables = tomllib.loads(text).get("targets", {})
    if not isinstance(tables, dict):
        raise UsageError("targets is not a table", "Write [targets.NAME] and its keys below it.")
    return {name: _saved(name, table, folder) for name, table in tables.items()}


def _saved(name: str, table: object, folder: Path) -> Saved:
    where = f"targets.{name}"
    if not isinstance(table, dict):
        raise UsageError(f"{where} is not a table", f"Write [{where}] and its keys below it.")
    for key, value in table.items():
        if key not in KEYS:
            raise UsageError(f"{where}: {key!r} is not known", f"It may have {', '.join(KEYS)}.")
        wanted = bool if key == "write" else str
        if not isinstance(value, wanted):
            raise UsageError(f"{where}: {key} must be {'true or false' if wanted is bool else 'a string'}")
    if "bootstrap_servers" not in table and "arn" not in table:
        raise UsageError(f"{where} names no cluster", "Give it bootstrap_servers, or an arn, or both.")
    config = table.get("command_config")
    given = {key: value for key, value in table.items() if key != "command_config"}
    return Saved(name=name, command_config=folder / Path(config).expanduser() if config else None, **given)
