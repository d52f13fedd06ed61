"""The keys of changes: a menu, a form, and on to where the operation shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msktop.ui.places import Place
from msktop.ui.screens.live import LiveScreen
from msktop.ui.shown import Shown

if TYPE_CHECKING:
    from msktop.actions.perform import Sent
    from msktop.ui.acting import TopicActor
    from msktop.ui.forms import Form


class Changing(Shown):
    """The part of the monitor that leads to a change of the cluster; in a replay it does nothing."""

    def action_act(self) -> None:
        """What can be changed: a menu, and from it a form. On screens of topics, topics."""
        if isinstance(self.screen, LiveScreen) and self.screen.of_topics and self.feed.topics is not None:
            self._act_on_topics(self.screen.topic_selected(), self.feed.topics)
            return
        if self.feed.replay is None and isinstance(self.screen, LiveScreen):
            from msktop.ui.screens.actions import ActionsScreen

            broker = self.screen.broker_selected()
            menu = ActionsScreen(self.feed.actor, lambda: self.view.cluster, broker)
            self.push_screen(menu, lambda form: self._fill_in(form, broker))

    def _act_on_topics(self, topic: str | None, actor: TopicActor) -> None:
        from msktop.ui.screens.topic_actions import TopicActionsScreen

        def fill_in(form: Form | None) -> None:
            if form is None:
                return
            from msktop.ui.screens.topic_form import TopicFormScreen

            self.push_screen(
                TopicFormScreen(
                    form, actor, topic, cluster=lambda: self.view.cluster, announce=self._announce
                )
            )

        self.push_screen(TopicActionsScreen(actor, lambda: self.view.cluster, topic), fill_in)

    def _announce(self, words: str, wrong: bool) -> None:
        self.say(words, "error" if wrong else "information")

    def _fill_in(self, form: Form | None, broker: int | None) -> None:
        if form is None or self.feed.actor is None:
            return
        from msktop.ui.screens.form import FormScreen

        screen = FormScreen(
            form,
            self.feed.actor,
            cluster=lambda: self.view.cluster,
            broker=broker,
            announce=self._announce,
        )
        self.push_screen(screen, self._follow)

    def _follow(self, sent: Sent | None) -> None:
        """To where the operation shows, as any other does."""
        if sent is not None:
            self.goto(Place("operations"))
