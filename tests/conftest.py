"""What holds for every test: traffic goes to loopback only."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="session")
def _no_instance_metadata() -> Iterator[None]:
    """Nobody asks EC2's link-local address where this machine is, nor for its role."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield
