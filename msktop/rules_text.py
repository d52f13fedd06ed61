"""The rules in force, as text and as a document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msktop.model.alert_figures import Figure, figure
from msktop.model.alert_limits import LIMITS
from msktop.model.alert_rule import Rule
from msktop.model.alert_words import span, with_unit
from msktop.model.text import plain

Json = dict[str, Any]


def condition(rule: Rule) -> str:
    """What must hold, in one line.

    >>> from msktop.model.alert_rules import DEFAULTS
    >>> by_name = {rule.name: rule for rule in DEFAULTS}
    >>> condition(by_name["cpu_60"])
    'cpu_percent > 60 % for 5m'
    >>> condition(by_name["disk_full_within_day"])
    'disk_used_percent on its way to >= 100 % within 1d, for 15m'
    >>> condition(by_name["iam_connections_80"])
    'iam_connections >= 80 % of iam_connections'
    """
    bound = f"{rule.compare} {_threshold(rule, figure(rule.figure))}"
    of = f" of {', '.join(plain(s, 60) for s in rule.subjects)}" if rule.subjects else ""
    hold = f"for {span(rule.for_s)}" if rule.for_s else ""
    if rule.ahead_s:
        words = f"{rule.figure}{of} on its way to {bound} within {span(rule.ahead_s)}"
        return f"{words}, {hold}" if hold else words
    return f"{rule.figure}{of} {bound} {hold}".rstrip()


def _threshold(rule: Rule, of: Figure | None) -> str:
    if not rule.limit:
        return with_unit(rule.threshold, of.unit if of is not None else "")
    part = "" if rule.threshold == 100 else f"{rule.threshold:g} % of "
    return part + rule.limit


def rules_text(rules: Sequence[Rule], changed: Sequence[str] = ()) -> str:
    """A line each: name, severity, condition, who says so; below, what a file changed."""
    names = max((len(rule.name) for rule in rules), default=0)
    conditions = [condition(rule) for rule in rules]
    width = max((len(words) for words in conditions), default=0)
    lines = [
        f"{rule.name:<{names}}  {rule.severity:<4}  {words:<{width}}  {plain(rule.source, 100)}"
        + ("" if rule.origin == "default" else f"  ({plain(rule.origin, 200)})")
        for rule, words in zip(rules, conditions, strict=True)
    ]
    return "\n".join([*lines, *changed]) + "\n"


def rules_table(rules: Sequence[Rule]) -> str:
    """The same as a table of docs/alerts.md."""
    lines = [
        "| rule | severity | kind of incident | when | ends | who says so |",
        "|---|---|---|---|---|---|",
    ]
    for rule in rules:
        cells = (f"`{rule.name}`", rule.severity, f"`{rule.kind}`", condition(rule), _end(rule), rule.source)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _end(rule: Rule) -> str:
    """When it is over."""
    hold = f"after {span(rule.clear_for_s)}" if rule.clear_for_s else "at once"
    if rule.clear is None:
        return hold
    unit = "%" if rule.limit else (of.unit if (of := figure(rule.figure)) is not None else "")
    return f"not {rule.compare} {with_unit(rule.clear, unit)}, {hold}"


def rule_document(rule: Rule) -> Json:
    """One rule with all that it has; times in seconds, null where it has none."""
    of = figure(rule.figure)
    return {
        "name": rule.name,
        "kind": rule.kind,
        "severity": rule.severity,
        "figure": rule.figure,
        "figure_of": of.of if of is not None else None,
        "figure_unit": of.unit or None if of is not None else None,
        "figure_source": of.source if of is not None else None,
        "compare": rule.compare,
        "threshold": rule.threshold,
        "limit": rule.limit or None,
        "limit_is": LIMITS[rule.limit][1] if rule.limit in LIMITS else None,
        "for_s": rule.for_s,
        "clear": rule.clear,
        "clear_for_s": rule.clear_for_s,
        "ahead_s": rule.ahead_s or None,
        "subjects": list(rule.subjects) or None,
        "advice": rule.advice or None,
        "source": rule.source,
        "origin": rule.origin,
    }
