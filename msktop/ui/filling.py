"""A form that is being filled in: what stands where, where the next key goes, which plan comes of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from msktop.actions.facts import Facts
from msktop.actions.perform import Sent
from msktop.actions.plan import Plan
from msktop.actions.topic_facts import TopicFacts
from msktop.errors import ActionError, MsktopError
from msktop.model.cluster import Cluster
from msktop.ui.forms import Field, Form, Known

MOST_TYPED = 1000
"""Characters in one field: lists of subnets and ARNs are far shorter."""


class Filling:
    """Nothing here asks anybody: plans are made from what is known already, with every key."""

    def __init__(self, form: Form, known: Known, before: Filling | None = None) -> None:
        """With what was typed before, where something was."""
        self.form = form
        self.known = known
        self.values: dict[str, str] = {}
        self.confirmed = ""
        """What was typed for the confirmation; any other change empties it."""
        self.at = 0
        """The field that keys go to; after the last one comes the confirmation."""
        self.plan: Plan | None = None
        self.refusal: MsktopError | None = None
        """Why there is no plan."""
        self._typed: set[str] = set()
        if before is not None:
            self.values, self._typed = dict(before.values), set(before._typed)
        self._whole = True
        """The next character takes the place of what stands there."""
        self._changed()

    @property
    def field(self) -> Field | None:
        """The one that keys go to; None at the confirmation."""
        return self.form.fields[self.at] if self.at < len(self.form.fields) else None

    @property
    def ready(self) -> bool:
        """Whether Enter sends it."""
        plan = self.plan
        return plan is not None and self.field is None and self.confirmed.strip() == plan.confirmation

    @property
    def busy(self) -> bool:
        """Whether the cluster could take it at another time: it is worth looking again."""
        facts = self.known.facts
        return isinstance(self.refusal, ActionError) and facts is not None and facts.state != "ACTIVE"

    def planned(self, facts: Facts | TopicFacts) -> Plan:
        """The same change from newer facts. Raises UsageError, ActionError."""
        if isinstance(facts, TopicFacts):
            return self.form.plan(replace(self.known, topics=facts), self.values)
        return self.form.plan(replace(self.known, facts=facts), self.values)

    # -------------------------------------------------------------- keys

    def move(self, by: int) -> None:
        """To another field; the confirmation can be gone to only where there is a plan."""
        last = len(self.form.fields) - (self.plan is None)
        self.at = max(0, min(last, self.at + by))
        self._whole = True

    def type(self, text: str) -> None:
        """Add what was typed or pasted."""
        text = "".join(char for char in text if char.isprintable())
        if not text:
            return
        if self.field is None:
            self.confirmed = (self.confirmed + text)[:MOST_TYPED]
            return
        before = "" if self._whole else self.values[self.field.name]
        self._put(self.field, (before + text)[:MOST_TYPED])

    def erase(self, *, all_of_it: bool = False) -> None:
        """The last character, or everything."""
        if self.field is None:
            self.confirmed = "" if all_of_it else self.confirmed[:-1]
        else:
            self._put(self.field, "" if all_of_it else self.values[self.field.name][:-1])

    def choose(self, by: int) -> None:
        """The next of what there is to choose from; of numbers, the next larger or smaller one."""
        if self.field is None:
            return
        choices = list(self.field.choices(self.known, self.values))
        if not choices:
            return
        now = self.values[self.field.name].strip()
        if now in choices:
            at = max(0, min(len(choices) - 1, choices.index(now) + by))
        elif now.isdecimal() and all(one.isdecimal() for one in choices):
            larger = [i for i, one in enumerate(choices) if int(one) > int(now)]
            at = max(0, (larger[0] if larger else len(choices)) - (by < 0))
            at = min(at, len(choices) - 1)
        else:
            at = 0 if by > 0 else len(choices) - 1
        self._put(self.field, choices[at])
        self._whole = True

    def _put(self, field: Field, text: str) -> None:
        self.values[field.name] = text
        self._typed.add(field.name)
        self._whole = False
        self._changed()

    # -------------------------------------------------------------- what comes of it

    def _changed(self) -> None:
        """What nobody has typed follows what somebody has; and a confirmation was of the plan before."""
        self.confirmed = ""
        for field in self.form.fields:
            if field.name not in self._typed:
                self.values[field.name] = field.first(self.known, self.values)
        self.plan = self.refusal = None
        try:
            self.plan = self.form.plan(self.known, self.values)
        except MsktopError as error:
            self.refusal = error


Phase = Literal["reading", "unread", "filling", "sending", "sent", "refused", "unknown"]
"""What a form does: it asks what there is (and was told, or not), is filled in, sent, and has its answer."""


@dataclass(slots=True)
class Page:
    """What is shown now."""

    form: Form
    cluster: Cluster
    hindrance: str = ""
    phase: Phase = "reading"
    filling: Filling | None = None
    error: MsktopError | None = None
    sent: Sent | None = None
    waited_s: float = 0.0
    note: str = ""
    """What is wrong with what was typed."""
    top: int = 0
    about: str = ""
    """The topic that it is about, where it is about one."""
