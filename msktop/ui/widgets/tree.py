"""The cluster as a tree, with the cursor: zones, brokers, metadata nodes; and what wants a human."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.reactive import reactive

from msktop.model.cluster import Cluster
from msktop.session import View
from msktop.ui.format import age, dec, foreign, num, watch
from msktop.ui.rows.incidents import KIND_WORDS, loudness, quiet_falls
from msktop.ui.rows.nodes import severity_of as node_severity
from msktop.ui.theme import Glyph, Severity, sign, token
from msktop.ui.widgets.broker_cells import down_since, severity_of, worst, zones_of
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.draw import title
from msktop.ui.widgets.paint import Paint
from msktop.ui.widgets.zones import zone_name

FEW = 12
"""Up to so many brokers each has a line; above, only those in trouble."""


@dataclass(frozen=True, slots=True)
class Node:
    """One line of the tree; `key` is None for what cannot be opened, as a blank line."""

    key: Hashable
    indent: int
    text: str
    right: str = ""
    severity: Severity | None = None
    spec: str = "text"


def nodes_of(view: View, filter_text: str = "") -> list[Node]:
    """The lines of the tree, top to bottom."""
    cluster = view.cluster
    out: list[Node] = []
    quiet = quiet_falls(view.incidents)
    for zone in zones_of(cluster):
        out += _zone_nodes(view, zone, filter_text.casefold(), quiet)
    out += _metadata_nodes(cluster)
    if cluster.connected:
        out.append(Node(None, 0, ""))
        rate = _records_per_s(cluster)
        note = f"{num(rate).strip()}/s  " if rate is not None else ""
        out.append(
            Node(("topics",), 0, f"{Glyph.SHUT} topics", note + str(cluster.topic_count), None, "strong")
        )
    lasting = {loudness(i) for i in view.incidents.open if i.parent is None and i.severity != "info"}
    loudest: Severity | None = "crit" if "crit" in lasting else "warn" if lasting else None
    counted = sum(i.parent is None and i.severity != "info" for i in view.incidents.log)
    out.append(Node(("incidents",), 0, f"{Glyph.SHUT} incidents", str(counted), loudest, "strong"))
    return out


def _zone_nodes(view: View, zone: str, wanted: str, quiet: frozenset[int]) -> Iterator[Node]:
    cluster = view.cluster
    brokers = cluster.zone_brokers(zone)
    up = sum(b.probe.word == "up" for b in brokers)
    few = len(cluster.brokers) <= FEW
    mark = Glyph.OPEN if few else Glyph.SHUT
    yield Node(
        ("zone", zone),
        0,
        f"{mark} {zone_name(zone)}",
        f"{up}/{len(brokers)}",
        worst(brokers, quiet),
        "strong",
    )
    for broker in brokers:
        severity = severity_of(broker, quiet)
        if not few and severity in ("ok", "heal"):
            continue
        if wanted and wanted not in zone.casefold() and wanted not in broker.name.casefold():
            continue
        away = broker.probe.word in ("down", "suspect")
        right = watch(cluster.at - down_since(view, broker)) if away else dec(broker.probe.last_ms)
        yield Node(
            ("broker", broker.id), 2, broker.name, right, severity, "crit b" if severity == "crit" else "text"
        )


def _metadata_nodes(cluster: Cluster) -> Iterator[Node]:
    """KRaft controllers, or the ZooKeeper ensemble."""
    for role, name in (("controller", "controllers"), ("zookeeper", "zookeeper")):
        nodes = [n for n in cluster.nodes.values() if n.role == role]
        if not nodes:
            continue
        states = [node_severity(n) for n in nodes]
        well = sum(s == "ok" for s in states)
        bad: Severity = "crit" if "crit" in states else "warn" if "warn" in states else "none"
        whole: Severity = "ok" if well == len(nodes) else bad
        yield Node(("nodes", role), 0, f"{Glyph.OPEN} {name}", f"{well}/{len(nodes)}", whole, "strong")
        for node, severity in zip(nodes, states, strict=True):
            leads = node.leader or node.id == cluster.controller_id
            text = f"{node.name} {Glyph.CONTROLLER} active" if leads and role == "controller" else node.name
            right = "" if leads or node.lag is None else f"lag {num(node.lag).strip()}"
            yield Node(("node", node.id), 2, text, right, severity)


def _records_per_s(cluster: Cluster) -> float | None:
    rates = [last[1] for b in cluster.brokers.values() if (last := b.messages.last) and last[1] is not None]
    return sum(r for r in rates if r is not None) if rates else None


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that wants a human."""

    severity: Severity
    who: str
    why: str


