"""Credentials, region and clients by AWS's default chain: environment, profiles, roles, SSO, instance."""

from __future__ import annotations

import configparser
import getpass
import json
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from msktop import __version__
from msktop.aws import imds
from msktop.aws.access import Access
from msktop.aws.errors import AwsError, PromptNeededError, explaining

if TYPE_CHECKING:
    from botocore.client import BaseClient
    from botocore.session import Session

CONNECT_S = 3.0
READ_S = 10.0
ATTEMPTS = 2
"""Of one call, the first one included: sources have a back-off of their own, that must see throttling."""

Ask = Callable[[str], str]
"""Shows a question, returns what was typed."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who AWS takes us for."""

    account: str
    arn: str


@dataclass(frozen=True, slots=True)
class Credentials:
    """Keys as they are now; `token` only where they are temporary."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str | None = field(repr=False, default=None)
    expires_at: float | None = None
    """Unix seconds; None: not known, or never."""


class AwsSession:
    """One identity and its clients, for all threads. Nothing is loaded or asked before the first use.

    Every failure is an AwsError. Without `ask`, a profile that wants an MFA code fails with the advice where
    to type it; what is typed is kept where the AWS CLI keeps it (~/.aws/cli/cache), for both to use.
    """

    def __init__(self, access: Access, ask: Ask | None = None) -> None:
        self.access = access
        self._ask = ask
        self._lock = threading.RLock()
        self._session: Session | None = None
        self._clients: dict[tuple[str, str, bool], BaseClient] = {}

    @property
    def regions(self) -> tuple[str, ...]:
        """Where to look for clusters: what was asked for, else the one that is configured."""
        if self.access.regions:
            return self.access.regions
        found = os.environ.get("AWS_REGION") or self._configured_region() or imds.read(imds.REGION)
        if not found:
            with explaining():
                from botocore.exceptions import NoRegionError

                raise NoRegionError
        return (found,)

    @property
    def region(self) -> str:
        """The first of `regions`."""
        return self.regions[0]

    def client(self, service: str, region: str | None = None, *, once: bool = False) -> BaseClient:
        """A botocore client, made once for each service and region; safe to share between threads.

        Its calls raise what botocore raises: put them in `explaining`. With `once` each is sent once only:
        a change that got no answer may have been made, and a second try would be answered by that.
        """
        key = service, region or self.region, once
        with self._lock, explaining():
            if key not in self._clients:
                self._clients[key] = self._make(*key)
            return self._clients[key]

    def credentials(self) -> Credentials:
        """The keys, fetched or renewed now where need be: this may take seconds."""
        with explaining():
            found = self._load().get_credentials()
            if found is None:
                from botocore.exceptions import NoCredentialsError

                raise NoCredentialsError
            frozen = found.get_frozen_credentials()
            expires = getattr(found, "_expiry_time", None)
            return Credentials(
                access_key=frozen.access_key,
                secret_key=frozen.secret_key,
                token=frozen.token,
                expires_at=expires.timestamp() if expires is not None else None,
            )

    def assume(self, role_arn: str, session_name: str, external_id: str | None = None) -> Credentials:
        """The keys of a role that this identity takes: new ones at each call."""
        wanted = {"RoleArn": role_arn, "RoleSessionName": session_name}
        if external_id is not None:
            wanted["ExternalId"] = external_id
        with explaining("sts:AssumeRole"):
            keys = self.client("sts").assume_role(**wanted)["Credentials"]
        return Credentials(
            access_key=keys["AccessKeyId"],
            secret_key=keys["SecretAccessKey"],
            token=keys["SessionToken"],
            expires_at=keys["Expiration"].timestamp(),
        )

    def identity(self) -> Identity:
        """Who we are, as STS says; needs no permission."""
        with explaining("sts:GetCallerIdentity"):
            answer = self.client("sts").get_caller_identity()
        return Identity(account=answer["Account"], arn=answer["Arn"])

    def forget(self) -> None:
        """Read configuration and credentials anew at the next use: somebody may have renewed them."""
        with self._lock:
            self._session = None
            self._clients.clear()

    def _make(self, service: str, region: str, once: bool) -> BaseClient:
        from botocore.config import Config

        config = Config(
            connect_timeout=CONNECT_S,
            read_timeout=READ_S,
            retries={"mode": "standard", "total_max_attempts": 1 if once else ATTEMPTS},
            user_agent_extra=f"msktop/{__version__}",
        )
        try:
            return self._load().create_client(
                service, region_name=region, endpoint_url=self.access.endpoint_url, config=config
            )
        except ValueError as error:  # botocore has no class of its own for a bad endpoint
            raise AwsError("config", str(error), "An endpoint looks like http://127.0.0.1:4566.") from error

    def _configured_region(self) -> str | None:
        with explaining():
            found: str | None = self._load().get_config_variable("region")
            return found

    def _load(self) -> Session:
        with self._lock:
            if self._session is None:
                from botocore.session import Session

                session = Session(profile=self.access.profile)
                if not session.get_config_variable("region") and self.access.regions:
                    session.set_config_variable("region", self.access.regions[0])
                self._share_with_the_cli(session)
                if self.access.keys_file is not None:
                    session.set_credentials(*_keys_of_local(self.access.keys_file))
                self._session = session
            return self._session

    def _share_with_the_cli(self, session: Session) -> None:
        """Ask for codes by our own way only, and use the AWS CLI's cache of assumed roles."""
        from botocore.utils import JSONFileCache

        assume_role = session.get_component("credential_provider").get_provider("assume-role")
        assume_role.cache = JSONFileCache(str(Path("~/.aws/cli/cache").expanduser()))
        assume_role._prompter = self._ask or _nobody_there  # botocore has no public way to say this


