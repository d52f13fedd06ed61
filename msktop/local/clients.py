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
from msktop.local.plan import NodePlan
from msktop.local.settings import Listener
from msktop.wire import scram_users
from msktop.wire.security import Security

USER = "msktop"
"""The SCRAM user that every cluster with that listener has."""

_NOT_CONTROLLER = 41
_SALT_BYTES = _PASSWORD_BYTES = 24


class Access:
    """The listeners beside plaintext, of the cluster with these folders of state and data.

    The user's password is random and only in the client.properties for SCRAM.
    """

    def __init__(self, folder: Path, data: Path) -> None:
        self._folder = folder
        self._authority = listeners.authority(data)

    def files(self, names: Iterable[Listener]) -> dict[Listener, Path]:
        """Kafka's client.properties, by listener, for those that need one."""
        return {name: self._folder / f"client-{name}.properties" for name in names if name != "plaintext"}

    def prepare(self, runtime: Runtime, names: Iterable[Listener], addresses: Iterable[str]) -> None:
        """Make what is not there yet of what brokers and clients need. Raises LocalError."""
        files = self.files(names)
        if files and not self._authority.keystore(listeners.KEYSTORE).exists():
            self._authority.make(runtime)
            self._authority.issue(runtime, listeners.KEYSTORE, addresses)
        for name, path in files.items():
            if not path.exists():
                handle = paths.open_private(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    file.write("\n".join(self._properties(name)) + "\n")

    def check(self, names: Iterable[Listener]) -> None:
        """Raise LocalError unless all of it is there."""
        needed = [*self.files(names).values()]
        if needed:
            needed.append(self._authority.keystore(listeners.KEYSTORE))
        for path in needed:
            if not path.exists():
                raise LocalError(f"{path} is missing", "It is made by msktop.local.control.listen.")

    async def admit(self, names: Iterable[Listener], brokers: Iterable[NodePlan]) -> None:
        """Let the user of the files log in; the brokers must run. Raises LocalError."""
        file = self.files(names).get("scram")
        if file is not None:
            login = Security.from_properties(file)
            await make_user(brokers, login.username, login.password)

    def _properties(self, name: Listener) -> list[str]:
        lines = [
            f"security.protocol={'SASL_SSL' if name == 'scram' else 'SSL'}",
            "ssl.truststore.type=PEM",
            f"ssl.truststore.location={self._authority.certificate}",
        ]
        if name == "scram":
            password = secrets.token_urlsafe(_PASSWORD_BYTES)
            login = f'{listeners.SCRAM_LOGIN} required username="{USER}" password="{password}";'
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
