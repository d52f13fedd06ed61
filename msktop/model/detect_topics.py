"""Topics that anybody but msktop itself made, deleted, made larger or set otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msktop.model.cluster import Cluster
from msktop.model.incident_log import Log
from msktop.model.incidents import Kind
from msktop.model.topic import Topic
from msktop.model.writes import PROBE_TOPIC

ONE_BY_ONE = 4
"""Of one kind in one look; more are told in one line."""
NAMED = 3
_WORDS = {Kind.TOPIC_CREATED: "created", Kind.TOPIC_DELETED: "deleted"}


def topics(log: Log, old: Cluster, new: Cluster) -> None:
    """What became of topics between two looks at Metadata, or at settings. The first look is no news."""
    if old.topics is new.topics or not old.connected or old.cluster_id != new.cluster_id:
        return
    made, gone = [], []
    for name, topic in new.topics.items():
        before = old.topics.get(name)
        if before is topic or name == PROBE_TOPIC:
            continue
        if before is None:
            made.append(topic)
        elif before.topic_id and topic.topic_id and before.topic_id != topic.topic_id:
            gone.append(before)
            made.append(topic)
        else:
            _changed(log, before, topic)
    gone += [t for name, t in old.topics.items() if name not in new.topics and name != PROBE_TOPIC]
    _say(log, Kind.TOPIC_DELETED, gone)
    _say(log, Kind.TOPIC_CREATED, made)


def _say(log: Log, kind: Kind, found: Sequence[Topic]) -> None:
    if len(found) > ONE_BY_ONE:
        names = ", ".join(topic.name for topic in found[:NAMED])
        text = f"{len(found)} topics {_WORDS[kind]}: {names} and {len(found) - NAMED} more"
        log.moment(kind, "info", f"{len(found)} topics", text)
        return
    for topic in found:
        log.moment(kind, "info", topic.name, f"{_WORDS[kind]}: {size_words(topic)}")


def size_words(topic: Topic) -> str:
    """How large a topic is.

    >>> size_words(Topic("t"))
    '0 partitions'
    """
    count = len(topic.partitions)
    replicas = max((len(p.replicas) for p in topic.partitions.values()), default=0)
    return f"{count} partition{'' if count == 1 else 's'}" + (f", RF {replicas}" if replicas else "")


def _changed(log: Log, old: Topic, new: Topic) -> None:
    if old.partitions is not new.partitions and 0 < len(old.partitions) < len(new.partitions):
        text = f"partitions {len(old.partitions)} → {len(new.partitions)}"
        log.moment(Kind.TOPIC_RESIZED, "info", new.name, text)
    if old.settings is not new.settings:
        changes = list(_differences(old, new))
        if changes:
            log.moment(Kind.TOPIC_RECONFIGURED, "info", new.name, ", ".join(changes))


def _differences(old: Topic, new: Topic) -> Iterator[str]:
    """What was set for the topic, or given back; nothing where either look was denied."""
    before, after = old.settings, new.settings
    if before is None or after is None or before.error or after.error:
        return
    for name in sorted(before.own.keys() | after.own.keys()):
        was, is_ = before.own.get(name), after.own.get(name)
        if was == is_ and (name in before.own) == (name in after.own):
            continue
        left = (was or "set") if name in before.own else before.kept.get(name, "default")
        right = (is_ or "set") if name in after.own else after.kept.get(name, "default")
        yield f"{name} {left} → {right}"
