"""What can go wrong between here and a broker, and the sentence a person reads for it."""

from __future__ import annotations

import errno
import socket
import ssl
from typing import Literal

from msktop.errors import TargetError

Stage = Literal["dns", "tcp", "proxy", "tls", "sasl", "api_versions", "metadata"]
"""Steps of a new connection, in order; with a proxy, it comes in the place of DNS and TCP."""

Outcome = Literal[
    "timeout", "refused", "reset", "unresolved", "unreachable", "proxy", "tls", "sasl", "protocol"
]


class WireError(TargetError):
    """A connection that could not be made, or broke: at which stage, in what way, why, and what to do.

    `stage` is a Stage while a connection is being made, later the name of the request that failed.
    `reason` does not repeat the address; `title` does, where it is known.
    """

    def __init__(
        self,
        stage: str,
        outcome: Outcome,
        reason: str,
        advice: str = "",
        address: str = "",
        error_code: int = 0,
    ) -> None:
        super().__init__(f"{address}: {reason}" if address else reason, advice)
        self.stage = stage
        self.outcome = outcome
        self.reason = reason
        self.error_code = error_code
        """Kafka's own error code, 0 where there is none."""

    def at(self, address: str) -> WireError:
        """The same, said of `address`."""
        return WireError(self.stage, self.outcome, self.reason, self.advice, address, self.error_code)


_SILENT = {
    "dns": ("the name server does not answer", "Check the resolver of this host."),
    "tcp": (
        "no answer to TCP connect",
        "A security group, a firewall or a dead host: nothing comes back from this address.",
    ),
    "tls": (
        "the port is open, but nobody answers the TLS handshake",
        "The broker may hang; or the port belongs to another service.",
    ),
    "sasl": ("the port is open, but the broker does not answer the login", "The broker hangs."),
    "api_versions": (
        "the port is open, but the broker does not answer",
        "The broker hangs; or this port speaks TLS, or no Kafka at all.",
    ),
}


def timed_out(stage: str, waited_ms: float) -> WireError:
    """Silence at `stage`.

    >>> timed_out("tls", 500).reason
    'the port is open, but nobody answers the TLS handshake (500 ms)'
    """
    reason, advice = _SILENT.get(stage, (f"no answer to {stage}", "The broker hangs, or is overloaded."))
    return WireError(stage, "timeout", f"{reason} ({waited_ms:.0f} ms)", advice)


def unresolved(host: str, error: OSError) -> WireError:
    """The name has no address.

    >>> unresolved("no.such", OSError(-2, "Name or service not known")).reason
    'no.such does not resolve (Name or service not known)'
    """
    return WireError(
        "dns",
        "unresolved",
        f"{host} does not resolve ({error.strerror or error})",
        "Check the name; names of MSK brokers resolve everywhere, but lead only into their VPC.",
    )


_UNREACHABLE = {
    errno.EHOSTUNREACH,
    errno.ENETUNREACH,
    errno.EACCES,
    errno.EPERM,
    errno.EADDRNOTAVAIL,
    errno.ENETDOWN,
}
_RESET = {errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED, errno.ENOTCONN}


def broken(stage: str, error: OSError) -> WireError:
    """An error of the socket.

    >>> broken("tcp", ConnectionRefusedError(111, "Connection refused")).outcome
    'refused'
    >>> broken("api_versions", ConnectionResetError(104, "Connection reset by peer")).outcome
    'reset'
    """
    if isinstance(error, ssl.SSLError):
        return tls_failed(stage, error, with_certificate=False)
    if isinstance(error, socket.gaierror):
        return unresolved("the name", error)
    if error.errno == errno.ECONNREFUSED:
        return WireError(stage, "refused", "connection refused", "Nothing listens there: is the broker up?")
    if error.errno == errno.ETIMEDOUT or isinstance(error, TimeoutError):
        return WireError(stage, "timeout", "the connection timed out", _SILENT["tcp"][1])
    if error.errno in _UNREACHABLE:
        return WireError(
            stage,
            "unreachable",
            f"no way there ({error.strerror})",
            "Check routes, VPN and firewall of this host.",
        )
    if error.errno in _RESET:
        return WireError(stage, "reset", "the broker reset the connection")
    return WireError(stage, "reset", f"the connection broke ({error.strerror or error})")


