"""What `status --json` and `events --json` print is what docs/*.schema.json say, no more and no less."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from msktop.headless.documents import event, status_document
from msktop.headless.lines import event_json
from msktop.model.control_samples import InventorySeen, NodeSeen, ZoneSeen
from msktop.model.incidents import Kind
from msktop.model.samples import PageScraped, SourceFailed
from msktop.session import View
from tests.model.story import Story
from tests.ui.aws_scenes import cloudwatch_only, later

DOCS = Path(__file__).parent.parent / "docs"
Json = Any
"""What json.loads gives."""


def _strict(schema: Json) -> Json:
    """The same schema, but a field that it does not describe is an error."""
    if isinstance(schema, list):
        return [_strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _strict(part) for name, part in schema.items()}
    if "properties" in schema and "type" in schema:
        closed["additionalProperties"] = False
    return closed


def _validator(name: str) -> Draft202012Validator:
    schemas = {n: json.loads((DOCS / n).read_text()) for n in ("status.schema.json", "events.schema.json")}
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    strict = {n: _strict(schema) for n, schema in schemas.items()}
    registry = Registry().with_resources((n, Resource.from_contents(s)) for n, s in strict.items())
    return Draft202012Validator(strict[name], registry=registry)


STATUS, EVENTS = _validator("status.schema.json"), _validator("events.schema.json")


def _printed(value: Json) -> Json:
    """As a reader of the output gets it; refuses what is not JSON, such as NaN."""
    return json.loads(json.dumps(value, allow_nan=False))


def _failed() -> Story:
    story = Story().healthy()
    story.say(
        InventorySeen(
            at=story.at,
            name="demo",
            state="ACTIVE",
            metadata="kraft",
            kafka_version="4.1.1",
            zones=(ZoneSeen(id="use1-az1", subnet_cidr="127.27.1.0/24"),),
            nodes=(NodeSeen(id=10001, role="controller", zone="use1-az1", address="127.27.1.9"),),
        )
    )
    story.say(
        PageScraped(at=story.at, broker_id=1, page="node", values={"disk_size": 9e9, "disk_avail": 4e9})
    )
    story.say(PageScraped(at=story.at, broker_id=1, page="jmx", values={"bytes_in": 1.0}))
    story.say(
        SourceFailed(at=story.at, source="exporter", stage="tcp", reason="refused", advice="open 11001")
    )
    story.writes().later(0.1).resets(2).refuses(2).cannot_write(1, ms=5.0, error=0).tick()
    story.later(0.4).metadata(without=[2]).answers(1, 3).tick()
    return story


@pytest.fixture
def failed() -> View:
    """A cluster with one broker dead, some of everything known and some not."""
    story = _failed()
    return View(story.cluster, story.incidents)


def test_the_status_of_nothing_is_by_its_schema() -> None:
    STATUS.validate(_printed(status_document(View())))


def test_the_status_of_a_failure_is_by_its_schema_and_has_every_part(failed: View) -> None:
    document = _printed(status_document(failed))
    STATUS.validate(document)
    assert all(document[part] for part in ("zones", "brokers", "nodes", "incidents", "sources"))
    assert any(b["disk"] for b in document["brokers"])
    assert any(limit["value"] is not None for limit in document["limits"])
    assert any(b["rates"] for b in document["brokers"])
    assert any(b["state"] == "down" for b in document["brokers"])
    assert document["brokers"][1]["writes"]["failing_since"] is not None
    impact = document["incidents"][0]["report"]["impact"]
    assert impact["by"] == "write probe"
    assert [z["lasts"] for z in impact["zones"]] == [False, True, False]
    assert [p["leader"] for p in impact["partitions"]] == [1, 2, 3]


def test_where_only_cloudwatch_speaks_the_status_has_its_points_with_age_and_resolution() -> None:
    document = _printed(status_document(cloudwatch_only()))
    STATUS.validate(document)
    said = document["cloudwatch"]
    assert (said["offline"], said["under_replicated"], said["age_s"]) == (0, 0, 150.0)
    (disk,) = (p for p in said["points"] if p["metric"] == "KafkaDataLogsDiskUsed" and p["broker"] == 2)
    assert (disk["value"], disk["unit"], disk["age_s"], disk["period_s"]) == (42.0, "%", 150.0, 300.0)
    assert all(b["rates"] is None for b in document["brokers"])  # never taken for what is seen now


def test_where_somebody_else_speaks_cloudwatch_does_not(failed: View) -> None:
    assert status_document(failed)["cloudwatch"] is None
    STATUS.validate(_printed(status_document(later(cloudwatch_only(), 900))))
    assert status_document(later(cloudwatch_only(), 900))["cloudwatch"] is None


def test_every_event_is_by_its_schema_and_on_one_line(failed: View) -> None:
    assert failed.incidents.log
    for incident in failed.incidents.log:
        EVENTS.validate(_printed(event(incident)))
        assert "\n" not in event_json(incident)
        assert json.loads(event_json(incident)) == _printed(event(incident))


def test_the_schema_knows_every_kind_of_incident() -> None:
    schema = json.loads((DOCS / "events.schema.json").read_text())
    assert schema["properties"]["kind"]["enum"] == [kind.value for kind in Kind]


@pytest.mark.parametrize("part", ["at", "kind", "ended"])
def test_a_missing_field_and_an_undescribed_one_would_be_noticed(failed: View, part: str) -> None:
    line = _printed(event(failed.incidents.log[0]))
    assert not EVENTS.is_valid({k: v for k, v in line.items() if k != part})
    assert not EVENTS.is_valid(line | {"undescribed": 1})
