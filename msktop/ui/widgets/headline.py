"""What the first lines of a screen say, the header and the verdict; drawn also before there is a screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len

from msktop.model.cloudwatch import figures
from msktop.model.cluster import Cluster
from msktop.session import View
from msktop.ui.feed import Mode
from msktop.ui.format import clock, cut, dur, foreign, old
from msktop.ui.recovery_track import TrackStep, track_of, usual_recovery
from msktop.ui.rows.incidents import quiet_falls
from msktop.ui.said import Verdict
from msktop.ui.theme import Glyph, Severity, sign, token
from msktop.ui.verdict import verdict_of
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.draw import fitting, sentence
from msktop.ui.widgets.keybar import WIDE

STALE_AFTER_S = 15.0
"""Metadata older than this is said to be old in the header."""

STATES: dict[str, Severity] = {
    "ACTIVE": "ok", "CREATING": "heal", "HEALING": "heal", "UPDATING": "heal", "MAINTENANCE": "heal",
    "REBOOTING_BROKER": "heal", "DELETING": "warn", "FAILED": "crit",
}  # fmt: skip


def draw_header(canvas: Canvas, view: View, mode: Mode, *, paused: bool = False, note: str = "") -> None:
    """Facts from the left as long as they fit before what stands at the right."""
    on = " on:heal-bg" if mode == "replay" else " on:raised"
    canvas.text(0, 0, " " * canvas.width, "text" + on)
    cluster = view.cluster
    left = _header_right(canvas, cluster, mode, on, paused=paused, note=note)
    x = canvas.text(1, 0, foreign(cluster.name or "msktop", 32), "strong b" + on)
    for parts in _header_facts(view, canvas.width >= WIDE):
        length = sum(cell_len(text) for text, _ in parts)
        if x + 2 + length > left - 2:
            break
        x = canvas.spans(x + 2, 0, *((text, spec + on) for text, spec in parts))


def _header_right(canvas: Canvas, cluster: Cluster, mode: Mode, on: str, *, paused: bool, note: str) -> int:
    """The right end, from the right; returns where it begins."""
    word, mark, spec = ("live", Glyph.OK, "ok")
    if mode == "replay":
        word, mark, spec = ("replay", Glyph.REPLAY, "heal")
    if paused:
        word, mark, spec = ("paused", Glyph.PAUSED, "warn")
    x = canvas.right(canvas.width - 1, 0, word, ("warn b" if paused else "text") + on)
    x = canvas.right(x - 1, 0, mark, spec + on)
    if canvas.width < 44:
        return x
    x = canvas.right(x - 2, 0, clock(cluster.at) + "Z" if cluster.at else "", "text" + on)
    if note:
        x = canvas.right(x - 2, 0, cut(note, 40), "heal b" + on)
    metrics = [b.jmx.at for b in cluster.brokers.values() if b.jmx.at is not None]
    behind = None if cluster.metadata_at is None else cluster.at - cluster.metadata_at
    if behind is not None and behind > STALE_AFTER_S:
        x = canvas.right(x - 2, 0, f"metadata {old(behind)}", "warn" + on)
    elif not cluster.connected and (about := figures(cluster)) is not None:
        x = canvas.right(x - 2, 0, f"CloudWatch {old(cluster.at - about.at)}", "muted" + on)
    elif metrics and canvas.width >= WIDE:
        x = canvas.right(x - 2, 0, f"metrics {old(cluster.at - max(metrics))}".rjust(20), "muted" + on)
    return x


_Parts = list[tuple[str, str]]


def _header_facts(view: View, wide: bool) -> Iterable[_Parts]:
    """Facts in order of what must stay when there is no room."""
    cluster = view.cluster
    if cluster.state:
        severity = STATES.get(cluster.state, "warn")
        word = "text" if severity == "ok" else token(severity)
        yield [(sign(severity), token(severity)), (" " + foreign(cluster.state, 24), word)]
    if wide and (cluster.kafka_version or cluster.metadata):
        mode = {"kraft": "KRaft", "zookeeper": "ZooKeeper", None: ""}[cluster.metadata]
        about = "≈" if cluster.version_estimated and cluster.kafka_version else ""
        yield [(f"{about}{foreign(cluster.kafka_version or '', 16)} {mode}".strip(), "muted")]
    if not cluster.connected:
        yield from _facts_by_cloudwatch(cluster)
        return
    up = sum(b.probe.word == "up" for b in cluster.brokers.values())
    quiet = quiet_falls(view.incidents)
    away = [b.id in quiet for b in cluster.brokers.values() if b.probe.word in ("down", "suspect")]
    spec = "text" if not away else "warn b" if all(away) else "crit b"
    yield _fact("brokers", f"{up}/{len(cluster.brokers)}", spec)
    if wide:
        yield _fact("ctrl", controller_name(cluster) or "—")
    under, offline = cluster.totals.under_replicated, cluster.totals.offline
    yield _fact("URP", str(under), "warn" if under else "text")
    yield _fact("offline", str(offline), "crit b" if offline else "text")
    if wide:
        yield _fact("partitions", str(cluster.totals.partitions))
        yield _fact("topics", str(cluster.topic_count))
        yield _fact("zones", str(len([z for z in cluster.zones if z]) or "—"))


def _facts_by_cloudwatch(cluster: Cluster) -> Iterable[_Parts]:
    """Where Kafka says nothing: how many brokers AWS lists, and CloudWatch's newest word."""
    if cluster.brokers:
        yield _fact("brokers", str(len(cluster.brokers)))
    about = figures(cluster)
    if about is None:
        return
    if about.under_replicated is not None:
        yield _fact("URP", str(about.under_replicated), "warn" if about.under_replicated else "text")
    if about.offline is not None:
        yield _fact("offline", str(about.offline), "crit b" if about.offline else "text")


