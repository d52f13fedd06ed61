"""How old a panel's data is, and why there is none, in the words of its title."""

from __future__ import annotations

from msktop.model.broker import Page
from msktop.model.rules import PAGE_FRESH_S
from msktop.ui.format import age, foreign

DENIED = frozenset({29, 30, 31})
"""Kafka's codes for TOPIC_, GROUP_ and CLUSTER_AUTHORIZATION_FAILED."""
TURN_ON = (
    "Rates, times and load come from the brokers' own metrics. Turn on open monitoring with Prometheus"
    " (JMX Exporter, port 11001; Node Exporter, port 11002) for this cluster, and let this machine reach"
    " both ports in the brokers' security group."
)


def page_age(page: Page, at: float, source: str = "metrics") -> str:
    """`metrics 4 s old`, or why there are none.

    >>> page_age(Page(at=6.0), 10.0), page_age(Page(failed_at=9.0, error="refused"), 10.0)
    ('metrics 4 s old', 'no metrics: refused')
    >>> page_age(Page(), 10.0)
    'no metrics yet'
    """
    if page.at is None:
        return f"no {source}: {foreign(page.error)}" if page.failed_at is not None else f"no {source} yet"
    old = age(at - page.at)
    return f"{source} of now" if old == "now" else f"{source} {old} old"


def stale(page: Page, at: float) -> bool:
    """Whether its figures are to be drawn faint."""
    return page.at is None or at - page.at > PAGE_FRESH_S or (page.failed_at is not None)


def read_age(read_at: float | None, error: int, at: float, what: str) -> str:
    """How old something is that is asked for seldom; or that asking is denied.

    >>> read_age(None, 0, 9.0, "log dirs"), read_age(3.0, 0, 9.0, "log dirs")
    ('not read yet', '6 s old')
    >>> read_age(3.0, 31, 9.0, "config")
    'denied: needs DescribeConfigs on the cluster'
    """
    if error in DENIED:
        need = "DescribeConfigs" if what == "config" else "Describe"
        return f"denied: needs {need} on the cluster"
    if error:
        return f"failed: error {error}"
    if read_at is None:
        return "not read yet"
    old = age(at - read_at)
    return "just read" if old == "now" else f"{old} old"
