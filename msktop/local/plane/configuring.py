"""Configurations and their revisions; tags."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from msktop.local.api.messages import Call
from msktop.local.plane import asked, checks, names, shapes
from msktop.local.plane.properties import parse
from msktop.local.plane.records import Cluster, Configuration, Member, Revision
from msktop.local.plane.registry import Registry

Answer = dict[str, Any]

_MOST_TAGS = 50


class Configuring:
    """XConfiguration and XTagsForResource."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def create_configuration(self, call: Call, **given: Member) -> Answer:
        """A configuration with its first revision."""
        name = given["Name"]
        if not names.is_configuration_name(name):
            raise asked.bad_request(
                "name", "The configuration name is not valid. Use letters, digits and hyphens."
            )
        for version in given.get("KafkaVersions", ()):
            checks.kafka_version(version, "kafkaVersions")
        text = _properties(given["ServerProperties"])
        now, description = time.time(), given.get("Description", "")
        with self._registry.lock:
            if any(c.name == name for c in self._registry.configurations()):
                raise asked.conflict("name", "A resource with this name already exists.")
            created = Configuration(
                arn=names.configuration_arn(name, names.new_uid()),
                name=name,
                description=description,
                kafka_versions=tuple(given.get("KafkaVersions", ())),
                created_at=now,
                revisions=(Revision(1, now, description, text),),
            )
            self._registry.put(created)
        whole = shapes.configuration(created)
        return {m: whole[m] for m in ("Arn", "CreationTime", "LatestRevision", "Name", "State")}

    def update_configuration(self, call: Call, **given: Member) -> Answer:
        """One more revision."""
        text = _properties(given["ServerProperties"])
        with self._registry.lock:
            found = asked.configuration(self._registry, given["Arn"])
            number = found.revisions[-1].number + 1
            new = Revision(number, time.time(), given.get("Description", ""), text)
            self._registry.put(replace(found, revisions=(*found.revisions, new)))
        return {"Arn": found.arn, "LatestRevision": shapes.revision(new)}

    def delete_configuration(self, call: Call, **given: Member) -> Answer:
        """Forget a configuration that no cluster has."""
        with self._registry.lock:
            found = asked.configuration(self._registry, given["Arn"])
            users = [c.name for c in self._registry.clusters() if c.target.configuration_arn == found.arn]
            if users:
                raise asked.bad_request("arn", f"The configuration is used by the cluster {users[0]}.")
            self._registry.drop(found.arn)
        return {"Arn": found.arn, "State": "DELETING"}

    def describe_configuration(self, call: Call, **given: Member) -> Answer:
        """A configuration, without its properties."""
        return shapes.configuration(asked.configuration(self._registry, given["Arn"]))

    def describe_configuration_revision(self, call: Call, **given: Member) -> Answer:
        """A revision with its properties."""
        found = asked.configuration(self._registry, given["Arn"])
        revision = found.revision(given["Revision"])
        if revision is None:
            raise asked.not_found("revision", "The configuration revision does not exist.")
        text = revision.properties.encode()
        return {"Arn": found.arn, **shapes.revision(revision), "ServerProperties": text}

    def list_configurations(self, call: Call, **given: Member) -> Answer:
        """Every configuration."""
        found = self._registry.configurations() if asked.in_region(call) else []
        return asked.page("Configurations", [shapes.configuration(c) for c in found], given)

    def list_configuration_revisions(self, call: Call, **given: Member) -> Answer:
        """The revisions of one, newest first."""
        found = asked.configuration(self._registry, given["Arn"])
        return asked.page("Revisions", [shapes.revision(r) for r in reversed(found.revisions)], given)

    def list_tags_for_resource(self, call: Call, **given: Member) -> Answer:
        """A cluster's tags."""
        return {"Tags": dict(self._tagged(given).tags)}

    def tag_resource(self, call: Call, **given: Member) -> Answer:
        """More tags, or other values."""
        with self._registry.lock:
            found = self._tagged(given)
            tags = {**found.tags, **given["Tags"]}
            if len(tags) > _MOST_TAGS:
                raise asked.bad_request("tags", f"A resource can have {_MOST_TAGS} tags.")
            self._registry.change(found.arn, tags=tags)
        return {}

    def untag_resource(self, call: Call, **given: Member) -> Answer:
        """Fewer tags."""
        with self._registry.lock:
            found = self._tagged(given)
            tags = {key: value for key, value in found.tags.items() if key not in given["TagKeys"]}
            self._registry.change(found.arn, tags=tags)
        return {}

    def _tagged(self, given: Answer) -> Cluster:
        return asked.cluster(self._registry, given["ResourceArn"], "resourceArn")


def _properties(given: bytes) -> str:
    """The text of ServerProperties; raises ApiError for what cannot be configured."""
    try:
        text = given.decode("ascii")
        parse(text)
    except UnicodeDecodeError:
        raise asked.bad_request("serverProperties", "The properties are not ASCII text.") from None
    except ValueError as e:
        raise asked.bad_request("serverProperties", str(e)) from e
    return text
