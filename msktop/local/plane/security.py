"""ClientAuthentication and EncryptionInfo, and the listeners that they stand for. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msktop.local.plane.records import Members
from msktop.local.settings import LISTENERS, Listener


def of_listeners(listeners: Iterable[str]) -> dict[str, Any]:
    """Both structures, of brokers that were started with these listeners.

    >>> of_listeners(["plaintext"])["EncryptionInfo"]["EncryptionInTransit"]["ClientBroker"]
    'PLAINTEXT'
    """
    has = set(listeners)
    encryption = "TLS_PLAINTEXT" if has & {"tls", "scram"} else "PLAINTEXT"
    return completed(
        {
            "ClientAuthentication": {
                "Sasl": {"Scram": {"Enabled": "scram" in has}},
                "Unauthenticated": {"Enabled": True},
            },
            "EncryptionInfo": {"EncryptionInTransit": {"ClientBroker": encryption, "InCluster": False}},
        }
    )


def completed(given: Members) -> dict[str, Any]:
    """Both structures with MSK's defaults for what is not given: TLS, and no login unless one is asked for.

    >>> completed({})["ClientAuthentication"]["Unauthenticated"]
    {'Enabled': True}
    """
    authentication, encryption = given.get("ClientAuthentication", {}), given.get("EncryptionInfo", {})
    sasl = {"Scram": {"Enabled": False}, "Iam": {"Enabled": False}} | authentication.get("Sasl", {})
    logs_in = any(way["Enabled"] for way in sasl.values() if "Enabled" in way)
    in_transit = {"ClientBroker": "TLS", "InCluster": True} | encryption.get("EncryptionInTransit", {})
    return {
        "ClientAuthentication": {
            "Tls": {"Enabled": False, "CertificateAuthorityArnList": []},
            "Unauthenticated": {"Enabled": not logs_in},
            **authentication,
            "Sasl": sasl,
        },
        "EncryptionInfo": {**encryption, "EncryptionInTransit": in_transit},
    }


def offered(kept: Members) -> tuple[Listener, ...]:
    """The listeners that clients are told of.

    >>> offered({}), offered(of_listeners(["plaintext", "scram"]))
    (('tls',), ('plaintext', 'tls', 'scram'))
    """
    whole = completed(kept)
    encryption = whole["EncryptionInfo"]["EncryptionInTransit"]["ClientBroker"]
    authentication = whole["ClientAuthentication"]
    anybody = authentication["Unauthenticated"].get("Enabled", False)
    wanted = {
        "plaintext": anybody and encryption != "TLS",
        "tls": anybody and encryption != "PLAINTEXT",
        "scram": authentication["Sasl"]["Scram"].get("Enabled", False),
    }
    return tuple(name for name in LISTENERS if wanted[name])
