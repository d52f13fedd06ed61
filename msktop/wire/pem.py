"""Trust and key stores in PEM, by file or in the settings themselves (KIP-651, Kafka 2.7)."""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from msktop.errors import UsageError

_HEAD = "-----BEGIN "


@dataclass(frozen=True, slots=True)
class Pem:
    """One store: where it is, or what is in it."""

    path: str = ""
    text: str = field(default="", repr=False)
    setting: str = ""
    """The setting that named it, for what is said when it cannot be loaded."""

    def load_trust(self, context: ssl.SSLContext) -> None:
        """Trust the CAs in it; raises UsageError."""
        try:
            if self.text:
                context.load_verify_locations(cadata=self.text)
            else:
                context.load_verify_locations(cafile=self.path)
        except (OSError, ValueError) as error:
            raise self._unusable(error) from error

    def load_certificate(self, context: ssl.SSLContext, password: str | None) -> None:
        """Show the certificate in it; raises UsageError."""
        try:
            if self.text:
                _load_text(context, self.text, password)
            else:
                context.load_cert_chain(self.path, password=password or "")
        except (OSError, ValueError) as error:
            raise self._unusable(error) from error

    def _unusable(self, error: Exception) -> UsageError:
        where = f"={self.path}" if self.path else ""
        reason = error.reason if isinstance(error, ssl.SSLError) else error
        return UsageError(
            f"{self.setting}{where} cannot be loaded ({reason})",
            "PEM is wanted: certificates, in a key store also their key, which ssl.key.password opens.",
        )


def _load_text(context: ssl.SSLContext, text: str, password: str | None) -> None:
    """OpenSSL reads keys from files only: one that nobody else can read, gone again at once."""
    handle, name = tempfile.mkstemp(prefix="msktop-", suffix=".pem")
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
        context.load_cert_chain(name, password=password or "")
    finally:
        os.unlink(name)


def trust(settings: Mapping[str, str], folder: Path | None) -> Pem | None:
    """What ssl.truststore.* says; None where it says nothing. Raises UsageError."""
    text = settings.get("ssl.truststore.certificates")
    if text:
        return Pem(text=text, setting="ssl.truststore.certificates")
    return _by_location("truststore", settings, folder)


def certificate(settings: Mapping[str, str], folder: Path | None) -> Pem | None:
    """What ssl.keystore.* says; None where it says nothing. Raises UsageError."""
    chain, key = settings.get("ssl.keystore.certificate.chain"), settings.get("ssl.keystore.key")
    if chain and key:
        return Pem(text=f"{key}\n{chain}\n", setting="ssl.keystore.certificate.chain")
    if chain or key:
        raise UsageError(
            "ssl.keystore.certificate.chain and ssl.keystore.key belong together", "Give both, or neither."
        )
    return _by_location("keystore", settings, folder)


def _by_location(store: str, settings: Mapping[str, str], folder: Path | None) -> Pem | None:
    setting = f"ssl.{store}.location"
    location = settings.get(setting)
    if not location:
        return None
    path = Path(location).expanduser()
    if not path.is_absolute() and not path.exists() and folder is not None:
        path = folder / path
    try:
        with path.open("rb") as file:
            head = file.read(65_536)
    except OSError as error:
        raise UsageError(f"{setting}={path} cannot be read: {error.strerror}") from error
    if _HEAD.encode() not in head:
        raise UsageError(
            f"{setting}={path} is {_kind(head)}, not PEM", f"Convert it: {_conversion(store, path)}"
        )
    return Pem(path=str(path), setting=setting)


def _kind(head: bytes) -> str:
    r"""What the file is by its first bytes.

    >>> _kind(b"\xfe\xed\xfe\xed...")
    'a JKS file'
    """
    if head.startswith((b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce")):
        return "a JKS file"
    return "a PKCS#12 file" if head.startswith(b"\x30") else "something else"


def _conversion(store: str, path: Path) -> str:
    """The command that makes a PEM file of it. keytool shows only certificates, so a key goes by PKCS#12."""
    if store == "truststore":
        target = path.with_suffix(".pem")
        return f"keytool -list -rfc -keystore {path} > {target}, then set ssl.truststore.type=PEM."
    return (
        f"keytool -importkeystore -srckeystore {path} -destkeystore key.p12 -deststoretype PKCS12; "
        "openssl pkcs12 -in key.p12 -out key.pem; then set ssl.keystore.type=PEM."
    )
