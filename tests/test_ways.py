"""Which way to an MSK cluster's brokers is taken, and what is said where there is none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from msktop.logins import iam
from msktop.model.cluster import Cluster
from msktop.model.control_samples import DescriptionSeen, InventorySeen, NodeSeen, PermissionSeen
from msktop.model.reduce import reduce
from msktop.settings import Auth, Endpoints, MskTarget, Target
from msktop.ways import Obstacle, Way, choose_way
from msktop.wire.security import Security

ARN = "arn:aws:kafka:eu-west-1:123456789012:cluster/orders/7b1c-2"
ALL = {
    "BootstrapBrokerString": "b-1.x:9092",
    "BootstrapBrokerStringTls": "b-1.x:9094",
    "BootstrapBrokerStringSaslScram": "b-1.x:9096",
    "BootstrapBrokerStringSaslIam": "b-1.x:9098",
    "BootstrapBrokerStringPublicSaslIam": "b-1-public.x:9198",
    "BootstrapBrokerStringVpcConnectivitySaslScram": "b-1.scram.x:14001",
}
SCRAM = Security(protocol="SASL_SSL", mechanism="SCRAM-SHA-512", username="ann", password="x")


def cluster(bootstrap: dict[str, str], **more: object) -> Cluster:
    seen = replace(DescriptionSeen(arn=ARN, region="eu-west-1", bootstrap=bootstrap), **more)  # type: ignore[arg-type]
    nodes = tuple(NodeSeen(id=i, role="broker", endpoints=(f"b-{i}.x",)) for i in (1, 2))
    sample = InventorySeen(at=1.0, name="orders", state="ACTIVE", via="api", description=seen, nodes=nodes)
    return reduce(Cluster(), sample)


def target(
    auth: Auth | None = None,
    endpoints: Endpoints = "private",
    given: Security | None = None,
    ours: bool = False,
) -> Target:
    return Target(
        name="orders",
        bootstrap_servers="",
        security=given or Security(),
        security_given=given is not None,
        msk=MskTarget("orders", auth=auth, endpoints=endpoints, ours=ours),
        kind="msk",
    )


@pytest.mark.parametrize(
    ("offered", "wish", "auth", "servers"),
    [
        (ALL, target(), "iam", "b-1.x:9098"),
        (ALL, target(given=SCRAM), "scram", "b-1.x:9096"),
        (ALL, target(auth="tls"), "tls", "b-1.x:9094"),
        (ALL, target(auth="plaintext"), "plaintext", "b-1.x:9092"),
        (ALL, target(endpoints="public"), "iam", "b-1-public.x:9198"),
        (ALL, target(endpoints="vpc", given=SCRAM), "scram", "b-1.scram.x:14001"),
        (ALL, target(ours=True), "plaintext", "b-1.x:9092"),
        ({"BootstrapBrokerStringTls": "b-1.x:9094"}, target(), "tls", "b-1.x:9094"),
    ],
)
def test_the_best_way_that_is_offered_is_taken(
    offered: dict[str, str], wish: Target, auth: str, servers: str
) -> None:
    way = choose_way(cluster(offered), wish)
    assert isinstance(way, Way)
    assert (way.auth, way.bootstrap_servers) == (auth, servers)


def test_an_iam_login_is_made_for_the_region_of_the_cluster() -> None:
    way = choose_way(cluster(ALL), target())
    assert isinstance(way, Way)
    assert way.security.protocol == "SASL_SSL"
    assert way.security.mechanism == iam(MskTarget("x").access).mechanism
    assert "eu-west-1" in repr(way.security.tokens)


@pytest.mark.parametrize(
    ("offered", "wish", "says"),
    [
        ({"BootstrapBrokerStringSaslScram": "b:9096"}, target(), "--command-config"),
        (ALL, target(auth="scram"), "--command-config"),
        ({"BootstrapBrokerStringSaslIam": "b:9098"}, target(auth="tls"), "It offers iam"),
        ({"BootstrapBrokerStringSaslIam": "b:9098"}, target(endpoints="public"), "--endpoints"),
    ],
)
def test_where_there_is_no_way_it_is_said_what_would_make_one(
    offered: dict[str, str], wish: Target, says: str
) -> None:
    way = choose_way(cluster(offered), wish)
    assert isinstance(way, Obstacle)
    assert says in way.advice


def test_where_the_endpoints_are_denied_the_listed_nodes_and_msks_ports_do() -> None:
    known = cluster({}, authentication=("SCRAM", "IAM"), client_broker_encryption="TLS")
    assert choose_way(known, target()) is None, "not known yet"
    no = PermissionSeen(
        at=2.0, action="kafka:GetBootstrapBrokers", allowed=False, reason="no", advice="allow it"
    )
    way = choose_way(reduce(known, no), target())
    assert isinstance(way, Way)
    assert way.bootstrap_servers == "b-1.x:9098,b-2.x:9098"
    nothing = replace(reduce(known, no), brokers={})
    assert choose_way(nothing, target()) == Obstacle("no", "allow it")


def test_nothing_is_said_before_the_control_plane_has_spoken() -> None:
    assert choose_way(Cluster(), target()) is None
    assert choose_way(replace(cluster({}), state="CREATING"), target()) is None
