"""The zones side by side: one column a zone, brokers as large as there is room."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from textual.reactive import reactive

from msktop.model.broker import Broker
from msktop.model.cluster import Cluster
from msktop.session import View
from msktop.ui.format import foreign
from msktop.ui.theme import Glyph, sign, token
from msktop.ui.widgets.before import before_words
from msktop.ui.widgets.broker_cells import worst, zones_of
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.cards import CARD_LINES, card
from msktop.ui.widgets.down_cards import down_row
from msktop.ui.widgets.draw import title
from msktop.ui.widgets.grid import USUAL_NOTE
from msktop.ui.widgets.paint import Paint
from msktop.ui.widgets.scene import Scene
from msktop.ui.widgets.small_cards import MINI_LINES, mini, row_columns
from msktop.ui.widgets.table import table

GAP = 2
CARD_WIDTH = 27
MOST_PICTURES = 6
"""More brokers than this in one zone are compared in rows rather than in pictures."""
SAYS_BEFORE, SAYS_IT_WHOLE = 29, 52
"""From these widths a zone's title has room for whose word the time before us is, shortly and in full."""
LEAST_COLUMN = 22
"""A narrower column is not worth reading: zones then share the height."""


class ZonesPanel(Paint):
    """All zones of the cluster, with the brokers that the filter leaves."""

    EVERY_S = 1.0
    selected: reactive[Hashable] = reactive(None, repaint=False, init=False)
    """("zone", id) or ("broker", id)."""
    filter_text: reactive[str] = reactive("", repaint=False, init=False)

    def watch_selected(self, _: Hashable) -> None:
        """The cursor moved."""
        self.tick()

    def watch_filter_text(self, _: str) -> None:
        """Other brokers are left."""
        self.tick()

    def urgent(self, view: View) -> bool:
        """A stopwatch runs where a broker is away."""
        return any(b.probe.word in ("down", "suspect") for b in view.cluster.brokers.values())

    def paint(self, canvas: Canvas) -> None:
        """Columns of equal width; what is left over is spread from the left."""
        zones = zones_of(self.view.cluster)
        if not zones:
            _nothing_yet(canvas, self.view.cluster)
            return
        scene = Scene.of(self.view)
        across = columns(len(zones), canvas.width)
        down = -(-len(zones) // across)
        height = canvas.height // down
        share, rest = divmod(canvas.width - GAP * (across - 1), across)
        x = 0
        for i, zone in enumerate(zones):
            column = i % across
            x = 0 if column == 0 else x
            width = share + (column < rest)
            part = canvas.sub(width, height)
            draw_zone(part, scene, zone, self._left(zone), self.selected)
            canvas.blit(x, i // across * height, part)
            x += width + GAP

    def _left(self, zone: str) -> list[Broker]:
        wanted = self.filter_text.casefold()
        brokers = self.view.cluster.zone_brokers(zone)
        if not wanted or wanted in zone.casefold():
            return list(brokers)
        return [b for b in brokers if wanted in b.name.casefold() or wanted in b.host.casefold()]


def columns(zones: int, width: int) -> int:
    """How many zones stand side by side."""
    return max(1, min(zones, (width + GAP) // (LEAST_COLUMN + GAP)))


def zone_name(zone: str) -> str:
    """What heads a zone.

    >>> zone_name(""), zone_name("use1-az1")
    ('no zone', 'use1-az1')
    """
    return foreign(zone, 24) or "no zone"


def draw_zone(canvas: Canvas, scene: Scene, zone: str, brokers: list[Broker], selected: Hashable) -> None:
    """Title, then cards, or three lines each, or rows; and where not even rows fit, a lamp each."""
    scene = replace(scene, says_before=canvas.width >= SAYS_BEFORE, pasts=[])
    _brokers(canvas, scene, zone, brokers, selected)
    _zone_title(canvas, scene, zone, selected == ("zone", zone))


def _brokers(canvas: Canvas, scene: Scene, zone: str, brokers: list[Broker], selected: Hashable) -> None:
    cluster = scene.view.cluster
    room, top = canvas.height - 1, 1
    seen = cluster.zones.get(zone)
    subnet = " ".join(foreign(s, 24) for s in (seen.subnet_id, seen.subnet_cidr) if s) if seen else ""
    if subnet and canvas.width < 50 and len(brokers) * (CARD_LINES + 1) <= room:
        canvas.text(0, 1, subnet, "faint", canvas.width)
        top, room = 2, room - 1
    if len(brokers) > MOST_PICTURES and len(brokers) + 1 <= room:
        _rows(canvas, top, scene, brokers, selected)
        return
    for lines in (CARD_LINES, MINI_LINES):
        for across in range(1, places(canvas.width) + 1):
            down = -(-len(brokers) // across)
            if down * lines <= room:
                step = lines + (lines == CARD_LINES and down * (lines + 1) - 1 <= room)
                _stack(canvas, scene, brokers, selected, top, (lines, step, across))
                return
    _rows(canvas, top, scene, brokers, selected)


def places(width: int) -> int:
    """How many brokers have room side by side in one zone."""
    return max(1, (width + GAP) // (CARD_WIDTH + GAP))


def _zone_title(canvas: Canvas, scene: Scene, zone: str, selected: bool) -> None:
    cluster = scene.view.cluster
    brokers = cluster.zone_brokers(zone)
    severity = worst(brokers, scene.quiet)
    up = sum(b.probe.word == "up" for b in brokers)
    tally = f"{up}/{len(brokers)}"
    notes = []
    if cluster.client_rack and zone == cluster.client_rack:
        notes.append("this host" if canvas.width >= 28 else "here")
    elif cluster.client_rack and canvas.width >= 50:
        notes.append("cross-zone")
    if canvas.width >= 26:
        notes.append(USUAL_NOTE)
    seen = cluster.zones.get(zone)
    if canvas.width >= 50 and seen is not None:
        notes += [foreign(s, 24) for s in (seen.subnet_id, seen.subnet_cidr) if s]
    if scene.pasts:  # while it lasts, before what is there at other times too
        notes.insert(0, before_words(max(scene.pasts), shortly=canvas.width < SAYS_IT_WHOLE))
    loud = severity == "crit"
    title(
        canvas,
        0,
        zone_name(zone),
        notes,
        focus=selected,
        right=f"{tally} {sign(severity)}",
        right_spec="crit b" if loud else "muted",
    )
    canvas.right(canvas.width, 0, sign(severity), token(severity) + (" b" if loud else ""))


def _stack(
    canvas: Canvas,
    scene: Scene,
    brokers: list[Broker],
    selected: Hashable,
    top: int,
    layout: tuple[int, int, int],
) -> None:
    """`layout`: lines of one picture, lines from one to the next below, how many side by side."""
    lines, step, across = layout
    draw = card if lines == CARD_LINES else mini
    width = (canvas.width - GAP * (across - 1)) // across
    for i, broker in enumerate(brokers):
        part = canvas.sub(width, lines)
        draw(part, scene, broker, selected == ("broker", broker.id))
        canvas.blit(i % across * (width + GAP), top + i // across * step, part)


def _rows(canvas: Canvas, top: int, scene: Scene, brokers: list[Broker], selected: Hashable) -> None:
    room = canvas.height - top
    if len(brokers) + 1 > room:
        for i, broker in enumerate(brokers):
            severity = scene.severity_of(broker)
            canvas.text(i % canvas.width, top + i // canvas.width, sign(severity), token(severity))
        top += 1 + (len(brokers) - 1) // canvas.width
        brokers = _worst_first(scene, brokers, selected)[: max(0, canvas.height - top - 1)]
    end = table(canvas, 0, top, canvas.width, row_columns(scene), brokers)
    for y, broker in enumerate(brokers, top + 1):
        if y >= end:
            break
        if broker.probe.word in ("down", "suspect"):
            down_row(canvas, y, scene, broker)
        if selected == ("broker", broker.id):
            canvas.back(y, "select")


def _worst_first(scene: Scene, brokers: list[Broker], selected: Hashable) -> list[Broker]:
    """The troubled first; the selected one is always among them; then by latency of the last minute.

    Latency is compared in steps, so that rows do not change places all the time.
    """
    order = {"crit": 0, "warn": 1, "none": 2, "heal": 3, "ok": 4}

    def key(broker: Broker) -> tuple[int, int, float, int]:
        p99 = broker.probe.p99_ms or 0.0
        slow = -round(p99 / 4) if p99 >= 4 else 0
        return order[scene.severity_of(broker)], selected != ("broker", broker.id), slow, broker.id

    return sorted(brokers, key=key)


def _nothing_yet(canvas: Canvas, cluster: Cluster) -> None:
    title(canvas, 0, "Brokers")
    tried = [s for s in foreign(cluster.bootstrap_servers, 400).split(",") if s]
    failed = cluster.sources.get("metadata")
    if failed is not None and failed.failed_at is not None:
        canvas.spans(0, 2, (Glyph.CRIT + " ", "crit"), ("none found yet", "text"))
        canvas.text(2, 3, foreign(failed.reason), "muted", canvas.width - 2)
        canvas.text(2, 4, foreign(failed.advice), "muted", canvas.width - 2)
    else:
        canvas.spans(0, 2, (Glyph.HEAL + " ", "heal"), ("looking for brokers", "text"))
    for y, server in enumerate(tried[: max(0, canvas.height - 7)], 6):
        canvas.text(2, y, ("asked " if y == 6 else "      ") + server, "muted", canvas.width - 2)
