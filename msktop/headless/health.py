"""How the whole does, in one word."""

from __future__ import annotations

from typing import Literal

from msktop.session import View

Health = Literal["healthy", "degraded", "unreachable"]
EXIT_CODES: dict[Health, int] = {"healthy": 0, "degraded": 1, "unreachable": 2}


def health(view: View) -> Health:
    """One word for the whole: unreachable without any broker that answers, degraded with any trouble.

    >>> health(View())
    'unreachable'
    """
    cluster = view.cluster
    words = [b.probe.word for b in cluster.brokers.values()]
    if "up" not in words or not cluster.connected:
        return "unreachable"
    totals = cluster.totals
    troubled = totals.offline or totals.under_replicated or totals.under_min_isr
    missing = any(w in ("down", "suspect") for w in words)
    missing = missing or any(b.left_metadata_at is not None for b in cluster.brokers.values())
    crit = any(i.severity == "crit" for i in view.incidents.open)
    return "degraded" if troubled or missing or crit else "healthy"
