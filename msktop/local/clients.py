"""How clients get in: a certificate, a user for SCRAM, and a client.properties for each listener."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from msktop.errors import LocalError
from msktop.local import listeners, paths
from msktop.local.asking import ask_any
from msktop.local.java import Runtime
from msktop.local.plan import NodePlan, Plan
from msktop.local.settings import Listener
from msktop.wire import scram_users

USER = "msktop"
"""The SCRAM user that every cluster with that listener has."""

_NOT_CONTROLLER = 41
_SALT_BYTES = 24


class Access:
    """The listeners beside plaintext, of one cluster; its password is random and only in `files`."""

    def __init__(self, folder: Path, data: Path, names: Iterable[Listener]) -> None:
        self._authority = listeners.authority(data)
        self._password = secrets.token_urlsafe(24)
        self.files: dict[Listener, Path] = {
            name: folder / f"client-{name}.properties" for name in names if name != "plaintext"
        }
        """Kafka's client.properties, by listener; for the owner's eyes only."""

    def prepare(self, runtime: Runtime, plan: Plan) -> None:
        """Make what the brokers need before they start, and the files. Raises LocalError."""
        if not self.files:
            return
        self._authority.make(runtime)
        self._authority.issue(runtime, listeners.KEYSTORE, plan.broker_addresses)
        for name, path in self.files.items():
            handle = paths.open_private(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write("\n".join(self._properties(name)) + "\n")

    async def admit(self, brokers: Iterable[NodePlan]) -> None:
        """Let the user of the files log in; once the brokers run. Raises LocalError."""
        if "scram" in self.files:
            await make_user(brokers, USER, self._password)

    def _properties(self, name: Listener) -> list[str]:
        lines = [
            f"security.protocol={'SASL_SSL' if name == 'scram' else 'SSL'}",
            "ssl.truststore.type=PEM",
            f"ssl.truststore.location={self._authority.certificate}",
        ]
        if name == "scram":
            login = f'{listeners.SCRAM_LOGIN} required username="{USER}" password="{self._password}";'
            lines += ["sasl.mechanism=SCRAM-SHA-512", f"sasl.jaas.config={login}"]
        return lines


async def make_user(brokers: Iterable[NodePlan], user: str, password: str) -> None:
    """Let `user` log in by SCRAM-SHA-512 with this password. Raises LocalError."""
    call = scram_users.upsert(user, password, secrets.token_bytes(_SALT_BYTES))
    said = (0, "")
    for broker in brokers:
        said = scram_users.altered(await ask_any([broker], call))
        if said[0] != _NOT_CONTROLLER:
            break
    error, message = said
    if error:
        raise LocalError(f"the user {user} cannot be made: error {error} {message}", "See the brokers' logs.")
