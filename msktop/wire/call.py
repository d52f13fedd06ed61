"""One request made by hand: what `Connection.ask` sends, without loading a Kafka library."""

from __future__ import annotations

from dataclasses import dataclass

from msktop.wire import minimal
from msktop.wire.errors import WireError
from msktop.wire.fields import NO_TAGS, Reader, decoding
from msktop.wire.minimal import VersionRange


@dataclass(frozen=True, slots=True)
class Call:
    """A request's body in one version. `flexible`: that version's headers end with tagged fields.

    `plain_answer`: ApiVersions alone is answered with a plain header whatever its version, for a client
    cannot know yet what the broker speaks.
    """

    name: str
    api_key: int
    version: int
    body: bytes
    flexible: bool = False
    plain_answer: bool = False

    def payload(self, correlation_id: int, offered: dict[int, VersionRange]) -> bytes:
        """Header and body; raises WireError where the broker does not offer this version."""
        low, high = offered.get(self.api_key, (0, -1))
        if not low <= self.version <= high:
            raise WireError(
                self.name,
                "protocol",
                f"the broker does not offer {self.name} {self.version}",
                "Kafka 2.8 or later is needed.",
            )
        header = minimal.header(self.api_key, self.version, correlation_id)
        return header + (NO_TAGS if self.flexible else b"") + self.body

    def answer(self, payload: bytes) -> bytes:
        """The response's body; raises WireError."""
        with decoding(self.name):
            r = Reader(payload, 4)
            if self.flexible and not self.plain_answer:
                r.tags()
            return payload[r.at :]
