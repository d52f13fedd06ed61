"""The words of probes: stages of a connection, and how one ends."""

from __future__ import annotations

from typing import Literal

Stage = Literal["dns", "tcp", "proxy", "tls", "sasl", "api_versions", "metadata"]
STAGES: tuple[Stage, ...] = ("dns", "tcp", "proxy", "tls", "sasl", "api_versions", "metadata")
"""Stages of a new connection, in order. DNS to API versions are each timed apart; Metadata comes last.

With a proxy, `proxy` comes in the place of DNS and TCP: the way to it, and its own way to the broker."""

Outcome = Literal[
    "ok", "timeout", "refused", "reset", "unresolved", "unreachable", "proxy", "tls", "sasl", "protocol"
]
