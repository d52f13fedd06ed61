"""What the groups source says: consumer groups, by the broker that coordinates them, as changes."""

from __future__ import annotations

from dataclasses import dataclass, field

from msktop.model.samples import Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupListed:
    """One group in its coordinator's list; states and types are Kafka's own words."""

    name: str
    state: str
    type: str = ""
    """classic, consumer, share, streams; empty where the broker does not tell."""
    protocol_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberSeen:
    """One member. `assignment`: topic → partitions."""

    id: str
    client_id: str
    host: str
    instance: str | None = None
    """Its group.instance.id, of a static member."""
    rack: str | None = None
    """Its client.rack; told by the newer protocols only."""
    epoch: int = -1
    assignment: dict[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupDescribed:
    """One group as its coordinator describes it; with an error nothing else holds."""

    name: str
    state: str = ""
    assignor: str = ""
    epoch: int = -1
    members: tuple[MemberSeen, ...] = ()
    error: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupsSeen(Sample):
    """One turn at one coordinator: what changed since its last one, or all of it, in a keyframe.

    Comes at every turn, also with nothing changed: so the age of what is known of its groups is known.
    """

    coordinator_id: int
    keyframe: bool = False
    listed: tuple[GroupListed, ...] = ()
    gone: tuple[str, ...] = ()
    """No longer listed here: deleted, or another broker coordinates them now."""
    offsets: dict[str, dict[str, dict[int, int]]] = field(default_factory=dict)
    """Group → topic → partition → committed offset; -1: none any more."""
    described: tuple[GroupDescribed, ...] = ()
    errors: dict[str, int] = field(default_factory=dict)
    """Groups whose offsets were refused, with Kafka's code; always all of them."""
    error: int = 0
    """Kafka's code where it would not list its groups; then nothing else is told."""
    requests: int = 0
    took_ms: float = 0.0
    bytes: int = 0
