"""How to be let in: what Kafka's own client.properties says, as a value."""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Self, get_args

from msktop.errors import MsktopError, UsageError
from msktop.wire import properties
from msktop.wire.errors import WireError
from msktop.wire.network import Network, parse_proxy
from msktop.wire.pem import Pem, certificate, trust
from msktop.wire.refusals import Refusals
from msktop.wire.sasl import MECHANISMS, TOKEN_MECHANISMS, TokenProvider

Protocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]


@dataclass(frozen=True, slots=True)
class IamLogin:
    """What sasl.jaas.config says of the identity of an IAM login; None: by AWS's default chain."""

    profile: str | None = None
    role_arn: str | None = None
    role_session_name: str | None = None
    external_id: str | None = None
    sts_region: str | None = None


@dataclass(frozen=True, slots=True)
class Security:
    """Way, transport and login. Frozen and picklable; secrets are not in its repr."""

    protocol: Protocol = "PLAINTEXT"
    mechanism: str | None = None
    """One of msktop.wire.sasl.MECHANISMS; None where the protocol has no login."""
    username: str = ""
    password: str = field(default="", repr=False)
    truststore: Pem | None = None
    """Whom to trust; None: the CAs of this machine."""
    keystore: Pem | None = None
    """Our certificate chain and its key."""
    key_password: str | None = field(default=None, repr=False)
    check_hostname: bool = True
    iam: IamLogin | None = None
    """Whose tokens `tokens` are to be, where the mechanism is one of TOKEN_MECHANISMS."""
    tokens: TokenProvider | None = None
    """Makes the tokens; whoever knows AWS puts it here."""
    network: Network = field(default_factory=Network)
    refusals: Refusals = field(default_factory=Refusals, compare=False, repr=False)
    """What these settings met, for all connections made with them."""

    @property
    def has_certificate(self) -> bool:
        """Whether there is a client certificate to show."""
        return self.keystore is not None

    @property
    def tls(self) -> bool:
        """Whether the transport is encrypted."""
        return self.protocol.endswith("SSL")

    @classmethod
    def from_properties(cls, path: Path) -> Self:
        """Read a client.properties; raises UsageError that names the file and the property."""
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{path} cannot be read: {error}", "Is it Kafka's client.properties?") from error
        try:
            return cls.from_settings(properties.parse(text), path.parent)
        except UsageError as error:
            raise UsageError(f"{path}: {error.title}", error.advice) from error

    @classmethod
    def from_settings(cls, settings: Mapping[str, str], folder: Path | None = None) -> Self:
        """The same from parsed settings; files with a relative path are also sought in `folder`.

        >>> Security.from_settings({"security.protocol": "ssl"}).protocol
        'SSL'
        """
        protocol = _protocol(settings.get("security.protocol", "PLAINTEXT"))
        mechanism, options = _login(settings, protocol)
        proxy = settings.get("msktop.proxy")
        tls = protocol.endswith("SSL")
        return cls(
            protocol=protocol,
            mechanism=mechanism,
            username=options.get("username", ""),
            password=options.get("password", ""),
            truststore=trust(settings, folder) if tls else None,
            keystore=certificate(settings, folder) if tls else None,
            key_password=settings.get("ssl.key.password"),
            check_hostname=settings.get("ssl.endpoint.identification.algorithm", "https").strip() != "",
            iam=_iam(options) if mechanism in TOKEN_MECHANISMS else None,
            network=Network(parse_proxy(proxy, secrets=True) if proxy else None),
        )

    def await_login(self, timeout_s: float) -> None:
        """Wait for the AWS credentials of an IAM login; raises WireError of stage `credentials`."""
        if self.tokens is None:
            return
        try:
            if self.tokens.ready(timeout_s):
                return
        except UsageError:
            raise
        except MsktopError as error:
            raise WireError("credentials", "sasl", error.title, error.advice) from error
        raise WireError(
            "credentials",
            "timeout",
            "the AWS credentials are still being fetched",
            "What does the profile use: credential_process, SSO, a role?",
        )

    def context(self) -> ssl.SSLContext | None:
        """The TLS settings, to be built once (loading the system's CAs takes 26 ms); None in the clear."""
        if not self.tls:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = self.check_hostname
        if self.truststore is None:
            context.load_default_certs()
        else:
            self.truststore.load_trust(context)
        if self.keystore is not None:
            self.keystore.load_certificate(context, self.key_password)
        return context


def _protocol(word: str) -> Protocol:
    for protocol in get_args(Protocol):
        if word.strip().upper() == protocol:
            found: Protocol = protocol
            return found
    raise UsageError(f"security.protocol={word} is unknown", f"It is one of {', '.join(get_args(Protocol))}.")


def _login(settings: Mapping[str, str], protocol: Protocol) -> tuple[str | None, dict[str, str]]:
    """The mechanism, and the options of its login module."""
    if not protocol.startswith("SASL_"):
        return None, {}
    mechanism = settings.get("sasl.mechanism", "GSSAPI").strip().upper()
    if mechanism not in MECHANISMS:
        raise UsageError(
            f"sasl.mechanism={mechanism} is not supported", f"msktop can do {', '.join(MECHANISMS)}."
        )
    options = jaas(settings.get("sasl.jaas.config", ""))
    if mechanism in TOKEN_MECHANISMS:
        _check_token_login(settings, mechanism)
    elif "username" not in options or "password" not in options:
        raise UsageError(
            "sasl.jaas.config has no user name and password",
            "For example: org.apache.kafka.common.security.scram.ScramLoginModule required "
            'username="…" password="…";',
        )
    return mechanism, options


def _check_token_login(settings: Mapping[str, str], mechanism: str) -> None:
    handler = settings.get("sasl.login.callback.handler.class", "")
    if mechanism == "OAUTHBEARER" and not handler.startswith("software.amazon.msk.auth.iam."):
        raise UsageError(
            "sasl.mechanism=OAUTHBEARER is supported for Amazon MSK's IAM only",
            "sasl.login.callback.handler.class=software.amazon.msk.auth.iam.IAMOAuthBearerLoginCallbackHandler",
        )


def _iam(options: Mapping[str, str]) -> IamLogin:
    return IamLogin(
        profile=options.get("awsProfileName"),
        role_arn=options.get("awsRoleArn"),
        role_session_name=options.get("awsRoleSessionName"),
        external_id=options.get("awsRoleExternalId"),
        sts_region=options.get("awsStsRegion"),
    )


_OPTION = re.compile(r"""(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s;]+))""")


def jaas(config: str) -> dict[str, str]:
    r"""The options of the login module in sasl.jaas.config.

    >>> jaas('org.example.ScramLoginModule required username="ann" password="a\\"b;c";')
    {'username': 'ann', 'password': 'a"b;c'}
    """
    return {
        name: re.sub(r"\\(.)", r"\1", double or single) or bare
        for name, double, single, bare in _OPTION.findall(config)
    }