def ended(stage: str, *, tls: bool, login: bool) -> WireError:
    """The other side closed the connection while `stage` was waited for.

    >>> ended("tls", tls=True, login=False).reason
    'this port has no TLS'
    >>> ended("metadata", tls=True, login=False).reason
    'this listener wants a login'
    """
    if stage == "tls":
        return WireError(
            stage,
            "tls",
            "this port has no TLS",
            "Set security.protocol=PLAINTEXT (or SASL_PLAINTEXT), or use the TLS port.",
        )
    if stage == "metadata" and not login:
        protocol = "SASL_SSL" if tls else "SASL_PLAINTEXT"
        return WireError(
            stage,
            "sasl",
            "this listener wants a login",
            f"Set security.protocol={protocol}, sasl.mechanism and sasl.jaas.config.",
        )
    return WireError(stage, "reset", "the broker closed the connection")


# ------------------------------------------------------------------ TLS

_NAMES_OTHER = {62, 64}
_EXPIRED = {10}
_NOT_YET = {9}

_ALERTS_OF_CLIENT_CERTIFICATE = (
    "CERTIFICATE_REQUIRED",
    "BAD_CERTIFICATE",
    "CERTIFICATE_UNKNOWN",
    "UNKNOWN_CA",
    "CERTIFICATE_EXPIRED",
    "CERTIFICATE_REVOKED",
    "UNSUPPORTED_CERTIFICATE",
)


def tls_failed(stage: str, error: ssl.SSLError, *, with_certificate: bool) -> WireError:
    """A TLS failure; `with_certificate`: whether we had a client certificate to show."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _not_trusted(stage, error)
    reason = error.reason or str(error)
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return ended(stage, tls=True, login=True)
    if "ALERT" in reason and any(word in reason for word in _ALERTS_OF_CLIENT_CERTIFICATE):
        if with_certificate:
            return WireError(
                stage,
                "tls",
                f"the broker refuses our client certificate ({_words(reason)})",
                "Is it signed by a CA that the cluster trusts, and still valid? See ssl.keystore.location.",
            )
        return WireError(
            stage,
            "tls",
            "this listener requires a client certificate",
            "Set ssl.keystore.type=PEM and ssl.keystore.location (certificate chain and key in one file).",
        )
    if "WRONG_VERSION_NUMBER" in reason or "HTTP_REQUEST" in reason or "RECORD_LAYER_FAILURE" in reason:
        return ended("tls", tls=True, login=True)
    return WireError(
        stage, "tls", f"TLS failed ({_words(reason)})", "Compare ssl.* with the listener's settings."
    )


def _not_trusted(stage: str, error: ssl.SSLCertVerificationError) -> WireError:
    code = error.verify_code
    if code in _EXPIRED:
        return WireError(
            stage,
            "tls",
            "the broker's certificate has expired",
            "Renew it on the broker; or is this host's clock wrong?",
        )
    if code in _NOT_YET:
        return WireError(
            stage, "tls", "the broker's certificate is not valid yet", "Is this host's clock right?"
        )
    if code in _NAMES_OTHER:
        return WireError(
            stage,
            "tls",
            f"the broker's certificate is for another name ({error.verify_message})",
            "Connect by the name in the certificate, or set ssl.endpoint.identification.algorithm= (empty).",
        )
    return WireError(
        stage,
        "tls",
        f"the broker's certificate is not signed by a CA we trust ({error.verify_message})",
        "Set ssl.truststore.type=PEM and ssl.truststore.location to the cluster's CA.",
    )


def _words(reason: str) -> str:
    """OpenSSL's constant as words.

    >>> _words("TLSV1_ALERT_UNKNOWN_CA")
    'tlsv1 alert unknown ca'
    """
    return reason.lower().replace("_", " ")
