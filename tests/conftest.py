"""What holds for every test: traffic goes to loopback only, and garbage is looked for seldom."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest


def pytest_configure() -> None:
    """Thousands of small apps are made and dropped: a tenth of the time went into looking for garbage."""
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(autouse=True, scope="session")
def _no_instance_metadata() -> Iterator[None]:
    """Nobody asks EC2's link-local address where this machine is, nor for its role."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield
