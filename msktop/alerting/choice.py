"""What a person said of alerting: rules and notifiers, from one file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from msktop.alerting.notifiers_file import Notifier
    from msktop.alerting.rules_file import RuleSet


@dataclass(frozen=True, slots=True)
class Alerting:
    """What is in force."""

    rules: RuleSet
    notifiers: tuple[Notifier, ...] = ()


def alert_file() -> Path:
    """Where the file is, whether it exists or not."""
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "msktop" / "rules.toml"


def chosen(path: Path | None) -> Alerting | None:
    """What the file says; None without one, at the price of a look. Raises UsageError.

    A file that was named must be there.
    """
    if path is None and not alert_file().exists():
        return None
    from msktop.alerting.notifiers_file import notifiers_of
    from msktop.alerting.rules_file import rule_set
    from msktop.alerting.toml_tables import Table, read

    document = read(path or alert_file())
    Table.of(document, ()).only(("rules", "notifiers"))
    return Alerting(rules=rule_set(document), notifiers=notifiers_of(document))
