"""What one Metadata answer changed against all answers before. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from msktop.model.samples import PartitionSeen, TopicSeen
from msktop.wire.metadata import Answer, PartitionEntry, TopicEntry, topic


@dataclass(frozen=True, slots=True)
class Changes:
    """What is new, ready for a MetadataSeen; `names` are the changed topics' names as asked for."""

    topics: tuple[TopicSeen, ...] = ()
    removed: tuple[str, ...] = ()
    names: tuple[bytes, ...] = ()


class Known:
    """All topics as the newest leader epoch of each partition has them.

    A topic is kept as the piece of the answer that said it. Where an answer mixes new with stale (a broker
    that was paused says what was true before), what is true is no single piece: it is kept decoded.
    """

    def __init__(self) -> None:
        self.pieces: dict[bytes, bytes] = {}
        """The newest piece that was read, by topic name; what `wire.metadata.split` compares with."""
        self._merged: dict[bytes, TopicEntry] = {}
        self._missing: set[bytes] = set()

    def __len__(self) -> int:
        return len(self.pieces)

    def update(self, answer: Answer, *, full: bool, trusted: bool = True) -> Changes:
        """Take an answer; `full` when it was to hold all topics.

        A topic that a full answer lacks is removed. When the answer is not `trusted` (another broker than
        before gave it, which may be behind), it is removed by the second one that lacks it.
        """
        seen: list[TopicSeen] = []
        names: list[bytes] = []
        for name, piece in answer.topics.items():
            if piece is self.pieces.get(name) and name not in self._merged:
                continue
            changed = self._take(name, piece, known_only=not full)
            if changed is not None:
                seen.append(changed)
                names.append(name)
        removed = self._remove(answer.topics, trusted) if full else ()
        return Changes(tuple(seen), removed, tuple(names))

    def everything(self) -> tuple[TopicSeen, ...]:
        """All topics whole, for a keyframe."""
        return tuple(topic_seen(self.entry(name)) for name in self.pieces)

    def entry(self, name: bytes) -> TopicEntry:
        """One known topic, decoded."""
        return self._merged.get(name) or topic(self.pieces[name])

    def _take(self, name: bytes, piece: bytes, *, known_only: bool) -> TopicSeen | None:
        new = topic(piece)
        if name not in self.pieces:
            if known_only:
                return None  # asked for by name and gone, or made since: the next full answer tells
            self.pieces[name] = piece
            return topic_seen(new)
        if known_only and new.error and not new.partitions:
            return None
        old = self.entry(name)
        true = merged(old, new)
        self.pieces[name] = piece
        if true.partitions == new.partitions:
            self._merged.pop(name, None)
        else:
            self._merged[name] = true
        return difference(old, true)

    def _remove(self, listed: Mapping[bytes, bytes], trusted: bool) -> tuple[str, ...]:
        missing = self.pieces.keys() - listed.keys()
        gone = missing if trusted else missing & self._missing
        self._missing = missing - gone
        for name in gone:
            del self.pieces[name]
            self._merged.pop(name, None)
        return tuple(sorted(name.decode() for name in gone))


def merged(old: TopicEntry, new: TopicEntry) -> TopicEntry:
    """The newer of both, partition by partition: a lower leader epoch never overrules a higher one.

    A topic with another id was deleted and made again: its epochs begin anew, nothing old counts.

    >>> old = TopicEntry("t", "A", False, 0, {0: PartitionEntry(0, 2, 7, (1, 2), (2,), (), 0)})
    >>> stale = TopicEntry("t", "A", False, 0, {0: PartitionEntry(0, 1, 6, (1, 2), (1, 2), (), 0)})
    >>> merged(old, stale).partitions[0].leader
    2
    >>> merged(stale, old).partitions[0].leader
    2
    >>> merged(old, replace(stale, topic_id="B")).partitions[0].leader
    1
    """
    if new.topic_id and old.topic_id and new.topic_id != old.topic_id:
        return new
    partitions = dict(old.partitions)
    for number, entry in new.partitions.items():
        before = partitions.get(number)
        if before is None or entry.leader_epoch < 0 or entry.leader_epoch >= before.leader_epoch:
            partitions[number] = entry
    return replace(new, topic_id=new.topic_id or old.topic_id, partitions=partitions)


def difference(old: TopicEntry, new: TopicEntry) -> TopicSeen | None:
    """The topic with the partitions that differ; None where nothing does.

    >>> a = TopicEntry("t", "A", False, 0, {0: PartitionEntry(0, 1, 6, (1, 2), (1, 2), (), 0)})
    >>> difference(a, a) is None
    True
    >>> b = replace(a, partitions={0: a.partitions[0]._replace(isr=(1,))})
    >>> difference(a, b).partitions[0].isr
    (1,)
    """
    if new.topic_id != old.topic_id:
        return topic_seen(new)
    changed = {n: entry for n, entry in new.partitions.items() if entry != old.partitions.get(n)}
    if not changed and (new.error, new.internal) == (old.error, old.internal):
        return None
    return topic_seen(new, changed)


def topic_seen(entry: TopicEntry, partitions: Mapping[int, PartitionEntry] | None = None) -> TopicSeen:
    """The sample of a topic with these partitions, or with all."""
    listed = entry.partitions if partitions is None else partitions
    return TopicSeen(
        name=entry.name,
        topic_id=entry.topic_id,
        internal=entry.internal,
        error=entry.error,
        partition_count=len(entry.partitions),
        partitions=tuple(_partition_seen(listed[number]) for number in sorted(listed)),
    )


def _partition_seen(entry: PartitionEntry) -> PartitionSeen:
    return PartitionSeen(
        partition=entry.partition,
        leader=entry.leader,
        leader_epoch=entry.leader_epoch,
        replicas=entry.replicas,
        isr=entry.isr,
        offline=entry.offline,
        error=entry.error,
    )
