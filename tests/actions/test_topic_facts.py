"""What is read of a cluster before a topic is changed, also while one of its brokers is down."""

from __future__ import annotations

from msktop.actions.kafka import ANY, ASK_S, Kafka
from msktop.actions.topic_facts import topic_facts
from msktop.wire.call import Call
from msktop.wire.errors import WireError
from msktop.wire.security import Security
from tests.sources.answers import P, T, metadata_body
from tests.wire.test_describe import configs_body


class Degraded(Kafka):
    """Brokers of Metadata, of which some have just died."""

    def __init__(self, *dead: int) -> None:
        super().__init__("127.0.0.1:1", Security())
        self.dead = dead

    def ask(self, call: Call, broker: int = ANY, timeout_s: float = ASK_S) -> bytes:
        if broker in self.dead:
            raise WireError(call.name, "refused", "connection refused").at(f"b-{broker}")
        return metadata_body([T("orders", (P(0, 1),))]) if call.name == "metadata" else configs_body()


def test_a_broker_that_has_just_died_leaves_the_facts_as_they_are() -> None:
    assert topic_facts(Degraded(), "demo").defaults["a"] == "1"
    found = topic_facts(Degraded(1), "demo")
    assert (found.defaults["a"], list(found.topics)) == ("1", ["orders"])
    assert topic_facts(Degraded(1, 2, 3), "demo").defaults == {}
