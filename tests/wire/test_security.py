"""A client.properties that cannot be used says which setting, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from msktop.errors import UsageError
from msktop.wire.security import Security
from tests.wire.endpoint import CERTS

JAAS = "sasl.jaas.config"


@pytest.mark.parametrize(
    ("text", "title", "advice"),
    [
        ("security.protocol=TLS", "security.protocol=TLS is unknown", "SASL_SSL"),
        (
            "security.protocol=SASL_SSL\nsasl.mechanism=GSSAPI",
            "sasl.mechanism=GSSAPI is not supported",
            "SCRAM",
        ),
        (
            "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN",
            "sasl.jaas.config has no user name",
            "username=",
        ),
        (
            "security.protocol=SASL_SSL\nsasl.mechanism=OAUTHBEARER",
            "for Amazon MSK's IAM only",
            "IAMOAuthBearerLoginCallbackHandler",
        ),
        ("security.protocol=SSL\nssl.truststore.location=no.pem", "ssl.truststore.location=", ""),
        (
            "security.protocol=SSL\nssl.truststore.location=store.jks",
            "is a JKS file, not PEM",
            "keytool -list -rfc",
        ),
        (
            "security.protocol=SSL\nssl.keystore.location=store.p12",
            "is a PKCS#12 file, not PEM",
            "openssl pkcs12",
        ),
        ("security.protocol=SSL\nssl.keystore.key=x", "belong together", "both"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, text: str, title: str, advice: str) -> None:
    (tmp_path / "store.jks").write_bytes(b"\xfe\xed\xfe\xed\0\0\0\2")
    (tmp_path / "store.p12").write_bytes(b"\x30\x82\x0a\x00")
    file = tmp_path / "client.properties"
    file.write_text(text)
    with pytest.raises(UsageError) as caught:
        Security.from_properties(file)
    assert str(file) in caught.value.title
    assert title in caught.value.title
    assert advice in caught.value.advice


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.properties cannot be read"):
        Security.from_properties(tmp_path / "none.properties")


def test_a_key_store_without_a_key_is_told_when_it_is_loaded() -> None:
    settings = {"security.protocol": "SSL", "ssl.keystore.location": str(CERTS / "ca.pem")}
    with pytest.raises(UsageError, match=r"ssl\.keystore\.location=.*cannot be loaded"):
        Security.from_settings(settings).context()


def test_settings_of_other_clients_are_passed_over() -> None:
    assert Security.from_settings({"acks": "all", JAAS: "rubbish"}) == Security()
