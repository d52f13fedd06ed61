"""One change of a cluster before it is sent: what will happen, in which order, for how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Plan:
    """A checked change. Nothing has been sent; `parameters` are what will be, unchanged."""

    operation: str
    """Of the MSK API, `UpdateBrokerCount`, or of Kafka's protocol, `CreateTopics`."""
    parameters: Mapping[str, Any]
    """As boto3 takes them; of Kafka's own requests as topics.py names them."""
    cluster: str
    """The cluster's name."""
    title: str
    """One sentence."""
    steps: tuple[str, ...]
    """What will happen, in order."""
    duration: str
    """How long by experience, or that nobody knows."""
    warnings: tuple[str, ...] = ()
    needs_name: str | None = None
    """What a person has to type before it is sent: it destroys something."""
    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)
    """What changes, in MSK's own words: `NumberOfBrokerNodes` → `6`."""

    via: Literal["aws", "kafka"] = "aws"
    """Who carries it out: MSK's control plane, or Kafka itself."""

    @property
    def confirmation(self) -> str:
        """What a person types to have it sent: the name of what is destroyed, else `yes`."""
        return self.needs_name or "yes"

    @property
    def action(self) -> str:
        """The IAM action that it needs; of Kafka's own requests the name of its API.

        >>> Plan("DeleteTopics", {}, "a", "t", (), "", via="kafka").action
        'Kafka DeleteTopics'
        """
        return f"kafka:{self.operation}" if self.via == "aws" else f"Kafka {self.operation}"

    @property
    def method(self) -> str:
        """The name of boto3's method.

        >>> Plan("UpdateClusterKafkaVersion", {}, "a", "t", (), "").method
        'update_cluster_kafka_version'
        """
        return "".join(f"_{c.lower()}" if c.isupper() else c for c in self.operation).lstrip("_")
