"""One change of topics: as a form of the cluster's, but Kafka itself is asked and changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msktop.actions.offers import Offers
from msktop.errors import ActionError
from msktop.model.cluster import Cluster
from msktop.ui.acting import TopicActor
from msktop.ui.filling import Filling
from msktop.ui.form_topics import CREATE_TOPIC, ELECT_ALL, SEND, record_of
from msktop.ui.forms import Form, Known
from msktop.ui.screens.form import FormScreen

if TYPE_CHECKING:
    from msktop.actions.facts import Facts
    from msktop.actions.perform import Sent
    from msktop.actions.plan import Plan


class Hand:
    """Kafka's hand where a form expects MSK's: only leave is asked of it."""

    def __init__(self, actor: TopicActor) -> None:
        self._actor = actor

    def hindrance(self, *, creating: bool) -> str:
        """Why nothing may be sent."""
        return self._actor.hindrance()

    def facts(self) -> Facts:
        """Kafka has none of these."""
        raise ActionError("no control plane is asked here")

    def offers(self, *, creating: bool) -> Offers:
        """Nor any of these."""
        return Offers()

    def send(self, plan: Plan, typed: str, again: Callable[[Facts], Plan] | None = None) -> Sent:
        """Kafka's plans go another way."""
        raise ActionError("no control plane is asked here")


class TopicFormScreen(FormScreen):
    """Ends with None: what Kafka did is done, there is nothing to follow."""

    def __init__(
        self,
        form: Form,
        actor: TopicActor,
        topic: str | None,
        *,
        cluster: Callable[[], Cluster],
        announce: Callable[[str, bool], None],
    ) -> None:
        super().__init__(form, Hand(actor), cluster=cluster, announce=announce)
        self._topics = actor
        self._topic = None if form in (CREATE_TOPIC, ELECT_ALL) else topic
        self.page.about = self._topic or ""

    @property
    def private(self) -> bool:
        """What is typed for a record is kept nowhere, as what is read."""
        return self.page.form is SEND

    def known(self, cluster: Cluster) -> Known:
        """Topics as they are now."""
        return Known(cluster=cluster, topics=self._topics.facts(self._topic), topic=self._topic)

    def deliver(self, plan: Plan, typed: str, filling: Filling) -> Sent:
        """Send it by Kafka's own requests."""
        if filling.form is SEND and self._topic is not None:
            record = record_of(filling.values)
            return self._topics.write(plan, record, typed, self._topic, filling.planned)
        return self._topics.send(plan, typed, self._topic, filling.planned)
