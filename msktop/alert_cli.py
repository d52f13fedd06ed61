"""`msktop rules` and `msktop alert`: what is alarming, who is told, who has seen it, what is silenced."""

from __future__ import annotations

import difflib
import json
import secrets
import sys
import time
from pathlib import Path

import click

from msktop.alerting.choice import Alerting, alert_file, chosen
from msktop.alerting.desk import user
from msktop.alerting.marks import Ack, Key, Silence
from msktop.alerting.message import Alert, Message
from msktop.alerting.notifiers_file import Notifier
from msktop.alerting.rules_file import RuleSet
from msktop.alerting.senders import SendError, TerminalSender
from msktop.alerting.store import Store
from msktop.durations import parse_duration, span
from msktop.errors import UsageError
from msktop.kept import given, kept_option
from msktop.model.incidents import Incident, Kind
from msktop.model.text import plain
from msktop.rules_text import rule_document, rules_text

_FILE = click.Path(dir_okay=False, path_type=Path)
_rules_option = kept_option(
    "--rules", "rules_file", metavar="FILE", type=_FILE, help="Of rules and notifiers."
)


def _alerting() -> Alerting | None:
    return chosen(given("rules_file")["rules_file"])


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@_rules_option
def rules(as_json: bool) -> None:
    """The rules of alerting that are in force, who says so, and what a file changed."""
    alerting = _alerting()
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


@click.group()
def alert() -> None:
    """Try notifiers; acknowledge incidents; silence what nobody needs to hear of."""


# ------------------------------------------------------------------ notifiers


@alert.command("test")
@click.argument("names", nargs=-1)
@_rules_option
def try_notifiers(names: tuple[str, ...]) -> None:
    """Send a test message by each notifier (or those named), and tell how it went; exit code 0 or 1."""
    alerting = _alerting()
    all_of_them = alerting.notifiers if alerting is not None else ()
    unknown = set(names) - {n.name for n in all_of_them}
    if unknown:
        known = ", ".join(n.name for n in all_of_them) or "none"
        raise UsageError(f"no notifier is named {', '.join(sorted(unknown))}", f"There are: {known}.")
    wanted = [n for n in all_of_them if not names or n.name in names]
    if not wanted:
        raise UsageError(
            "there are no notifiers", f"Write [notifiers.NAME] into {alert_file()}: docs/alerts.md."
        )
    worked = [_tried(notifier) for notifier in wanted]
    sys.exit(0 if all(worked) else 1)


def _tried(notifier: Notifier) -> bool:
    began = time.monotonic()
    try:
        notifier.sender.send(_test_message())
        if isinstance(notifier.sender, TerminalSender):
            _ring(notifier.sender)
    except SendError as error:
        click.echo(f"{notifier.name}  {notifier.type}  failed: {plain(error.title)}")
        if error.advice:
            click.echo(f"  {plain(error.advice)}")
        return False
    click.echo(f"{notifier.name}  {notifier.type}  told in {time.monotonic() - began:.2f} s")
    return True


def _ring(sender: TerminalSender) -> None:
    if not sys.stdout.isatty():
        raise SendError("this is no terminal", "Run it in the terminal that the monitor runs in.")
    sys.stdout.write(sender.take())
    sys.stdout.flush()


def _test_message() -> Message:
    now = time.time()
    incident = Incident(
        id=0, kind=Kind.RULE, severity="info", subject="alerting", began=now, detected=now, ended=now,
        detail="this is a test: nothing happened", rule="test",
    )  # fmt: skip
    return Message("msktop", now, (Alert("test", incident),))


# ------------------------------------------------------------------ acknowledgements and silences