def _fact(label: str, value: str, spec: str = "text") -> _Parts:
    return [(label + " ", "muted"), (value, spec)]


def controller_name(cluster: Cluster) -> str | None:
    """`c-2` in KRaft mode, `b-3` where a broker is the controller; None while not known."""
    if cluster.controller_id is None or cluster.controller_id < 0:
        return None
    node = cluster.nodes.get(cluster.controller_id)
    if node is not None and node.role == "controller":
        return node.name
    return f"{'c' if cluster.metadata == 'kraft' and cluster.nodes else 'b'}-{cluster.controller_id}"


def draw_said(canvas: Canvas, view: View) -> None:
    """The verdict of a view: one row, or two and a blank one."""
    verdict = verdict_of(view)
    end = draw_verdict(canvas, verdict, view.cluster)
    if verdict.about is not None and canvas.height > 1:
        usual = usual_recovery(view.incidents, verdict.about.kind)
        if usual is not None and canvas.width >= WIDE:
            low, high = (dur(s).strip() for s in usual)
            words = f"usual here {low} to {high}"
            if end + 2 + len(words) < canvas.width:
                canvas.right(canvas.width - 1, 1, words, "muted")


def draw_verdict(canvas: Canvas, verdict: Verdict, cluster: Cluster) -> int:
    """The band is filled only where something is wrong. Returns where the second line ends."""
    back = {"crit": " on:crit-bg", "warn": " on:warn-bg"}.get(verdict.severity, "")
    if back:
        canvas.text(0, 0, " " * canvas.width, "text" + back)
    x = canvas.text(1, 0, sign(verdict.severity) + " ", token(verdict.severity) + " b" + back)
    x = canvas.text(x, 0, cut(verdict.head, canvas.width - x - 1), "strong b" + back)
    room = canvas.width - x - 4
    facts = fitting(verdict.facts, room) or cut(sentence(*verdict.facts), room)
    canvas.text(x + 3, 0, facts, "text" + back)
    if canvas.height < 2:
        return 0
    steps = track_of(verdict.about) if verdict.about is not None else ()
    if steps:
        return track(canvas, 3, 1, fitting_steps(steps, canvas.width - 4))
    return canvas.text(3, 1, verdict.second, "muted", canvas.width - 4)


def stopwatch_runs(view: View) -> bool:
    """Whether something lasts that is timed in tenths, or is about to."""
    if any(b.probe.word in ("down", "suspect") for b in view.cluster.brokers.values()):
        return True
    return any(i.severity == "crit" for i in view.incidents.open)


def fitting_steps(steps: Sequence[TrackStep], width: int) -> Sequence[TrackStep]:
    """Without as many of the first turns as there is no room for: what is to come counts most.

    >>> seen, back = TrackStep("ok", "detected", 2.0), TrackStep("ok", "answers", 9.0)
    >>> [step.label for step in fitting_steps((seen, back, TrackStep("heal", "ISR full")), 30)]
    ['answers', 'ISR full']
    """
    while len(steps) > 1 and sum(map(cells_of, steps)) + 4 * (len(steps) - 1) > width:
        steps = steps[1:]
    return steps


def cells_of(step: TrackStep) -> int:
    """How wide `track` draws a turn."""
    after = 1 if step.after_s is None else 1 + len(dur(step.after_s).strip())
    return 2 + len(step.label) + after


def track(canvas: Canvas, x: int, y: int, steps: Iterable[TrackStep]) -> int:
    """Turns of a recovery in one row; returns the x after them."""
    for i, step in enumerate(steps):
        if i:
            x = canvas.text(x + 1, y, Glyph.RULE * 2, "rule") + 1
        x = canvas.text(x, y, sign(step.severity), token(step.severity))
        spec = {"ok": "text", "heal": "heal b"}.get(step.severity, "faint")
        x = canvas.text(x + 1, y, step.label, spec)
        if step.after_s is not None:
            x = canvas.text(x + 1, y, dur(step.after_s).strip(), "muted")
        elif step.severity == "heal":
            x = canvas.text(x, y, Glyph.ELLIPSIS, "heal b")
    return x
