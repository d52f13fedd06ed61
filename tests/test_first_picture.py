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
from msktop.ui.opening import FirstPicture, Opening
from msktop.ui.theme import Look
target = named(Words(bootstrap_servers="127.0.0.1:1"))
first = FirstPicture(120, 40, Look(), os.environ, lambda _: None)
first.begin(Opening(target.name, target.bootstrap_servers, False))
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


def test_what_is_known_is_shown_before_textual_is_there() -> None:
    code = """
import os, sys
from msktop.model.cluster import Cluster
from msktop.session import View
from msktop.ui.opening import FirstPicture, Opening
from msktop.ui.theme import Look
first = FirstPicture(120, 40, Look(), os.environ, lambda _: None)
first.begin(Opening("orders", "127.0.0.1:1", False))
first.show(View(Cluster(name="orders", at=1.0, metadata_at=1.0)))
print(*(m for m in sys.modules if m.startswith("textual")))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == []
