"""What a form is, as data: what is asked for, what there is to choose from, and the plan that comes of it.

The forms themselves are in `form_cluster`, `form_create` and `form_topics`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from msktop.actions.facts import Facts
from msktop.actions.offers import Offers
from msktop.actions.plan import Plan
from msktop.actions.topic_facts import TopicFacts
from msktop.errors import UsageError
from msktop.model.cluster import Cluster

Values = Mapping[str, str]
"""What stands in the fields, by their names."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a form rests on."""

    facts: Facts | None = None
    """The cluster as it was read for this form; None for a new cluster where none is open."""
    offers: Offers = field(default_factory=Offers)
    cluster: Cluster = field(default_factory=Cluster)
    """What the monitor sees of it, for warnings."""
    broker: int | None = None
    """The one that was selected."""
    topics: TopicFacts | None = None
    """Topics as they were read for this form, where it is about one."""
    topic: str | None = None
    """The one that was selected."""

    @property
    def existing(self) -> Facts:
        """The facts of a cluster that is open."""
        if self.facts is None:
            raise UsageError("no cluster is open")
        return self.facts


Choices = Callable[[Known, Values], Sequence[str]]
Hint = Callable[[Known, Values], str]


def _none(_: Known, __: Values) -> Sequence[str]:
    return ()


def _silent(_: Known, __: Values) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Field:
    """One line to fill in."""

    name: str
    label: str
    first: Hint = _silent
    """What stands there before anybody types; follows other fields until then."""
    choices: Choices = _none
    hint: Hint = _silent
    """What may stand there."""


@dataclass(frozen=True, slots=True)
class Form:
    """One change."""

    id: str
    """As `msktop cluster` calls it."""
    label: str
    """In the menu and over the form."""
    fields: tuple[Field, ...]
    plan: Callable[[Known, Values], Plan]
    """Raises UsageError, ActionError."""
    title: Callable[[Values, Plan], str] | None = None
    """Over the form once there is a plan; None: what changes, from what to what."""
    now: Callable[[Cluster], str] = lambda _: ""
    """What the monitor knows of it, for the menu."""
    words: Callable[[Values], tuple[str, ...]] = lambda _: ()
    """What `msktop cluster ID CLUSTER`, or `msktop topic ID TOPIC`, wants after it."""
    option: str = ""
    """What `msktop topic` wants before the topic, where its name alone will not do."""
    needs: str = "cluster"
    """`broker`: offered for one; `account`: needs no cluster; `topics`: Kafka itself is asked and changed."""
    rolling: bool = False
    """Brokers are away one after the other."""


def number(text: str, what: str) -> int:
    """A whole number that was typed. Raises UsageError.

    >>> number(" 6", "number of brokers")
    6
    >>> number("six", "number of brokers")
    Traceback (most recent call last):
    msktop.errors.UsageError: 'six' is no number of brokers
    """
    if not text.strip().isascii() or not text.strip().isdecimal():
        raise UsageError(f"{text!r} is no {what}" if text.strip() else f"which {what}?", "Type digits.")
    return int(text)
