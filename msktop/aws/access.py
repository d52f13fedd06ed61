"""What was said about how to ask AWS: light, for it is part of every target."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Access:
    """What was said about how to ask AWS. Picklable; holds no secret."""

    profile: str | None = None
    regions: tuple[str, ...] = ()
    """--region; empty: the region of the environment, the profile or this instance, and no other."""
    endpoint_url: str | None = None
    """Another address for every service: the local MSK."""
    keys_file: Path | None = None
    """The plane.json of a local MSK, whose keys are used in the place of the chain's."""
