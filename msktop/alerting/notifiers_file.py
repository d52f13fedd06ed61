"""Notifiers from a file: `[notifiers.NAME]`, each with its type and whom it tells what."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import get_args

from msktop.alerting.marks import graver
from msktop.alerting.senders import SECRET, CommandSender, Sender, SendError, SnsSender, TerminalSender
from msktop.alerting.toml_tables import Document, Table
from msktop.alerting.webhook import Secret, WebhookSender, checked_url
from msktop.model.incidents import Incident, Severity

_COMMON = ("type", "severity", "kinds", "clusters", "planned", "group", "at_most", "within")
_HEADER = re.compile(r"[A-Za-z0-9-]{1,64}")
_TOPIC = re.compile(r"arn:aws[\w-]*:sns:([a-z0-9-]+):\d{12}:[\w-]{1,256}(\.fifo)?", re.ASCII)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DESKTOPS = ("osc777", "osc9", "none")
_LONGEST_S = 60.0
"""Of one try."""


@dataclass(frozen=True, slots=True)
class Notifier:
    """One way to somebody, and what is told by it."""

    name: str
    type: str
    sender: Sender
    severity: Severity = "warn"
    """This and graver."""
    kinds: tuple[str, ...] = ("*",)
    clusters: tuple[str, ...] = ("*",)
    planned: bool = True
    """Also what falls into an operation of the control plane."""
    group_s: float = 5.0
    """What comes within so long after the first is one message."""
    at_most: int = 20
    within_s: float = 3600.0
    """So many messages in so long; what comes meanwhile waits, in one."""

    def wants(self, cluster: str, incident: Incident) -> bool:
        """Whether it is told of this incident."""
        if graver(self.severity, incident.severity) or (incident.planned and not self.planned):
            return False
        kind = any(fnmatchcase(incident.kind.value, p) or fnmatchcase(incident.rule, p) for p in self.kinds)
        return kind and any(fnmatchcase(cluster, pattern) for pattern in self.clusters)


def notifiers_of(document: Document) -> tuple[Notifier, ...]:
    """All of a file. Raises UsageError with file, line and column."""
    return tuple(_notifier(name, table) for name, table in Table.of(document, ("notifiers",)).tables())


def _notifier(name: str, table: Table) -> Notifier:
    if "type" not in table.values:
        raise table.document.wrong(
            table.keys, f"notifier {name} has no type", f"It is one of {', '.join(_TYPES)}."
        )
    kind = table.word("type", _TYPES)
    make, keys = _TYPES[kind]
    table.only((*_COMMON, *keys))
    severities: tuple[Severity, ...] = get_args(Severity)
    wanted = table.word("severity", severities, "warn")
    at_most = table.number("at_most", 20.0) or 0.0
    if at_most < 1 or at_most != int(at_most):
        raise table.wrong("at_most", "at_most must be a whole number of messages", "Write at_most = 20.")
    return Notifier(
        name=name,
        type=kind,
        sender=make(table),
        severity=next(s for s in severities if s == wanted),
        kinds=table.texts("kinds", ("*",)),
        clusters=table.texts("clusters", ("*",)),
        planned=table.flag("planned", True),
        group_s=table.seconds("group", 5.0),
        at_most=int(at_most),
        within_s=table.seconds("within", 3600.0),
    )


def _needed(table: Table, key: str, advice: str) -> None:
    if not table.values.get(key):
        where = table.keys if key not in table.values else (*table.keys, key)
        raise table.document.wrong(where, f"{'.'.join(table.keys)} needs {key}", advice)


def _timeout(table: Table, default: float) -> float:
    found = table.seconds("timeout", default)
    if not 0 < found <= _LONGEST_S:
        raise table.wrong(
            "timeout", f"timeout must be over 0 and at most {_LONGEST_S:g} s", 'Write timeout = "10s".'
        )
    return found


# ------------------------------------------------------------------ one function a type


def _terminal(table: Table) -> Sender:
    return TerminalSender(bell=table.flag("bell", True), desktop=table.word("desktop", _DESKTOPS, "osc777"))


def _command(table: Table) -> Sender:
    _needed(table, "command", 'Write command = ["/path/to/program", "argument"]: no shell reads it.')
    environment = table.texts("environment")
    for name in environment:
        if not _VARIABLE.fullmatch(name):
            raise table.wrong("environment", f"{name!r} is no name of a variable", "Names only, no values.")
        if SECRET.search(name):
            raise table.wrong(
                "environment",
                f"{name} looks like a secret, and is not passed on",
                "Let the command read its secrets from a file of its own.",
            )
    return CommandSender(table.texts("command"), _timeout(table, 10.0), environment)


def _webhook(table: Table) -> Sender:
    given = [key for key in ("url", "url_file", "url_env") if key in table.values]
    if len(given) != 1:
        where = (*table.keys, given[1]) if given else table.keys
        raise table.document.wrong(
            where,
            f"{'.'.join(table.keys)} needs one of url, url_file, url_env",
            "A URL that is a secret belongs into a file or the environment.",
        )
    url = _secret(table, given[0], "url")
    if given[0] == "url":
        try:
            checked_url(url.text)
        except SendError as error:
            raise table.wrong("url", error.title, error.advice) from error
    headers = []
    for key in ("headers", "headers_file", "headers_env"):
        inner = Table.of(table.document, (*table.keys, key))
        for name in inner.values:
            if not _HEADER.fullmatch(name):
                raise inner.document.wrong(
                    (*inner.keys, name), f"{name!r} is no name of a header", "Such as Authorization."
                )
            headers.append((name, _secret(inner, name, name, key)))
    return WebhookSender(url, tuple(headers), _timeout(table, 5.0))


def _secret(table: Table, key: str, name: str, how: str = "") -> Secret:
    """What stands at a key: itself, the file that holds it, or the variable."""
    text = table.text(key)
    how = how or key
    if not text or not text.isprintable():
        raise table.wrong(key, f"{name} must not be empty, nor hold control characters")
    if how.endswith("_file"):
        return Secret(file=table.document.path.parent / Path(text).expanduser())
    if how.endswith("_env"):
        if not _VARIABLE.fullmatch(text):
            raise table.wrong(key, f"{text!r} is no name of a variable", "Its name only, without $.")
        return Secret(variable=text)
    return Secret(text=text)


def _sns(table: Table) -> Sender:
    from msktop.aws.access import Access
    from msktop.aws.session import AwsSession

    _needed(table, "topic_arn", 'Write topic_arn = "arn:aws:sns:eu-west-1:123456789012:alarms".')
    arn = table.text("topic_arn")
    found = _TOPIC.fullmatch(arn)
    if found is None:
        raise table.wrong(
            "topic_arn", f"{arn!r} is no ARN of a topic", "It looks like arn:aws:sns:REGION:ACCOUNT:NAME."
        )
    if arn.endswith(".fifo"):
        raise table.wrong("topic_arn", "a FIFO topic cannot be used", "Take a standard topic.")
    access = Access(
        profile=table.text("profile") or None,
        regions=(found[1],),
        endpoint_url=table.text("endpoint_url") or None,
    )
    return SnsSender(AwsSession(access), arn, found[1])


_TYPES: Mapping[str, tuple[Callable[[Table], Sender], tuple[str, ...]]] = {
    "terminal": (_terminal, ("bell", "desktop")),
    "command": (_command, ("command", "timeout", "environment")),
    "webhook": (
        _webhook,
        ("url", "url_file", "url_env", "headers", "headers_file", "headers_env", "timeout"),
    ),
    "sns": (_sns, ("topic_arn", "profile", "endpoint_url")),
}
"""By type: how its sender is made, and which keys it has."""