def concerns_of(view: View) -> list[Concern]:
    """Open incidents, failing sources, old pages; worst first."""
    cluster = view.cluster
    out = [
        Concern(
            loudness(i),
            foreign(i.subject, 40),
            foreign(i.detail, 80) or KIND_WORDS.get(i.kind, ""),
        )
        for i in view.incidents.open
        if i.severity != "info"
    ]
    told = " ".join(c.who for c in out)
    for name, source in cluster.sources.items():
        if source.failed_at is not None and name not in told:
            out.append(Concern("warn", name, foreign(source.reason, 80)))
    for broker in cluster.brokers.values():
        page = broker.jmx
        if page.at is not None and page.failed_at is not None and broker.name not in told:
            out.append(Concern("warn", f"{broker.name} metrics", f"{age(cluster.at - page.at)} old"))
        if not broker.in_metadata and broker.left_metadata_at is not None and broker.name not in told:
            out.append(Concern("warn", broker.name, "not in the cluster's metadata"))
    return sorted(out, key=lambda c: c.severity != "crit")


class TreePanel(Paint):
    """The tree, with the cursor that the screen moves, and below it the concerns."""

    EVERY_S = 1.0
    selected: reactive[Hashable] = reactive(None, repaint=False, init=False)
    filter_text: reactive[str] = reactive("", repaint=False, init=False)

    class Clicked(Message):
        """A line was clicked."""

        def __init__(self, key: Hashable) -> None:
            super().__init__()
            self.key = key

    def watch_selected(self, _: Hashable) -> None:
        """The cursor moved."""
        self.tick()

    def watch_filter_text(self, _: str) -> None:
        """Other brokers are left."""
        self.tick()

    def urgent(self, view: View) -> bool:
        """A stopwatch runs where a broker is away."""
        return any(b.probe.word in ("down", "suspect") for b in view.cluster.brokers.values())

    def _shown(self, height: int) -> tuple[list[Node], int]:
        """The lines and the first one shown: the cursor is always among them."""
        nodes = nodes_of(self.view, self.filter_text)
        at = next((i for i, n in enumerate(nodes) if n.key is not None and n.key == self.selected), 0)
        return nodes, max(0, min(at - height + 3, len(nodes) - height + 1))

    def on_click(self, event: events.Click) -> None:
        """Select what was clicked."""
        nodes, top = self._shown(self.size.height)
        at = top + event.y - 1
        if event.y > 0 and at < len(nodes) and nodes[at].key is not None:
            self.post_message(self.Clicked(nodes[at].key))

    def paint(self, canvas: Canvas) -> None:
        """Title, lines, concerns."""
        title(canvas, 0, "Cluster", x=1, width=canvas.width - 1)
        nodes, top = self._shown(canvas.height)
        y = 1
        for node in nodes[top:]:
            if y >= canvas.height:
                return
            draw_node(canvas, y, node, node.key is not None and node.key == self.selected)
            y += 1
        draw_concerns(canvas, y + 1, concerns_of(self.view))


def draw_node(canvas: Canvas, y: int, node: Node, selected: bool) -> None:
    """One line: text at the left, figure and dot at the right."""
    canvas.text(1 + node.indent, y, node.text, node.spec, canvas.width - node.indent - len(node.right) - 4)
    if node.severity is not None:
        canvas.right(canvas.width, y, sign(node.severity), token(node.severity))
    canvas.right(canvas.width - 2, y, node.right, "muted")
    if selected:
        canvas.back(y, "select")
        canvas.text(0, y, Glyph.SELECTED, "accent on:select")


def draw_concerns(canvas: Canvas, y: int, concerns: list[Concern]) -> None:
    """What fits of them, two lines each."""
    if canvas.height - y < 3 or not concerns:
        return
    title(canvas, y, "Attention", x=1, width=canvas.width - 1)
    for i, concern in enumerate(concerns[: (canvas.height - y - 1) // 2]):
        line = y + 1 + 2 * i
        canvas.text(1, line, sign(concern.severity), token(concern.severity))
        canvas.text(3, line, concern.who, "text", canvas.width - 4)
        canvas.text(3, line + 1, concern.why, "muted", canvas.width - 4)
