"""`msktop rules`: which rules of alerting are in force, and why."""

from __future__ import annotations

import json

import click

from msktop.model.alert_rules import DEFAULTS
from msktop.rules_text import rule_document, rules_text


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def rules(as_json: bool) -> None:
    """The rules of alerting that are in force, who says so, and what a file changed."""
    if as_json:
        click.echo(json.dumps({"rules": [rule_document(rule) for rule in DEFAULTS]}, indent=2))
    else:
        click.echo(rules_text(DEFAULTS), nl=False)
