"""plane.json: every record, written whole in one step at every change, readable by its owner alone."""

from __future__ import annotations

import os
import secrets
import string
import threading
from dataclasses import replace
from pathlib import Path

import msgspec

from msktop.errors import LocalError
from msktop.local import paths
from msktop.local.plane.records import (
    Cluster,
    Configuration,
    Credentials,
    Document,
    Fault,
    Member,
    Operation,
    Publication,
)

FILE = "plane.json"
KEPT_OPERATIONS = 200
"""Ended operations of one cluster that are remembered."""


class Registry:
    """The records, for any thread; hold `lock` where what is read decides what is written."""

    def __init__(self, file: Path) -> None:
        self.lock = threading.RLock()
        self._file = file
        self._document = read(file) or Document(_new_credentials())
        self._write()

    @property
    def credentials(self) -> Credentials:
        """What requests must be signed with."""
        return self._document.credentials

    def clusters(self) -> list[Cluster]:
        """Every cluster, oldest first."""
        with self.lock:
            return list(self._document.clusters.values())

    def cluster(self, arn: str) -> Cluster | None:
        """The cluster with this ARN."""
        return self._document.clusters.get(arn)

    def operation(self, arn: str) -> Operation | None:
        """The operation with this ARN."""
        return self._document.operations.get(arn)

    def operations(self, cluster_arn: str) -> list[Operation]:
        """The operations of a cluster, newest first."""
        with self.lock:
            found = [o for o in self._document.operations.values() if o.cluster_arn == cluster_arn]
        return found[::-1]

    def configurations(self) -> list[Configuration]:
        """Every configuration, oldest first."""
        with self.lock:
            return list(self._document.configurations.values())

    def configuration(self, arn: str) -> Configuration | None:
        """The configuration with this ARN."""
        return self._document.configurations.get(arn)

    def faults(self) -> dict[str, Fault]:
        """What is made to fail: action, or * for all, and how."""
        with self.lock:
            return dict(self._document.faults)

    def put(self, record: Cluster | Operation | Configuration) -> None:
        """Keep a record in place of the one with the same ARN."""
        with self.lock:
            if isinstance(record, Cluster):
                self._document.clusters[record.arn] = record
            elif isinstance(record, Operation):
                self._document.operations[record.arn] = record
                self._forget_old(record.cluster_arn)
            else:
                self._document.configurations[record.arn] = record
            self._write()

    def change(self, arn: str, **changes: Member) -> Cluster:
        """Change fields of a cluster; returns it. Raises KeyError when it is gone."""
        with self.lock:
            changed = replace(self._document.clusters[arn], **changes)
            self.put(changed)
            return changed

    def drop(self, arn: str) -> None:
        """Forget a configuration, or a cluster with its operations."""
        with self.lock:
            document = self._document
            document.configurations.pop(arn, None)
            if document.clusters.pop(arn, None) is not None:
                for operation in self.operations(arn):
                    del document.operations[operation.arn]
            self._write()

    def set_fault(self, action: str, fault: Fault | None) -> None:
        """Let an action fail from now on, or (None) no longer."""
        with self.lock:
            self._document.faults.pop(action, None)
            if fault is not None:
                self._document.faults[action] = fault
            self._write()

    def publication(self) -> Publication:
        """How metrics are published."""
        return self._document.publication

    def set_publication(self, publication: Publication) -> None:
        """Publish metrics so from now on."""
        with self.lock:
            self._document = replace(self._document, publication=publication)
            self._write()

    def _forget_old(self, cluster_arn: str) -> None:
        ended = [o.arn for o in self.operations(cluster_arn) if not o.runs]
        for arn in ended[KEPT_OPERATIONS:]:
            del self._document.operations[arn]

    def _write(self) -> None:
        arriving = self._file.with_name(f".{self._file.name}.new")
        with self.lock:
            handle = paths.open_private(arriving, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            with os.fdopen(handle, "wb") as file:
                file.write(msgspec.json.encode(self._document))
            os.replace(arriving, self._file)


def read(file: Path) -> Document | None:
    """The document in the file, or None where there is none. Raises LocalError when it cannot be read."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Document)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as e:
        raise LocalError(
            f"{file} cannot be read: {e}", "Another version of msktop may have written it."
        ) from e


def _new_credentials() -> Credentials:
    letters = string.ascii_uppercase + string.digits
    key_id = "AKIALOCAL" + "".join(secrets.choice(letters) for _ in range(11))
    return Credentials(key_id, secrets.token_urlsafe(30))
