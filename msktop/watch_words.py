"""Options of the commands that watch a cluster, and what was said by them: leave, alerting, screen."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from msktop.kept import given, kept_option
from msktop.target_words import words

if TYPE_CHECKING:
    from msktop.alerting.choice import Alerting
    from msktop.model.alert_rule import Rule
    from msktop.settings import Look, Target

_Command = TypeVar("_Command", bound="Callable[..., Any] | click.Command")

_FILE = click.Path(dir_okay=False, path_type=Path)
_LEAVE = (
    kept_option(
        "--write", is_flag=True, default=None, help="Let the cluster be changed; a local MSK of yours may be."
    ),
    kept_option("--read-only", is_flag=True, default=None, help="Let nothing be changed, whatever else."),
)
_WRITES = (
    kept_option(
        "--write-probe/--no-write-probe",
        default=None,
        help="Write small records to a topic of msktop's own, to see who can be written to (docs/writes.md);"
        " default: on a local MSK of yours.",
    ),
    kept_option("--yes", is_flag=True, default=None, help="To what --write-probe asks without a terminal."),
)
_LOOK = (
    kept_option("--ascii", "ascii_only", is_flag=True, default=None, help="Draw with ASCII only."),
    kept_option("--theme", type=click.Choice(["night", "day", "ansi", "mono"]), help="Colours."),
    kept_option("--log-file", metavar="FILE", type=_FILE, help="Where to log; default: the state folder."),
)
_ALERTS = (
    kept_option(
        "--rules",
        "rules_file",
        metavar="FILE",
        type=_FILE,
        help="Rules of alerting and notifiers; default: ~/.config/msktop/rules.toml.",
    ),
)


def alert_options(command: _Command) -> _Command:
    """The option that says what is alarming."""
    for option in reversed(_ALERTS):
        command = option(command)
    return command


def write_options(command: _Command) -> _Command:
    """Options that say whether the cluster may be changed, and whether msktop writes to its own topic."""
    for option in reversed((*_LEAVE, *_WRITES)):
        command = option(command)
    return command


def look_options(command: _Command) -> _Command:
    """Options of the screen."""
    for option in reversed(_LOOK):
        command = option(command)
    return command


def target_said() -> Target:
    """The cluster that is meant, with leave. Raises TargetError, ActionError, UsageError."""
    from msktop.opening import named

    return with_leave(named(words()))


def with_leave(target: Target) -> Target:
    """The target; raises ActionError where it is to be written to and that is not allowed."""
    if target.write_probe:
        from msktop.actions.guard import Permit
        from msktop.errors import ActionError

        why = Permit(write=target.write, read_only=target.read_only, ours=target.ours).hindrance
        if not (why or target.ours or given("yes")["yes"] or sys.stdin.isatty()):
            why = "Without a terminal nobody can be asked: give --yes."
        if why:
            raise ActionError("the write probe would make a topic and write to it", why)
    return target


def look_said() -> Look:
    """How the screen is drawn."""
    from msktop.settings import Look

    said = given("ascii_only", "theme", "log_file")
    return Look(ascii_only=bool(said["ascii_only"]), theme=said["theme"], log_file=said["log_file"])


def alerting_said() -> Alerting | None:
    """Rules and notifiers of the file that was named, or of the usual one; None where there is none."""
    from msktop.alerting.choice import chosen

    return chosen(given("rules_file")["rules_file"])


def rules_said() -> tuple[Rule, ...] | None:
    """Only those of a file that was named: a recording has its own."""
    alerting = alerting_said() if given("rules_file")["rules_file"] is not None else None
    return alerting.rules.rules if alerting is not None else None
