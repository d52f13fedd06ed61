"""What is true of a Kafka cluster's topics before one is changed: read anew, and nothing remembered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from msktop.actions.kafka import Kafka
from msktop.errors import ActionError, TargetError
from msktop.wire import describe, metadata, topic_configs
from msktop.wire.call import Call
from msktop.wire.metadata import TopicEntry
from msktop.wire.topic_configs import TopicConfig

AT_ONCE = 500
"""Topics whose settings are asked for in one request."""


@dataclass(frozen=True, slots=True)
class TopicFacts:
    """One cluster. None: nobody said, or it may not be seen."""

    cluster: str
    """Its name, for people."""
    cluster_id: str | None
    zones: Mapping[int, str | None]
    """Of each broker that is there: its rack."""
    topics: Mapping[str, TopicEntry]
    defaults: Mapping[str, str | None] = field(default_factory=dict)
    """Settings of a broker by name; empty where they may not be seen."""
    configs: Mapping[str, TopicConfig] = field(default_factory=dict)
    """Of the topics that were asked for."""
    instance_type: str | None = None

    @property
    def held(self) -> dict[int, int]:
        """Replicas that each broker holds."""
        found = dict.fromkeys(self.zones, 0)
        for topic in self.topics.values():
            for partition in topic.partitions.values():
                for broker in partition.replicas:
                    found[broker] = found.get(broker, 0) + 1
        return found

    @property
    def zone_count(self) -> int:
        """Different racks; 0 where brokers have none."""
        return len({zone for zone in self.zones.values() if zone})

    def topic(self, name: str) -> TopicEntry:
        """One that is there. Raises ActionError."""
        found = self.topics.get(name)
        if found is None:
            advice = alike(name, self.topics) or "See: msktop topic list"
            raise ActionError(f"{self.cluster} has no topic {name!r}", advice)
        return found

    def replication(self, name: str) -> int:
        """Most replicas of a partition."""
        return max((len(p.replicas) for p in self.topic(name).partitions.values()), default=0)

    def setting(self, topic: str, name: str) -> str | None:
        """What holds for a topic now."""
        config = self.configs.get(topic)
        found = config.settings.get(name) if config is not None else None
        return found.value if found is not None else None

    def compacted(self, topic: str) -> bool:
        """Whether only the newest record of each key stays."""
        return "compact" in (self.setting(topic, "cleanup.policy") or "")

    def default(self, name: str) -> int | None:
        """A number of the brokers' settings."""
        text = self.defaults.get(name)
        return int(text) if text is not None and text.isdecimal() else None


def alike(name: str, names: Iterable[str]) -> str:
    """What there is that begins as a name that is not there; empty for nothing.

    >>> alike("Orderz", ["orders", "clicks"]), alike("x", ["orders"])
    ('There is orders.', '')
    """
    near = sorted(n for n in names if n.casefold().startswith(name.casefold()[:4]))[:5]
    return f"There is {', '.join(near)}." if near else ""


def all_topics(kafka: Kafka) -> tuple[metadata.Answer, dict[str, TopicEntry]]:
    """What Metadata says, and its topics by name. Raises TargetError."""
    call = Call("metadata", metadata.API_KEY, metadata.VERSION, metadata.request(None), flexible=True)
    answer = metadata.split(kafka.ask(call), {})
    entries = map(metadata.topic, answer.topics.values())
    return answer, dict(sorted((entry.name, entry) for entry in entries if not entry.error))


def topic_facts(
    kafka: Kafka, cluster: str, *, configs_of: Iterable[str] | None = (), instance_type: str | None = None
) -> TopicFacts:
    """All topics, and the settings of some (None: of all). Raises TargetError."""
    answer, topics = all_topics(kafka)
    wanted = list(topics) if configs_of is None else [name for name in configs_of if name in topics]
    return TopicFacts(
        cluster=cluster,
        cluster_id=answer.cluster_id,
        zones={node.id: node.rack for node in answer.brokers},
        topics=topics,
        defaults=_defaults(kafka, [node.id for node in answer.brokers]),
        configs=configs(kafka, wanted),
        instance_type=instance_type,
    )


def _defaults(kafka: Kafka, brokers: list[int]) -> dict[str, str | None]:
    """Of the first broker that tells its own: one that has just died is in Metadata until it is fenced."""
    for broker in brokers:
        call = Call(
            "describe_configs",
            describe.DESCRIBE_CONFIGS,
            describe.DESCRIBE_CONFIGS_VERSION,
            describe.configs_request(broker),
        )
        try:
            _, settings = describe.configs(kafka.ask(call, broker))
        except TargetError:
            continue
        return {one.name: one.value for one in settings}
    return {}


def configs(kafka: Kafka, names: list[str]) -> dict[str, TopicConfig]:
    """The settings of these topics, with what they would be without the topic's own. Raises TargetError."""
    found: dict[str, TopicConfig] = {}
    for at in range(0, len(names), AT_ONCE):
        body = kafka.ask(topic_configs.request(names[at : at + AT_ONCE], defaults=True))
        found |= {name: topic_configs.config(piece) for name, piece in topic_configs.split(body, {}).items()}
    return found
