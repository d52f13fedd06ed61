"""What a first picture waits for: nothing that only sources, the fold or AWS need is imported before it."""

from __future__ import annotations

import subprocess
import sys

import pytest

_BEFORE_THE_PICTURE = """
import sys
from msktop.opening import named
from msktop.targets import Words
import msktop.cli, msktop.monitor, msktop.sources.spare, msktop.ui.terminal
import msktop.ui.app, msktop.ui.driver, msktop.ui.screens.opening
named(Words(bootstrap_servers="127.0.0.1:1"))
print(*(m for m in sys.modules if m.startswith(tuple(sys.argv[1:]))))
"""


@pytest.mark.parametrize(
    "later",
    [
        ("boto3", "botocore", "kafka"),
        ("msktop.compose", "msktop.wire.metadata", "msktop.sources.probe"),
        (
            "msktop.model.samples",
            "msktop.model.control_samples",
            "msktop.model.reduce",
            "msktop.model.detect",
        ),
        ("msktop.aws.session", "msktop.aws.iam", "msktop.recording", "msgspec"),
        ("msktop.ui.widgets.cards", "msktop.ui.widgets.grid", "msktop.ui.screens.overview"),
    ],
)
def test_it_does_not_wait_for(later: tuple[str, ...]) -> None:
    words = [sys.executable, "-c", _BEFORE_THE_PICTURE, *later]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == []


def test_the_first_figures_of_a_plain_kafka_wait_for_nothing_of_aws() -> None:
    later = (
        "boto",
        "kafka",
        "msktop.aws.session",
        "msktop.sources.msk",
        "msktop.sources.cloudwatch",
        "msktop.ways",
    )
    code = "import sys, msktop.compose; print(*(m for m in sys.modules if m.startswith(tuple(sys.argv[1:]))))"
    done = subprocess.run(
        [sys.executable, "-c", code, *later], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == []
