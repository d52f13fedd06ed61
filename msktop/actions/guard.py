"""Whether a change may be made at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from msktop.actions.plan import Plan
from msktop.errors import ActionError


@dataclass(frozen=True, slots=True)
class Permit:
    """What a person has said about changing the target."""

    write: bool = False
    """--write, or `write = true` of the saved target."""
    read_only: bool = False
    """--read-only: beats all."""
    yes: bool = False
    """--yes: nobody need be asked."""
    ours: bool = False
    """The API is served by a local MSK that a supervisor of this user runs now: no --write is needed."""

    @property
    def hindrance(self) -> str:
        """Why nothing may be changed, whatever it is; empty where it may.

        >>> Permit(ours=True).hindrance, Permit(write=True, read_only=True).hindrance
        ('', '--read-only was given, which beats --write.')
        """
        if self.read_only:
            return "--read-only was given, which beats --write."
        if self.write or self.ours:
            return ""
        return "Changing a cluster needs --write, or write = true for this target in the configuration."


Ask = Callable[[str], str]


def permit(plan: Plan, said: Permit, ask: Ask | None) -> None:
    """Return where the plan may be sent; raise ActionError where it may not.

    `ask` shows a question and gives what was typed; None where there is no terminal: then --yes is needed.
    """
    if said.hindrance:
        raise ActionError(f"not sent: {plan.title}", said.hindrance)
    if said.yes:
        return
    if ask is None:
        raise ActionError(f"not sent: {plan.title}", "Without a terminal nobody can be asked: give --yes.")
    typed = ask(f"Type {plan.confirmation} to go on: ")
    if typed.strip() != plan.confirmation:
        raise ActionError(f"not sent: {plan.title}", f"What was typed is not {plan.confirmation}.")
