"""What the forms need to change a cluster; the composition root hands one in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from msktop.actions.facts import Facts
    from msktop.actions.offers import Offers
    from msktop.actions.perform import Sent
    from msktop.actions.plan import Plan
    from msktop.actions.send import NewRecord
    from msktop.actions.tail import Since, Tail
    from msktop.actions.topic_facts import TopicFacts
    from msktop.actions.topic_looking import Looked


class Actor(Protocol):
    """Changes one cluster, and makes new ones. All but `hindrance` may block and raise MsktopError."""

    def hindrance(self, *, creating: bool) -> str:
        """Why the cluster may not be changed, or none be made; empty where it may."""

    def facts(self) -> Facts:
        """The cluster as it is now, read anew."""

    def offers(self, *, creating: bool) -> Offers:
        """What there is to choose from."""

    def send(self, plan: Plan, typed: str, again: Callable[[Facts], Plan] | None = None) -> Sent:
        """Send it, if `typed` is what its confirmation asks for and `again` still plans the same.

        Raises OutcomeUnknownError where it was sent and nobody knows what came of it.
        """


class TopicActor(Protocol):
    """Changes topics, and looks into them. All but `hindrance` may block and raise MsktopError."""

    def hindrance(self) -> str:
        """Why no topic may be changed; empty where it may."""

    def facts(self, topic: str | None) -> TopicFacts:
        """All topics, and what this one is set to, read anew."""

    def look(self, topic: str) -> Looked:
        """One topic from close by."""

    def send(self, plan: Plan, typed: str, topic: str | None, again: Callable[[TopicFacts], Plan]) -> Sent:
        """Send it, if `typed` is what its confirmation asks for and `again` still plans the same.

        Raises OutcomeUnknownError where it was sent and nobody knows what came of it.
        """

    def write(
        self, plan: Plan, record: NewRecord, typed: str, topic: str, again: Callable[[TopicFacts], Plan]
    ) -> Sent:
        """Send one record by the same rules; `plan` has its sizes, and never what is in it."""

    def tail(self, topic: str, since: Since, partition: int | None = None) -> Tail:
        """Its records; not read yet."""
