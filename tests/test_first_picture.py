"""A first picture waits neither for Textual nor for anything that only sources, the fold or AWS need."""

from __future__ import annotations

import subprocess
import sys

import pytest

_BEFORE_THE_PICTURE = """
import os, sys
from msktop.opening import named
from msktop.targets import Words
import msktop.cli, msktop.monitor, msktop.sources.spare, msktop.ui.terminal
from msktop.ui.opening import Opening, frame
from msktop.ui.theme import Look
target = named(Words(bootstrap_servers="127.0.0.1:1"))
frame(120, 40, Look(), Opening(target.name, target.bootstrap_servers, False), os.environ)
print(*(m for m in sys.modules if m.startswith(tuple(sys.argv[1:]))))
"""


@pytest.mark.parametrize(
    "later",
    [
        ("boto3", "botocore", "kafka", "msgspec"),
        ("textual", "rich.console", "asyncio"),
        (
            "msktop.session",
            "msktop.model.cluster",
            "msktop.model.broker",
            "msktop.model.incidents",
            "msktop.model.samples",
        ),
        ("msktop.compose", "msktop.recording", "msktop.sources.probe"),
        ("msktop.aws.session", "msktop.aws.iam"),
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
