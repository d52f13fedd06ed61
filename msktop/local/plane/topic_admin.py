"""Kafka's own admin client, opened for one call; its errors become those of MSK's model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from msktop.local.api.messages import ApiError
from msktop.local.plane import asked
from msktop.local.state import State

Admin = Any
"""kafka-python's client, which has no types; imported only where it is needed."""

_TIMEOUT_MS = 10_000


@contextmanager
def open_admin(state: State) -> Iterator[Admin]:
    """Kafka's admin client, whose errors become MSK's."""
    from kafka.admin import KafkaAdminClient
    from kafka.errors import (
        InvalidConfigurationError,
        InvalidPartitionsError,
        InvalidReplicationFactorError,
        InvalidTopicError,
        KafkaError,
        KafkaTimeoutError,
        TopicAlreadyExistsError,
        UnknownTopicOrPartitionError,
    )

    wrong = (
        InvalidConfigurationError,
        InvalidPartitionsError,
        InvalidReplicationFactorError,
        InvalidTopicError,
    )
    admin = None
    try:
        admin = KafkaAdminClient(
            bootstrap_servers=state.bootstrap_servers.split(","),
            client_id="msktop-plane",
            request_timeout_ms=_TIMEOUT_MS,
            bootstrap_timeout_ms=_TIMEOUT_MS,
        )
        yield admin
    except TopicAlreadyExistsError as e:
        raise ApiError("TopicExistsException", "The topic exists already.") from e
    except UnknownTopicOrPartitionError as e:
        raise ApiError("UnknownTopicOrPartitionException", "The topic does not exist.") from e
    except wrong as e:
        raise asked.bad_request("configs", str(e)) from e
    except KafkaTimeoutError as e:
        raise ApiError("KafkaTimeoutException", str(e)) from e
    except KafkaError as e:
        raise ApiError("KafkaRequestException", str(e)) from e
    finally:
        if admin is not None:
            admin.close()


def configs_of(admin: Admin, topic: str) -> dict[str, str]:
    """The settings that the topic has of its own."""
    from kafka.admin import ConfigResource, ConfigResourceType

    found = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])["topic"][topic]
    return {key: c["value"] for key, c in found.items() if c["config_source"] == "DYNAMIC_TOPIC_CONFIG"}


def set_configs(admin: Admin, topic: str, configs: Mapping[str, str]) -> None:
    """Set these, and leave the others as they are."""
    from kafka.admin import ConfigResource, ConfigResourceType

    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, dict(configs))])
