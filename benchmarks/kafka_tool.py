"""Kafka's own `kafka-consumer-groups`, of the same version and jars as the brokers."""

from __future__ import annotations

import subprocess

from msktop.local import jars
from msktop.local.java import LEAN, runtime

TIMEOUT_S = 600.0
"""It asks about one group after the other: 13.6 s were seen for 205."""
MAIN = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"

Lags = dict[tuple[str, str, int], tuple[int, int, int]]
"""Committed offset, end and lag by group, topic and partition."""


def consumer_groups(kafka_version: str, servers: str, *words: str) -> str:
    """What the tool prints."""
    path = ":".join(map(str, jars.tools(kafka_version)))
    command = [str(runtime().java), *LEAN, "-cp", path, MAIN, "--bootstrap-server", servers, *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=True)
    return done.stdout


def lags(kafka_version: str, servers: str, *groups: str) -> Lags:
    """Of these groups, or of all."""
    which = [word for group in groups for word in ("--group", group)] or ["--all-groups"]
    found: Lags = {}
    for line in consumer_groups(kafka_version, servers, "--describe", *which).splitlines():
        cells = line.split()
        if len(cells) >= 6 and cells[2].isdecimal() and cells[3].isdecimal():
            group, topic, number, committed, end, lag = cells[:6]
            found[group, topic, int(number)] = (int(committed), int(end), int(lag))
    return found
