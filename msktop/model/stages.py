"""The words of probes: stages of a connection, and how one ends."""

from __future__ import annotations

from typing import Literal

Stage = Literal["dns", "tcp", "tls", "sasl", "api_versions", "metadata"]
STAGES: tuple[Stage, ...] = ("dns", "tcp", "tls", "sasl", "api_versions", "metadata")
"""Stages of a new connection, in order. DNS to API versions are each timed apart; Metadata comes last."""

Outcome = Literal["ok", "timeout", "refused", "reset", "unresolved", "unreachable", "tls", "sasl", "protocol"]
