"""Which of an MSK cluster's endpoints to use, and how to log in there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from msktop.logins import with_tokens
from msktop.model.cluster import Cluster
from msktop.settings import Auth, Endpoints, MskTarget, Target, parse_bootstrap
from msktop.wire.sasl import TOKEN_MECHANISMS
from msktop.wire.security import Security

if TYPE_CHECKING:
    from msktop.model.control_samples import DescriptionSeen

ORDER: tuple[Auth, ...] = ("iam", "scram", "tls", "plaintext")
"""The first of these that is offered, and that we have the means for."""

_WHERE: Mapping[Endpoints, str] = {"private": "", "public": "Public", "vpc": "VpcConnectivity"}
_HOW: Mapping[Auth, str] = {"iam": "SaslIam", "scram": "SaslScram", "tls": "Tls", "plaintext": ""}
PORTS: Mapping[Auth, int] = {"iam": 9098, "scram": 9096, "tls": 9094, "plaintext": 9092}
"""Inside the VPC; the other endpoints have others, and are not guessed."""


@dataclass(frozen=True, slots=True)
class Way:
    """How the brokers are reached."""

    auth: Auth
    bootstrap_servers: str
    security: Security


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why there is no way, and what to do."""

    reason: str
    advice: str


def choose_way(cluster: Cluster, target: Target) -> Way | Obstacle | None:
    """The best way to the brokers of an MSK target; None while the control plane has not said enough."""
    msk, seen = target.msk, cluster.description
    if msk is None or seen is None:
        return None
    offered = offers(seen, msk.endpoints) or _guessed(cluster, seen, msk.endpoints)
    if not offered:
        return _nothing(cluster, seen, msk.endpoints)
    wanted = msk.auth or (auth_of(target.security) if target.security_given else None)
    order = ORDER[::-1] if msk.ours else ORDER  # nobody trusts a local MSK's own CA
    for auth in (wanted,) if wanted else order:
        if auth in offered and (security := _security(auth, target, msk, seen.region)) is not None:
            return Way(auth, parse_bootstrap(offered[auth]), security)
    return _unfit(wanted, offered)


def offers(seen: DescriptionSeen, endpoints: Endpoints) -> dict[Auth, str]:
    """The bootstrap servers of each login that GetBootstrapBrokers gives for these endpoints."""
    found: dict[Auth, str] = {}
    for auth in ORDER:
        servers = seen.bootstrap.get(f"BootstrapBrokerString{_WHERE[endpoints]}{_HOW[auth]}")
        if servers:
            found[auth] = servers
    return found


def auth_of(security: Security) -> Auth:
    """What a client.properties asks for.

    >>> auth_of(Security(protocol="SASL_SSL", mechanism="SCRAM-SHA-512")), auth_of(Security(protocol="SSL"))
    ('scram', 'tls')
    """
    if security.mechanism in TOKEN_MECHANISMS:
        return "iam"
    if security.mechanism is not None:
        return "scram"
    return "tls" if security.tls else "plaintext"


def _guessed(cluster: Cluster, seen: DescriptionSeen, endpoints: Endpoints) -> dict[Auth, str]:
    """Where GetBootstrapBrokers is denied: the listed nodes, on the ports that MSK always uses."""
    denied = cluster.permissions.get("kafka:GetBootstrapBrokers")
    if denied is None or denied.allowed or endpoints != "private":
        return {}
    hosts = [
        node.endpoints[0]
        for broker in cluster.brokers.values()
        if (node := broker.inventory) is not None and node.endpoints
    ]
    clear = seen.client_broker_encryption in ("PLAINTEXT", "TLS_PLAINTEXT")
    encrypted = seen.client_broker_encryption != "PLAINTEXT"
    enabled: dict[Auth, bool] = {
        "iam": "IAM" in seen.authentication,
        "scram": "SCRAM" in seen.authentication,
        "tls": "TLS" in seen.authentication or ("UNAUTHENTICATED" in seen.authentication and encrypted),
        "plaintext": clear,
    }
    return {a: ",".join(f"{h}:{PORTS[a]}" for h in hosts) for a in ORDER if hosts and enabled[a]}


def _security(auth: Auth, target: Target, msk: MskTarget, region: str | None) -> Security | None:
    """What the login needs; None where we do not have it."""
    given = target.security
    if target.security_given and auth_of(given) == auth:
        return given
    if auth == "iam":
        access = replace(msk.access, regions=(region,)) if region else msk.access
        return with_tokens(replace(given, protocol="SASL_SSL", mechanism="OAUTHBEARER"), access)
    if auth == "scram":
        return None
    return replace(given, protocol="SSL" if auth == "tls" else "PLAINTEXT", mechanism=None)


def _nothing(cluster: Cluster, seen: DescriptionSeen, endpoints: Endpoints) -> Obstacle | None:
    if cluster.state == "CREATING" or not (seen.bootstrap or cluster.permissions):
        return None
    denied = cluster.permissions.get("kafka:GetBootstrapBrokers")
    if denied is not None and not denied.allowed:
        return Obstacle(denied.reason, denied.advice)
    if seen.bootstrap:
        return Obstacle(
            f"the cluster has no {endpoints} endpoints", "Give --endpoints private, public or vpc."
        )
    return None


def _unfit(wanted: Auth | None, offered: Mapping[Auth, str]) -> Obstacle:
    names = ", ".join(offered)
    if wanted == "scram" and "scram" in offered:
        return Obstacle(
            "SCRAM needs a user and a password",
            "Give them in a client.properties: --command-config FILE.",
        )
    if wanted is not None:
        return Obstacle(f"the cluster does not offer {wanted} there", f"It offers {names}: --auth.")
    return Obstacle(
        f"the cluster offers {names} only",
        "SCRAM needs a user and a password: --command-config FILE with Kafka's client.properties.",
    )
