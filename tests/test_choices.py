"""What the cluster picker offers: local, saved and AWS's clusters, and why a part is missing."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from msktop.aws.access import Access
from msktop.choices import Listing, TargetChoice, list_targets
from tests.sources import msk_answers as msk
from tests.sources.fake_aws import FakeAws, denied

NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No configuration, no local cluster, no AWS."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in [n for n in os.environ if n.startswith("AWS_")]:
        monkeypatch.delenv(name)
    return tmp_path


def points(params: Mapping[str, Any]) -> dict[str, Any]:
    """One offline partition in all, and each broker as many under-replicated as its id; b-3 says nothing."""
    results = []
    for query in params["MetricDataQueries"]:
        dimensions = {d["Name"]: d["Value"] for d in query["MetricStat"]["Metric"]["Dimensions"]}
        broker = dimensions.get("Broker ID")
        values = [] if broker == "3" else [float(broker or 1), 9.0]
        times = [NOW.replace(microsecond=0), NOW.replace(microsecond=0, year=NOW.year - 1)][: len(values)]
        results.append({"Id": query["Id"], "Timestamps": times, "Values": values, "StatusCode": "Complete"})
    return {"MetricDataResults": results}


def aws(**more: object) -> FakeAws:
    done = msk.operation(7, "UPDATE_BROKER_TYPE", "UPDATE_COMPLETE")
    express = msk.cluster(instance="express.m7g.large") | {"ClusterName": "fast", "ClusterArn": msk.ARN + "x"}
    answers: dict[str, Any] = {
        "ListClustersV2": {"ClusterInfoList": [msk.cluster("HEALING"), msk.serverless(), express]},
        "ListClusterOperationsV2": msk.listed(done, msk.operation(3, "REBOOT_NODE", "REBOOT_COMPLETE")),
        "GetMetricData": points,
        **more,
    }
    return FakeAws(answers)


def last(fake: FakeAws) -> Listing:
    return list(list_targets(Access(), fake))[-1]


def one(listing: Listing, name: str) -> TargetChoice:
    (found,) = [c for c in listing.choices if c.name == name]
    return found


def test_aws_rows_come_first_without_and_then_with_what_takes_longer() -> None:
    own, found, whole = list_targets(Access(), aws())
    assert own.choices == ()
    row = one(found, "orders")
    assert (row.state, row.type, row.kafka_version, row.broker_count) == (
        "HEALING",
        "PROVISIONED",
        "3.8.x.kraft",
        3,
    )
    assert (row.region, row.zones) == ("us-east-1", ("use1-az1", "use1-az2", "use1-az4"))
    assert (row.operation, row.offline, found.complete) == (None, None, False)
    row = one(whole, "orders")
    assert (row.operation, row.operation_state) == ("UPDATE_BROKER_TYPE", "UPDATE_COMPLETE")
    assert (row.offline, row.under_replicated) == (1, 3), (
        "the newest points, summed over brokers that have any"
    )
    assert row.figures_at == NOW.replace(microsecond=0).timestamp() + 60
    assert whole.complete
    assert not whole.troubles


def test_express_and_serverless_are_told_apart_and_have_no_such_figures() -> None:
    fake = aws()
    listing = last(fake)
    assert (one(listing, "fast").type, one(listing, "clicks").type) == ("EXPRESS", "SERVERLESS")
    assert one(listing, "fast").under_replicated is None
    assert one(listing, "clicks").broker_count is None
    assert fake.calls["GetMetricData"] == 1
    (asked,) = [p for name, p in fake.asked if name == "GetMetricData"]
    assert len(asked["MetricDataQueries"]) == 4


def test_a_row_opens_its_cluster_by_its_arn() -> None:
    target = one(last(aws()), "orders").target
    assert target.msk is not None
    assert (target.kind, target.msk.cluster) == ("msk", msk.ARN)


@pytest.mark.parametrize(
    ("operation", "action"),
    [
        ("ListClustersV2", "kafka:ListClustersV2"),
        ("GetMetricData", "cloudwatch:GetMetricData"),
        ("ListClusterOperationsV2", "kafka:ListClusterOperationsV2"),
    ],
)
def test_what_is_denied_is_named_and_the_rest_is_there(operation: str, action: str) -> None:
    listing = last(aws(**{operation: denied(action)}))
    (trouble,) = listing.troubles
    assert trouble.action == action
    assert bool(listing.choices) == (operation != "ListClustersV2")


def test_local_and_saved_clusters_are_there_at_once_and_a_saved_arn_is_not_listed_twice(home: Path) -> None:
    folder = home / "state" / "msktop" / "local" / "demo"
    folder.mkdir(parents=True)
    state = {
        "supervisor_pid": os.getpid(),
        "bootstrap_servers": "127.1.1.1:9092",
        "state": "ACTIVE",
        "kafka_version": "4.1.1",
        "zones": [{"id": "use1-az1"}],
        "nodes": [{"id": 1, "role": "broker", "started_at": 5.0}, {"id": 10001, "role": "controller"}],
    }
    (folder / "state.json").write_text(json.dumps(state))
    config = home / "config" / "msktop"
    config.mkdir(parents=True)
    (config / "config.toml").write_text(
        f'[targets.prod]\narn = "{msk.ARN}"\nwrite = true\n[targets.lab]\nbootstrap_servers = "lab"\n'
        '[targets.bad]\nbootstrap_servers = "http://lab"\n'
    )
    first, *_, whole = list_targets(Access(), aws())
    assert {(c.name, c.origin, c.type) for c in first.choices} == {
        ("demo", "local", "LOCAL"),
        ("prod", "saved", "PROVISIONED"),
        ("lab", "saved", "KAFKA"),
    }
    assert (one(first, "demo").broker_count, one(first, "demo").created_at) == (1, 5.0)
    assert first.troubles[0].where == "saved target bad"
    assert "orders" not in {c.name for c in whole.choices}
    prod = one(whole, "prod")
    assert (prod.state, prod.target.write, prod.origin) == ("HEALING", True, "saved")


def test_without_credentials_the_rest_is_there_and_it_is_said_why(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    listing = list(list_targets(Access(regions=("eu-west-1",))))[-1]
    (trouble,) = listing.troubles
    assert trouble.reason == "no AWS credentials were found"
    assert trouble.advice
    assert listing.complete
