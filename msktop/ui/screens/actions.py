"""What can be changed: a menu over the screen, from which a form opens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from msktop.model.cluster import Cluster
from msktop.ui.acting import Actor
from msktop.ui.form_cluster import CHANGES, DELETE, REBOOT
from msktop.ui.form_create import CREATE
from msktop.ui.format import foreign
from msktop.ui.forms import Form
from msktop.ui.keys import SNAPSHOT, bindings
from msktop.ui.theme import Glyph
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.dialog import EDGE, Line, box, keys_line, put, put_right, words
from msktop.ui.widgets.paint import Draw

NO_CONTROL_PLANE = (
    "This cluster has no control plane that msktop knows: it was opened by its brokers' addresses."
    " An MSK cluster that is opened by its name or ARN (msktop CLUSTER) can be changed from here."
)


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the menu."""

    form: Form
    label: str
    now: str = ""


def items_of(cluster: Cluster, broker: int | None) -> tuple[Item, ...]:
    """Everything that can be changed, the selected broker first."""
    selected = cluster.brokers.get(broker) if broker is not None else None
    reboot = Item(REBOOT, f"Reboot {selected.name}" if selected else REBOOT.label)
    changes = [Item(form, form.label, foreign(form.now(cluster), 30)) for form in CHANGES]
    rest = [Item(DELETE, DELETE.label), Item(CREATE, "Create another cluster")]
    return (reboot, *changes, *rest)


class ActionsScreen(ModalScreen[Form | None]):
    """Ends with the form that was chosen. Without an actor it says why there is none."""

    DEFAULT_CSS = """
    ActionsScreen { align: center middle; background: $background 60%; }
    ActionsScreen #actions { width: 62; max-width: 100%; max-height: 100%; background: $msk-raised; }
    """
    SCOPED_CSS = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,a,ctrl+c", "dismiss", "Close", show=False),
        Binding("down,j,tab", "move(1)", "Down", show=False),
        Binding("up,k,shift+tab", "move(-1)", "Up", show=False),
        Binding("home,g", "move(-99)", "First", show=False),
        Binding("end,G", "move(99)", "Last", show=False),
        Binding("enter", "choose", "Open", show=False),
        *bindings((SNAPSHOT,)),
    ]

    def __init__(self, actor: Actor | None, cluster: Callable[[], Cluster], broker: int | None) -> None:
        super().__init__()
        self._there = actor is not None
        self._cluster = cluster
        self._broker = broker
        self._hindrance = actor.hindrance(creating=False) if actor is not None else ""
        self.title_words = ""
        """Over the menu; empty: it is the cluster that is changed."""
        self.cursor = 0

    def compose(self) -> ComposeResult:
        """One box, as high as what is in it."""
        panel = Draw(lambda canvas, _: self._draw(canvas), id="actions")
        panel.styles.height = len(self._lines(62 - 2 * EDGE)) + 5
        yield panel

    @property
    def _items(self) -> tuple[Item, ...]:
        return self.items(self._cluster()) if self._there else ()

    def items(self, cluster: Cluster) -> tuple[Item, ...]:
        """What there is to choose from; the last two stand apart."""
        return items_of(cluster, self._broker)

    def on_mount(self) -> None:
        """What is known of the cluster grows."""
        self.set_interval(1.0, lambda: self.query_one(Draw).tick())

    def _lines(self, width: int) -> list[Line]:
        if not self._there:
            return words(NO_CONTROL_PLANE, width)
        lines: list[Line] = [[(f" {item.label:<32}", "text"), (item.now, "muted")] for item in self._items]
        lines.insert(len(lines) - 2, [])
        if self._hindrance:
            lines += [
                [],
                *words(f"Only to look at. {self._hindrance}", width, mark=[(Glyph.WARN + " ", "warn")]),
            ]
        return lines

    def _draw(self, canvas: Canvas) -> None:
        name = foreign(self._cluster().name or "the cluster", 40)
        box(canvas, self.title_words or (f"Change {name}" if self._there else "No control plane"))
        lines = self._lines(canvas.width - 2 * EDGE)
        selected = self.cursor + (self.cursor >= len(self._items) - 2)
        room = canvas.height - 4
        top = max(0, min(selected - room + 2, len(lines) - room)) if len(lines) > room else 0
        for y, line in enumerate(lines[top : top + room], start=2 if room >= len(lines) else 1):
            put(canvas, y, line)
            if self._items and y - (2 if room >= len(lines) else 1) + top == selected:
                canvas.back(y, "select", EDGE - 1, canvas.width - EDGE + 1)
                canvas.text(EDGE - 1, y, Glyph.SELECTED, "accent on:select")
        keys_line(canvas, canvas.height - 2, [("esc", "close")])
        if self._items:
            enter = "ret" if canvas.look.ascii else Glyph.ENTER
            put_right(canvas, canvas.height - 2, [(enter, "accent"), (" open", "text")])

    def action_move(self, by: int) -> None:
        """Up or down."""
        self.cursor = max(0, min(len(self._items) - 1, self.cursor + by))
        self.query_one(Draw).tick()

    def action_choose(self) -> None:
        """Open the form."""
        self.dismiss(self._items[self.cursor].form if self._items else None)

    def on_click(self, event: events.Click) -> None:
        """Outside of the box it closes."""
        if event.widget is self:
            self.dismiss(None)
