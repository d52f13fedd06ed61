"""Parts of a whole that follow from a node exporter's page."""

from __future__ import annotations

from msktop.model.broker import Page


def cpu_used(page: Page) -> float | None:
    """The part of the processors that is busy, 0 to 1, from the seconds by mode; None without two pages.

    >>> cpu_used(Page(rates={"cpu_s/idle": 1.5, "cpu_s/user": 0.4, "cpu_s/system": 0.1}))
    0.25
    >>> cpu_used(Page()) is None
    True
    """
    seconds = _cpu_seconds(page)
    total = sum(seconds.values())
    return 1.0 - (seconds.get("idle", 0.0) + seconds.get("iowait", 0.0)) / total if total else None


def cpu_user_and_system(page: Page) -> float | None:
    """What AWS's thresholds are about: user and system time alone, without interrupts and what is stolen.

    >>> cpu_user_and_system(Page(rates={"cpu_s/idle": 1.0, "cpu_s/user": 0.5, "cpu_s/steal": 0.5}))
    0.25
    """
    seconds = _cpu_seconds(page)
    total = sum(seconds.values())
    if not total or "user" not in seconds:
        return None
    return (seconds["user"] + seconds.get("system", 0.0)) / total


def volume_used(page: Page) -> float | None:
    """The part of the volume that is used, 0 to 1.

    >>> volume_used(Page(values={"disk_size": 200.0, "disk_avail": 150.0}))
    0.25
    """
    size, free = page.values.get("disk_size"), page.values.get("disk_avail")
    return 1.0 - free / size if size and free is not None else None


def _cpu_seconds(page: Page) -> dict[str, float]:
    """Seconds a second, by mode."""
    return {key[6:]: rate for key, rate in page.rates.items() if key.startswith("cpu_s/")}