def _keys_of_local(file: Path) -> tuple[str, str]:
    """Access key and secret of a local MSK; raises AwsError."""
    try:
        keys = json.loads(file.read_bytes())["credentials"]
        return str(keys["access_key_id"]), str(keys["secret_access_key"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AwsError(
            "no_credentials",
            "the local MSK's API has no keys yet",
            "It makes them when it starts; `msktop local status` tells whether it runs.",
        ) from error


def _nobody_there(question: str) -> str:
    raise PromptNeededError(question)


# ------------------------------------------------------------------ before the screen opens


def log_in(access: Access) -> None:
    """Ask for an MFA code now, on the terminal, where the profile wants one. Raises AwsError.

    Returns at once, without loading botocore, for every other profile. What else a person must do (SSO) is
    the advice of the AwsError that the first call raises.
    """
    if wants_code(access.profile):
        AwsSession(access, ask=getpass.getpass).credentials()


def wants_code(profile: str | None) -> bool:
    """Whether the profile, or one that it builds on, names an MFA device."""
    path = Path(os.environ.get("AWS_CONFIG_FILE") or "~/.aws/config").expanduser()
    config = configparser.RawConfigParser(strict=False)
    try:
        config.read(path, encoding="utf-8")
    except (configparser.Error, OSError, UnicodeDecodeError):
        return False  # botocore says what is wrong with it
    name: str | None = (
        profile or os.environ.get("AWS_PROFILE") or os.environ.get("AWS_DEFAULT_PROFILE") or "default"
    )
    seen: set[str] = set()
    while name and name not in seen:
        seen.add(name)
        section = f"profile {name}" if config.has_section(f"profile {name}") else name
        if config.has_option(section, "mfa_serial"):
            return True
        name = config.get(section, "source_profile", fallback=None)
    return False


def region_of_arn(arn: str) -> str:
    """The region of an ARN; raises AwsError where it is none.

    >>> region_of_arn("arn:aws:kafka:eu-west-1:123456789012:cluster/orders/0f-1")
    'eu-west-1'
    """
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn" or not parts[3]:
        raise AwsError("config", f"{arn!r} is no ARN with a region", "The console shows it: arn:aws:kafka:…")
    return parts[3]
