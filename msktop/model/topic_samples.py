"""What a source says of topics' settings; kinds and fields are the file format (docs/recording.md)."""

from __future__ import annotations

from dataclasses import dataclass, field

from msktop.model.samples import Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicConfigEntry:
    """The settings of one topic; with an `error`, Kafka's code, none."""

    name: str
    topic_id: str = ""
    """Of the topic as Metadata had it when this was asked; empty where it has none."""
    own: dict[str, str | None] = field(default_factory=dict)
    """Set for this topic alone; a sensitive value is None."""
    kept: dict[str, str] = field(default_factory=dict)
    """What holds for it, wherever it was set, of the settings that the screens show."""
    error: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicConfigsSeen(Sample):
    """Topics whose settings are new or other than in the answer before."""

    topics: tuple[TopicConfigEntry, ...]
    took_ms: float = 0.0
    via: int = -1
    """Id of the broker that answered, -1 for a bootstrap address whose id is not known."""
    throttle_ms: int | None = None
