"""One change: what there is is read anew, what is wanted is typed, checked and shown, and then it is sent.

Nothing that asks AWS is done in the app's own thread; what comes too late for the form is said beside it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import ModalScreen

from msktop.actions.offers import Offers
from msktop.actions.perform import OutcomeUnknownError, Sent
from msktop.errors import MsktopError
from msktop.model.cluster import Cluster
from msktop.ui.acting import Actor
from msktop.ui.asking import in_a_thread
from msktop.ui.filling import Filling, Page
from msktop.ui.form_cluster import CONFIGURATION
from msktop.ui.forms import Form, Known
from msktop.ui.keys import SNAPSHOT, bindings
from msktop.ui.widgets.form_page import draw_form
from msktop.ui.widgets.paint import Draw

if TYPE_CHECKING:
    from msktop.actions.facts import Facts
    from msktop.actions.plan import Plan

T = TypeVar("T")

LINES, LINES_A_FIELD = 24, 2
"""Height of the box, for one field, and for each that is more."""
_LOOK_S = 0.5
DONE = {"aws": "accepted by MSK", "kafka": "done by Kafka"}
"""What is said of a change whose form was left meanwhile."""


class FormScreen(ModalScreen[Sent | None]):
    """Ends with what was sent where the person wants to follow it, else with None."""

    DEFAULT_CSS = """
    FormScreen { align: center middle; background: $background 60%; }
    FormScreen #form { width: 78; max-width: 100%; height: 24; max-height: 100%; background: $msk-raised; }
    """
    SCOPED_CSS = False
    BINDINGS: ClassVar[list[BindingType]] = [*bindings((SNAPSHOT,))]

    def __init__(
        self,
        form: Form,
        actor: Actor,
        *,
        cluster: Callable[[], Cluster] = Cluster,
        open_cluster: bool = True,
        broker: int | None = None,
        announce: Callable[[str, bool], None] = lambda _, __: None,
    ) -> None:
        """`announce` says what came of a change whose form was left: words, and whether it went wrong."""
        super().__init__()
        self.page = Page(form, cluster(), actor.hindrance(creating=form.needs == "account"))
        self._actor = actor
        self._cluster = cluster
        self._open_cluster = open_cluster
        self._broker = broker
        self._announce = announce
        self._began = 0.0
        self._turn = 0

    def compose(self) -> ComposeResult:
        """One box."""
        panel = Draw(lambda canvas, _: draw_form(canvas, self.page), id="form")
        panel.styles.height = LINES + LINES_A_FIELD * max(0, len(self.page.form.fields) - 3)
        yield panel

    def on_mount(self) -> None:
        """Ask what there is."""
        self.set_interval(_LOOK_S, self._look)
        self._read()

    def _look(self) -> None:
        self.page.cluster = self._cluster()
        self.page.waited_s = time.monotonic() - self._began
        self._show()

    def _show(self) -> None:
        for panel in self.query(Draw):
            panel.tick()

    # -------------------------------------------------------------- asking

    def _in_a_thread(
        self, work: Callable[[], T], then: Callable[[T | MsktopError], None], *, to_its_end: bool = False
    ) -> None:
        self._began, self.page.waited_s = time.monotonic(), 0.0
        in_a_thread(self.app, work, then, "action", to_its_end=to_its_end)

    def _read(self) -> None:
        """Begin anew with what is true now."""
        page, self._turn, before = self.page, self._turn + 1, self.page.filling
        page.phase, page.filling, page.error, page.note, page.top = "reading", None, None, "", 0
        turn, form, begun_with = self._turn, page.form, self._cluster()

        def known(answer: Known | MsktopError) -> None:
            if turn != self._turn or not self.is_attached:
                return
            if isinstance(answer, Known):
                page.phase, page.filling = "filling", Filling(form, answer, before)
            else:
                page.phase, page.error = "unread", answer
            self._show()

        self._in_a_thread(lambda: self.known(begun_with), known)
        self._show()

    def known(self, cluster: Cluster) -> Known:
        """What the form rests on, asked for anew; `cluster` as the monitor sees it. Blocks."""
        form = self.page.form
        facts = self._facts()
        creating = form.needs == "account"
        wants_offers = creating or form is CONFIGURATION
        offers = self._actor.offers(creating=creating) if wants_offers else Offers()
        return Known(facts, offers, cluster, self._broker)

    def _facts(self) -> Facts | None:
        """Of the cluster that is open; a new one can be made without."""
        if self.page.form.needs != "account":
            return self._actor.facts()
        try:
            return self._actor.facts() if self._open_cluster else None
        except MsktopError:
            return None

    def _send(self, filling: Filling) -> None:
        page, plan = self.page, filling.plan
        assert plan is not None
        typed = filling.confirmed
        page.phase, page.note = "sending", ""

        def came(answer: Sent | MsktopError) -> None:
            if not self.is_attached:
                wrong = isinstance(answer, MsktopError)
                what = f"{answer.title}. {answer.advice}" if isinstance(answer, MsktopError) else plan.title
                self._announce(what if wrong else f"{DONE[plan.via]}: {what}", wrong)
                return
            if isinstance(answer, Sent):
                page.phase, page.sent = "sent", answer
            else:
                page.phase = "unknown" if isinstance(answer, OutcomeUnknownError) else "refused"
                page.error = answer
            page.top = 0
            self._show()

        self._in_a_thread(lambda: self.deliver(plan, typed, filling), came, to_its_end=True)

    def deliver(self, plan: Plan, typed: str, filling: Filling) -> Sent:
        """Send it. Blocks; raises MsktopError."""
        again = None if self.page.form.needs == "account" else filling.planned
        return self._actor.send(plan, typed, again)

    # -------------------------------------------------------------- keys

    async def on_event(self, event: events.Event) -> None:
        """All keys but Ctrl-S are the form's, before any binding."""
        if isinstance(event, events.Key) and event.key != "ctrl+s":
            event.stop()
            event.prevent_default()
            self._key(event)
            self._show()
            return
        if isinstance(event, events.Paste):
            event.stop()
            self._typed(lambda filling: filling.type(event.text))
            self._show()
            return
        await super().on_event(event)

    def _key(self, event: events.Key) -> None:
        match event.key:
            case "escape" | "ctrl+c":
                self.dismiss(None)
            case "enter":
                self._enter()
            case "pagedown" | "pageup":
                self.page.top += 5 if event.key == "pagedown" else -5
            case "up" | "shift+tab":
                self._typed(lambda filling: filling.move(-1))
            case "down" | "tab":
                self._typed(lambda filling: filling.move(1))
            case "left":
                self._typed(lambda filling: filling.choose(-1))
            case "right":
                self._typed(lambda filling: filling.choose(1))
            case "backspace" | "ctrl+h":
                self._typed(lambda filling: filling.erase())
            case "ctrl+u":
                self._typed(lambda filling: filling.erase(all_of_it=True))
            case _ if event.is_printable and event.character:
                character = event.character
                self._typed(lambda filling: filling.type(character))

    def _typed(self, change: Callable[[Filling], None]) -> None:
        if self.page.phase == "filling" and self.page.filling is not None:
            self.page.note = ""
            change(self.page.filling)

    def _enter(self) -> None:
        """On to the next field, to the confirmation, to MSK; look again, or follow, where it is over."""
        page, filling = self.page, self.page.filling
        if page.phase in ("unread", "refused"):
            self._read()
        elif page.phase == "sent":
            self.dismiss(page.sent if page.sent and page.sent.operation_arn else None)
        elif page.phase == "filling" and filling is not None:
            if filling.busy:
                self._read()
            elif filling.field is not None:
                filling.move(1)
            elif page.hindrance or filling.plan is None:
                return
            elif filling.ready:
                self._send(filling)
            else:
                page.note = f"What was typed is not {filling.plan.confirmation}: nothing was sent."
