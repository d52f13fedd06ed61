"""Rules from a file, which changes, switches off or adds any."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

from msktop.alerting.toml_tables import Document, Table
from msktop.model.alert_figures import FIGURES, Figure, figure
from msktop.model.alert_limits import LIMITS
from msktop.model.alert_rule import Compare, Rule, Severity
from msktop.model.alert_rules import DEFAULTS
from msktop.model.cloudwatch import METRICS
from msktop.model.incidents import Kind
from msktop.model.metrics import FIGURES as PAGE_FIGURES

KEYS = (
    "enabled", "figure", "compare", "threshold", "limit", "for", "clear", "clear_for", "ahead", "severity",
    "kind", "subjects", "advice", "source",
)  # fmt: skip
_NEEDED = ("figure", "compare", "threshold")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SEVERITIES: tuple[Severity, ...] = get_args(Severity)
_COMPARES: tuple[Compare, ...] = get_args(Compare)
KINDS = tuple(dict.fromkeys([*(rule.kind for rule in DEFAULTS), Kind.RULE.value]))
"""Kinds that rules may open; those of failures are opened by evidence alone."""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules in force."""

    rules: tuple[Rule, ...] = DEFAULTS
    off: tuple[str, ...] = ()
    """Names of rules that the file switched off."""
    file: Path | None = None

    @property
    def own(self) -> bool:
        """Whether a file changed anything."""
        return self.rules != DEFAULTS


def rule_set(document: Document) -> RuleSet:
    r"""The rules in force with what a file says. Raises UsageError with file, line and column.

    >>> from msktop.alerting.toml_tables import parse
    >>> changed = rule_set(parse("[rules.disk_80]\nthreshold = 70", Path("rules.toml")))
    >>> [(r.threshold, r.clear, r.origin) for r in changed.rules if r.name == "disk_80"]
    [(70.0, 68.0, 'rules.toml')]
    >>> rule_set(parse("[rules.disk_80]\nthreshold = '70'", Path("rules.toml")))
    Traceback (most recent call last):
    msktop.errors.UsageError: rules.toml, line 2, column 13: threshold must be a number
    """
    rules = {rule.name: rule for rule in DEFAULTS}
    off: list[str] = []
    for name, table in Table.of(document, ("rules",)).tables():
        if not _NAME.fullmatch(name):
            raise document.wrong(
                table.keys, f"{name!r} is no name of a rule", "Letters, digits, _ and - only."
            )
        table.only(KEYS)
        enabled = table.flag("enabled", True)
        rules[name] = _rule(name, table, rules.get(name))
        if not enabled:
            off.append(name)
            del rules[name]
    return RuleSet(tuple(rules.values()), tuple(off), document.path)


def _rule(name: str, table: Table, default: Rule | None) -> Rule:
    """A rule as its table has it, over msktop's own of that name."""
    if default is None:
        missing = [key for key in _NEEDED if key not in table.values]
        if missing:
            raise table.document.wrong(
                table.keys,
                f"{name} is none of msktop's own rules, and a new one needs {', '.join(missing)}",
                "`msktop rules` prints those that there are.",
            )
        default = Rule(
            name=name, kind=Kind.RULE, figure="", compare=">", threshold=0.0, severity="warn",
            source=str(table.document.path),
        )  # fmt: skip
    threshold = table.number("threshold", default.threshold)
    assert threshold is not None
    rule = replace(
        default,
        figure=table.text("figure", default.figure),
        compare=_compare(table, default.compare),
        threshold=threshold,
        limit=table.word("limit", LIMITS, default.limit),
        for_s=table.seconds("for", default.for_s),
        clear=_clear(table, default, threshold),
        clear_for_s=table.seconds("clear_for", default.clear_for_s),
        ahead_s=table.seconds("ahead", default.ahead_s),
        severity=_severity(table, default.severity),
        kind=table.word("kind", KINDS, default.kind),
        subjects=table.texts("subjects", default.subjects),
        advice=table.text("advice", default.advice),
        source=table.text("source", default.source),
        origin=str(table.document.path),
    )
    _check(table, rule)
    return rule


def _compare(table: Table, default: Compare) -> Compare:
    found = table.word("compare", _COMPARES, default)
    return next(compare for compare in _COMPARES if compare == found)


def _severity(table: Table, default: Severity) -> Severity:
    found = table.word("severity", _SEVERITIES, default)
    return next(severity for severity in _SEVERITIES if severity == found)


def _clear(table: Table, default: Rule, threshold: float) -> float | None:
    """As far from the threshold as it was, where only the threshold is another."""
    if "clear" in table.values:
        return table.number("clear")
    return None if default.clear is None else threshold + default.clear - default.threshold


def _check(table: Table, rule: Rule) -> None:
    """What one key says of another."""
    of = _known_figure(table, rule.figure)
    if rule.limit and of.of != "broker":
        raise table.wrong("limit", f"a limit is of a broker, and {rule.figure} is of a {of.of}")
    if rule.ahead_s and of.history is None:
        able = [name for name, f in FIGURES.items() if f.history is not None]
        raise table.wrong(
            "ahead", f"{rule.figure} has no past to look ahead by", f"These have: {', '.join(able)}."
        )
    if rule.ahead_s and rule.compare == "!=":
        raise table.wrong("ahead", "nothing is on its way to !=", "Look ahead with >, >=, < or <=.")
    if rule.clear is not None:
        beyond = rule.clear > rule.threshold if rule.compare in (">", ">=") else rule.clear < rule.threshold
        if beyond and rule.compare != "!=":
            side = "under" if rule.compare in (">", ">=") else "over"
            raise table.wrong(
                "clear", f"clear must not be beyond the threshold, {rule.threshold:g}", f"It is {side} it."
            )


def _known_figure(table: Table, name: str) -> Figure:
    table.word("figure", [name, *FIGURES] if figure(name) is not None else FIGURES)
    kind, _, key = name.partition(":")
    if kind == "cloudwatch" and (key not in METRICS or METRICS[key].of != "broker"):
        known = [metric for metric, how in METRICS.items() if how.of == "broker"]
        raise table.wrong(
            "figure", f"CloudWatch is not asked for {key!r} of brokers", f"It is for {', '.join(known)}."
        )
    if kind in ("page", "rate") and key.partition("/")[0] not in PAGE_FIGURES:
        raise table.wrong("figure", f"{key!r} is not kept of pages", f"These are: {', '.join(PAGE_FIGURES)}.")
    found = figure(name)
    assert found is not None
    return found
