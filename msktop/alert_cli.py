"""`msktop rules`: which rules of alerting are in force, and why."""

from __future__ import annotations

import json
from pathlib import Path

import click

from msktop.alerting.choice import chosen
from msktop.alerting.rules_file import RuleSet
from msktop.kept import given, kept_option
from msktop.rules_text import rule_document, rules_text

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@kept_option("--rules", "rules_file", metavar="FILE", type=_FILE, help="Of rules and notifiers.")
def rules(as_json: bool) -> None:
    """The rules of alerting that are in force, who says so, and what a file changed."""
    alerting = chosen(given("rules_file")["rules_file"])
    found = alerting.rules if alerting is not None else RuleSet()
    if as_json:
        document = {
            "file": str(found.file) if found.file is not None else None,
            "rules": [rule_document(rule) for rule in found.rules],
            "off": list(found.off),
        }
        click.echo(json.dumps(document, indent=2))
        return
    off = [f"{name} is off ({found.file})" for name in found.off]
    click.echo(rules_text(found.rules, off), nl=False)
