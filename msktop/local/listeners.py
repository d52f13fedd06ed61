"""What brokers listen on besides plaintext: TLS on 9094 and SCRAM-SHA-512 over TLS on 9096, as on MSK."""

from __future__ import annotations

from pathlib import Path

from msktop.local.certificates import Authority
from msktop.local.plan import LISTENER_PORTS, NodePlan
from msktop.local.settings import Listener

SCRAM_LOGIN = "org.apache.kafka.common.security.scram.ScramLoginModule"

KEYSTORE = "broker"
"""The name of the certificate that all brokers show."""

_NAMES: dict[Listener, tuple[str, str]] = {
    "plaintext": ("PLAINTEXT", "PLAINTEXT"),
    "tls": ("CLIENT_SECURE", "SSL"),
    "scram": ("CLIENT_SASL_SCRAM", "SASL_SSL"),
}
"""Name and protocol in a broker's configuration; those beside plaintext are MSK's."""


def authority(data: Path) -> Authority:
    """The authority of the cluster with this data folder."""
    return Authority(data / "tls")


def properties(node: NodePlan, signed_by: Authority) -> dict[str, object]:
    """A broker's settings for all it listens on; with TLS, the authority must have issued `KEYSTORE`."""
    listeners = ",".join(f"{_NAMES[n][0]}://{node.address}:{LISTENER_PORTS[n]}" for n in node.listeners)
    protocols = (":".join(_NAMES[n]) for n in node.listeners)
    values: dict[str, object] = {
        "listeners": listeners,
        "advertised.listeners": listeners,
        "listener.security.protocol.map": ",".join(("CONTROLLER:PLAINTEXT", *protocols)),
    }
    if uses_tls(node):
        values |= {
            "ssl.keystore.type": "PKCS12",
            "ssl.keystore.location": signed_by.keystore(KEYSTORE),
            "ssl.keystore.password": signed_by.password,
        }
    if "scram" in node.listeners:
        prefix = f"listener.name.{_NAMES['scram'][0].lower()}"
        values |= {
            f"{prefix}.sasl.enabled.mechanisms": "SCRAM-SHA-512",
            f"{prefix}.scram-sha-512.sasl.jaas.config": f"{SCRAM_LOGIN} required;",
        }
    return values


def uses_tls(node: NodePlan) -> bool:
    """Whether a broker needs a certificate."""
    return node.listeners != ("plaintext",)
