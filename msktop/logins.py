"""What a login to brokers needs beside client.properties: whose IAM tokens, and the way there."""

from __future__ import annotations

from dataclasses import replace

from msktop.aws.access import Access
from msktop.wire.network import Network, parse_addresses, parse_proxy
from msktop.wire.sasl import TOKEN_MECHANISMS
from msktop.wire.security import IamLogin, Security


def iam(access: Access) -> Security:
    """Login by IAM with an identity of AWS's default chain, as port 9098 of an MSK cluster wants it."""
    return with_tokens(Security(protocol="SASL_SSL", mechanism="OAUTHBEARER", iam=IamLogin()), access)


def with_tokens(security: Security, access: Access | None = None) -> Security:
    """The same with tokens where it logs in by IAM; what its own file says of the identity comes first.

    >>> with_tokens(Security()) == Security()
    True
    """
    if security.mechanism not in TOKEN_MECHANISMS:
        return security
    from msktop.aws.iam import IamTokens, Role

    login, access = security.iam or IamLogin(), access or Access()
    role = None
    if login.role_arn is not None:
        role = Role(login.role_arn, login.role_session_name or "msktop", login.external_id)
    whose = Access(
        profile=login.profile or access.profile,
        regions=(login.sts_region,) if login.sts_region else access.regions,
        endpoint_url=access.endpoint_url,
    )
    return replace(security, tokens=IamTokens(whose, role))


def with_network(security: Security, proxy: str | None = None, dns_map: str | None = None) -> Security:
    """The same by the way that --proxy and --dns-map say. Raises UsageError."""
    return replace(
        security,
        network=Network(
            proxy=parse_proxy(proxy) if proxy else security.network.proxy,
            addresses=parse_addresses(dns_map) if dns_map else security.network.addresses,
        ),
    )