@alert.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def list_marks(as_json: bool) -> None:
    """What is acknowledged, silenced, and was told and has not ended."""
    import msgspec

    now = time.time()
    marks = Store().marks().without_old(now)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(marks), indent=2).decode())
        return
    for ack in marks.acks:
        who = f" by {ack.by}" if ack.by else ""
        click.echo(f"acknowledged  {_named(ack.key)}  {span(now - ack.at)} ago{who}")
    for s in marks.silences:
        why = "  ".join(part for part in (f"by {s.by}" if s.by else "", s.reason) if part)
        what = plain(f"{s.what} of {s.subject} in {s.cluster}", 200)
        click.echo(f"silenced {s.id}  {what}  for {span(s.until - now)} more  {plain(why, 200)}".rstrip())
    for told in marks.told:
        click.echo(f"told  {_named(told.key)}  {told.severity}  {span(now - told.at)} ago by {told.notifier}")
    if not (marks.acks or marks.silences or marks.told):
        click.echo("nothing is acknowledged, silenced or told")


def _named(key: Key) -> str:
    return plain(f"{key.kind} of {key.subject} in {key.cluster}", 200)


def _kind(_: click.Context, __: click.Parameter, value: str) -> str:
    """A kind, or the name of an own rule."""
    alerting = chosen(None)
    known = (
        [*(kind.value for kind in Kind), *(r.name for r in alerting.rules.rules)] if alerting else list(Kind)
    )
    if value not in known:
        near = difflib.get_close_matches(value, known, 1)
        raise UsageError(
            f"{value!r} is no kind of incident", f"Did you mean {near[0]}?" if near else "`msktop rules`"
        )
    return value


@alert.command()
@click.argument("cluster")
@click.argument("kind", callback=_kind)
@click.argument("subject")
def ack(cluster: str, kind: str, subject: str) -> None:
    """Say that somebody has seen an incident: msktop alert ack orders disk b-2.

    It is not told any more unless it grows worse. CLUSTER is the word by which it is watched.
    """
    seen = Ack(Key(cluster, kind, subject), time.time(), user())
    Store().change(lambda marks: marks.without_old(time.time()).with_ack(seen))
    click.echo(f"acknowledged  {_named(seen.key)}")


@alert.command()
@click.argument("cluster")
@click.argument("kind", callback=_kind)
@click.argument("subject")
def unack(cluster: str, kind: str, subject: str) -> None:
    """Take an acknowledgement back."""
    key = Key(cluster, kind, subject)
    store = Store()
    if store.marks().acknowledged(key) is None:
        raise UsageError(f"{_named(key)} is not acknowledged", "`msktop alert list` shows what is.")
    store.change(lambda marks: marks.without_ack(key))
    click.echo(f"no longer acknowledged  {_named(key)}")


@alert.command()
@click.argument("what")
@click.option("--subject", default="*", show_default=True, metavar="PATTERN", help="b-1, 'orders-*', …")
@click.option("--cluster", default="*", show_default=True, metavar="PATTERN", help="As it is watched.")
@click.option("--for", "time_", required=True, metavar="TIME", help="90s, 2h, 1d.")
@click.option("--reason", default="", metavar="TEXT", help="Shown in the list.")
def silence(what: str, subject: str, cluster: str, time_: str, reason: str) -> None:
    """Tell nobody for a time: WHAT is a pattern of rules or kinds, such as 'disk*' or '*'."""
    now = time.time()
    seconds = parse_duration(time_)
    if seconds <= 0:
        raise UsageError("a silence of no time is none", "Give --for 2h.")
    one = Silence(
        id=secrets.token_hex(3), what=what, subject=subject, cluster=cluster, at=now, until=now + seconds,
        by=user(), reason=plain(reason, 200),
    )  # fmt: skip
    Store().change(lambda marks: marks.without_old(now).with_silence(one))
    click.echo(f"silenced {one.id}  for {span(seconds)}")


@alert.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID|all")
def unsilence(ids: tuple[str, ...]) -> None:
    """End a silence by its id, or all of them."""
    store = Store()
    there = {s.id for s in store.marks().silences}
    gone = there if ids == ("all",) else set(ids)
    if missing := gone - there:
        raise UsageError(
            f"no silence is {', '.join(sorted(missing))}", "`msktop alert list` shows their ids."
        )
    store.change(lambda marks: marks.without_silence(*gone))
    click.echo(f"{len(gone)} silence{'s' * (len(gone) != 1)} ended")
