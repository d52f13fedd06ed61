"""A broker that is down or silent: what happened, instead of numbers that no longer exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msktop.model.broker import Broker
from msktop.model.stages import STAGES, Stage
from msktop.ui.format import age, clock, dur, foreign, watch
from msktop.ui.rows.brokers import disk_used
from msktop.ui.theme import Glyph
from msktop.ui.widgets.broker_cells import down_since, failure_of
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.draw import state

if TYPE_CHECKING:
    from msktop.ui.widgets.scene import Scene

VALUE_END = 13
"""Where the figures of a card end."""
_STAGE_WORDS: dict[Stage, str] = {
    "dns": "DNS", "tcp": "TCP", "proxy": "PROXY", "tls": "TLS", "sasl": "SASL",
    "api_versions": "API", "metadata": "META",
}  # fmt: skip


def down_card(canvas: Canvas, scene: Scene, broker: Broker) -> None:
    """What happened instead of numbers that no longer exist."""
    width, probe = canvas.width, broker.probe
    down = probe.word == "down"
    spec = scene.severity_of(broker)
    for y in range(1, canvas.height):
        canvas.text(0, y, Glyph.WALL, spec)
    since = down_since(scene.view, broker)
    end = canvas.spans(2, 1, (watch(scene.now - since), spec + " b"), (" down" if down else " silent", spec))
    began = f"from {clock(since)}"
    if width - end > len(began):
        canvas.right(width, 1, began, "muted")
    _stage_rail(canvas, 2, broker, spec if down else "crit")
    canvas.text(2, 3, why(broker), "muted", width - 2)
    failure = failure_of(scene.view.incidents, broker)
    moved = failure.marks.get("leaders_moved") if failure is not None else None
    totals = scene.view.cluster.totals
    lines = [
        ("leads", broker.counts.leaders, _moved(moved, since)),
        ("URP", totals.under_replicated, f"{totals.offline} offline"),
    ]
    for y, (label, value, note) in enumerate(lines, 4):
        canvas.text(2, y, label, "muted")
        canvas.right(VALUE_END, y, str(value), "warn" if label == "URP" and value else "text")
        canvas.text(VALUE_END + 2, y, note, "muted", width - VALUE_END - 2)
    used = disk_used(broker)
    if used is not None and broker.node.at is not None:
        canvas.text(2, 6, "disk", "faint")
        canvas.right(VALUE_END, 6, f"{used * 100:.0f} %", "faint")
        canvas.text(
            VALUE_END + 2, 6, f"{age(scene.now - broker.node.at)} old", "faint", width - VALUE_END - 2
        )


def _moved(moved: float | None, since: float) -> str:
    """How soon its leaders moved.

    >>> _moved(14.0, 10.0), _moved(9.0, 10.0), _moved(None, 10.0)
    ('moved 4.0 s', 'moved before', 'still its own')
    """
    if moved is None:
        return "still its own"
    return f"moved {dur(moved - since).strip()}" if moved >= since else "moved before"


def _stage_rail(canvas: Canvas, y: int, broker: Broker, spec: str) -> None:
    """How far a new connection came: DNS─TCP─TLS─SASL─API ✕."""
    probe, x = broker.probe, 2
    failed = probe.failed_stage or "api_versions"
    for stage in STAGES:
        if stage not in probe.passed and stage != failed:
            continue
        if x > 2:
            x = canvas.text(x, y, Glyph.RULE, "rule")
        bad = stage == failed
        x = canvas.text(x, y, _STAGE_WORDS[stage], f"{spec} b u" if bad else "text")
        if bad:
            canvas.text(x + 1, y, Glyph.CRIT, spec)
            return


def why(broker: Broker) -> str:
    """What our connection met."""
    probe = broker.probe
    if probe.outcome == "timeout":
        return "no answer within 0.5 s" if probe.failed_stage != "tcp" else "no answer to a TCP connect"
    words = {
        "refused": "connection refused", "reset": "connection reset", "unresolved": "name does not resolve",
        "unreachable": foreign(probe.error, 60) or "no route to it",
    }  # fmt: skip
    return words.get(probe.outcome) or foreign(probe.error, 60) or "cannot be probed"


def short_why(broker: Broker) -> str:
    """The same in two words."""
    probe = broker.probe
    if not broker.host:
        return "not listed"  # Kafka does not name it any more: nobody knows where to ask
    if probe.outcome == "timeout":
        return f"hung at {_STAGE_WORDS.get(probe.failed_stage or 'api_versions', 'API')}"
    return {
        "refused": "refused",
        "reset": "reset",
        "unresolved": "no address",
        "unreachable": "no route",
    }.get(probe.outcome, "no answer")


def down_row(canvas: Canvas, y: int, scene: Scene, broker: Broker) -> None:
    """A row that says what happened instead of numbers that no longer exist."""
    width = canvas.width
    down = broker.probe.word == "down"
    spec = scene.severity_of(broker)
    canvas.text(0, y, " " * width)
    state(canvas, 0, y, spec)
    canvas.text(2, y, broker.name, spec + " b")
    x = canvas.text(8, y, watch(scene.now - down_since(scene.view, broker)), spec + " b")
    canvas.text(x + 1, y, short_why(broker) if down else "silent", spec, width - x - 1)
    failure = failure_of(scene.view.incidents, broker)
    if width >= 52 and failure is not None and "leaders_moved" in failure.marks:
        canvas.right(width, y, f"{failure.leaders_lost} moved", "muted")
    canvas.back(y, f"{spec}-bg")
