"""Topics' settings, folded."""

from __future__ import annotations

from dataclasses import replace

from msktop.model.cluster import Cluster
from msktop.model.topic import Settings, Topic
from msktop.model.topic_samples import TopicConfigsSeen


def topic_configs_seen(cluster: Cluster, s: TopicConfigsSeen) -> Cluster:
    """Those of topics that are there; of one that was made anew since they were asked for, nothing."""
    changed: dict[str, Topic] = {}
    for seen in s.topics:
        topic = cluster.topics.get(seen.name)
        if topic is None or (seen.topic_id and topic.topic_id and seen.topic_id != topic.topic_id):
            continue
        settings = Settings(own=seen.own, kept=seen.kept, at=s.at, error=seen.error)
        changed[seen.name] = replace(topic, settings=settings)
    topics = {**cluster.topics, **changed} if changed else cluster.topics  # mostly nothing changed
    cluster = replace(cluster, topics=topics, topic_configs_at=s.at)
    told = cluster.brokers.get(s.via)
    if told is None:
        return cluster
    told = replace(told, throttle=told.throttle.heard("describe_configs", s.throttle_ms, s.at))
    return replace(cluster, brokers={**cluster.brokers, told.id: told})
