"""What can be changed about topics: a menu over the screen, from which a form opens."""

from __future__ import annotations

from collections.abc import Callable

from msktop.model.cluster import Cluster
from msktop.ui.acting import TopicActor
from msktop.ui.form_topics import CREATE_TOPIC, DELETE_TOPIC, ELECT_ALL, OF_ONE
from msktop.ui.format import foreign
from msktop.ui.forms import Form
from msktop.ui.screens.actions import ActionsScreen, Item
from msktop.ui.screens.topic_form import Hand


def topic_items(cluster: Cluster, topic: str | None) -> tuple[Item, ...]:
    """A new one; and, where one is selected, everything about it, its end last."""
    found = cluster.topics.get(topic) if topic is not None else None
    if found is None:
        return (Item(CREATE_TOPIC, CREATE_TOPIC.label), Item(ELECT_ALL, ELECT_ALL.label))
    of_one = [Item(form, form.label, _now(form, cluster, found.name)) for form in OF_ONE]
    return (
        *of_one,
        Item(DELETE_TOPIC, DELETE_TOPIC.label),
        Item(CREATE_TOPIC, "Create another topic"),
        Item(ELECT_ALL, ELECT_ALL.label),
    )


def _now(form: Form, cluster: Cluster, topic: str) -> str:
    return f"{len(cluster.topics[topic].partitions)} now" if form.label == "Add partitions" else ""


class TopicActionsScreen(ActionsScreen):
    """Ends with the form that was chosen."""

    DEFAULT_CSS = """
    TopicActionsScreen { align: center middle; background: $background 60%; }
    TopicActionsScreen #actions { width: 62; max-width: 100%; max-height: 100%; background: $msk-raised; }
    """

    def __init__(self, actor: TopicActor, cluster: Callable[[], Cluster], topic: str | None) -> None:
        self._topic = topic
        super().__init__(Hand(actor), cluster, None)
        self.title_words = f"Change topic {foreign(topic, 44)}" if topic is not None else "Change topics"

    def items(self, cluster: Cluster) -> tuple[Item, ...]:
        """Of the topic that was selected."""
        return topic_items(cluster, self._topic)
