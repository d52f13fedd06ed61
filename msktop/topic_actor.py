"""Changes topics as the monitor's forms ask for it, by the path of `msktop topic`, and looks into them.

Everything is imported when it is first needed: a monitor that only watches pays nothing for it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from msktop.actions.guard import Permit
from msktop.errors import ActionError

if TYPE_CHECKING:
    from msktop.actions.kafka import Kafka
    from msktop.actions.perform import Sent
    from msktop.actions.plan import Plan
    from msktop.actions.send import NewRecord
    from msktop.actions.tail import Since, Tail
    from msktop.actions.topic_facts import TopicFacts
    from msktop.actions.topic_looking import Looked
    from msktop.kafka_way import KafkaWay
    from msktop.model.cluster import Cluster
    from msktop.settings import Target


class KafkaActor:
    """The cluster that is watched, by its brokers, and what its person has allowed.

    What asks Kafka may take as long as Kafka does, and raises MsktopError: it is for threads of its own.
    """

    def __init__(self, target: Target, cluster: Callable[[], Cluster]) -> None:
        self._target = target
        self._cluster = cluster

    @cached_property
    def _way(self) -> KafkaWay:
        from msktop.kafka_way import kafka_way

        return kafka_way(self._target)

    def _kafka(self) -> Kafka:
        from msktop.actions.kafka import Kafka

        return Kafka(self._way.bootstrap_servers, self._way.security)

    def _said(self, cluster_id: str | None) -> Permit:
        from msktop.targets import is_ours

        return Permit(write=self._target.write, read_only=self._target.read_only, ours=is_ours(cluster_id))

    def hindrance(self) -> str:
        """Why nothing may be sent; empty where it may."""
        return self._said(self._cluster().cluster_id).hindrance

    def facts(self, topic: str | None) -> TopicFacts:
        """All topics, and what this one is set to, read anew."""
        with self._kafka() as kafka:
            return self._facts(kafka, topic)

    def _facts(self, kafka: Kafka, topic: str | None) -> TopicFacts:
        from msktop.actions.topic_facts import topic_facts

        seen = self._cluster().description
        kind = (seen.instance_type if seen else None) or self._way.instance_type
        return topic_facts(
            kafka, self._target.name, configs_of=() if topic is None else (topic,), instance_type=kind
        )

    def look(self, topic: str) -> Looked:
        """One topic from close by: offsets, settings, producers."""
        from msktop.actions.topic_looking import look

        with self._kafka() as kafka:
            return look(kafka, self._facts(kafka, topic), topic)

    def send(self, plan: Plan, typed: str, topic: str | None, again: Callable[[TopicFacts], Plan]) -> Sent:
        """Send it, if it is allowed and still what would be planned; `again` plans it from new facts."""
        from msktop.actions.audit import Audit
        from msktop.actions.guard import permit
        from msktop.actions.perform import Sent
        from msktop.actions.topic_perform import perform

        with self._kafka() as kafka:
            permit(plan, self._said(kafka.brokers.cluster_id), lambda _: typed)
            if again(self._facts(kafka, topic)) != plan:
                raise ActionError(
                    f"not sent: {plan.cluster} has changed since it was looked at", "Look at it again."
                )
            done = perform(plan, kafka, Audit())
            return Sent(done.cluster_id or "", None, done.refused)

    def write(
        self, plan: Plan, record: NewRecord, typed: str, topic: str, again: Callable[[TopicFacts], Plan]
    ) -> Sent:
        """Send one record, if it is allowed and still what would be planned."""
        from msktop.actions.audit import Audit
        from msktop.actions.guard import permit
        from msktop.actions.perform import Sent
        from msktop.actions.send import send

        with self._kafka() as kafka:
            cluster_id = kafka.brokers.cluster_id
            permit(plan, self._said(cluster_id), lambda _: typed)
            facts = self._facts(kafka, topic)
            if again(facts) != plan:
                raise ActionError(
                    f"not sent: {topic} has changed since it was looked at", "Look at it again."
                )
            number = plan.parameters["partition"]
            leader = facts.topic(topic).partitions[number].leader
            landed = send(plan, record, kafka, leader, Audit())
            return Sent(cluster_id or "", None, told=f"partition {landed.partition}, offset {landed.offset}")

    def tail(self, topic: str, since: Since, partition: int | None = None) -> Tail:
        """Its records; whoever reads it closes its connections."""
        from msktop.actions.tail import Tail

        return Tail(self._kafka(), topic, since, partition)
