"""One good broker, whichever: who is asked, who is left, and what is said when nobody answers."""

from __future__ import annotations

import socket

import pytest

from msktop.model.broker import Broker, Probe, ProbeWord
from msktop.model.cluster import Cluster
from msktop.sources.reach import Reach, UnreachableError
from msktop.wire import metadata
from msktop.wire.bootstrap import addresses
from msktop.wire.call import Call
from msktop.wire.errors import WireError
from msktop.wire.security import Security
from tests.sources.answers import metadata_body
from tests.sources.fake_broker import FakeBroker

ASK = Call("metadata", metadata.API_KEY, metadata.VERSION, metadata.request(()), flexible=True)


class Words:
    """What the probe says of each broker."""

    def __init__(self, **words: ProbeWord) -> None:
        self.by_id: dict[int, ProbeWord] = {int(name[1:]): word for name, word in words.items()}

    def __call__(self) -> Cluster:
        return Cluster(brokers={i: Broker(id=i, probe=Probe(word=word)) for i, word in self.by_id.items()})


def broker() -> FakeBroker:
    return FakeBroker(lambda: metadata_body([]))


def closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"127.0.0.1:{listener.getsockname()[1]}"


def ask(reach: Reach, timeout_s: float = 5.0) -> int:
    return reach.ask(ASK, timeout_s, len)[0]


def test_it_stays_with_a_broker_that_answers() -> None:
    with broker() as one, broker() as two:
        reach = Reach(addresses(f"{one.address},{two.address}"), Security(), Cluster)
        for _ in range(3):
            ask(reach)
        assert (one.asked, two.asked) == (3, 0)
        reach.close()


def test_it_leaves_a_broker_that_the_probe_suspects_for_one_that_is_up() -> None:
    words = Words(b1="up", b2="up")
    with broker() as one, broker() as two:
        reach = Reach(addresses(one.address), Security(), words)
        reach.saw([(1, ("127.0.0.1", one.port)), (2, ("127.0.0.1", two.port))])
        assert ask(reach) == 1
        words.by_id[1] = "suspect"
        assert ask(reach) == 2
        words.by_id[2] = "suspect"  # nobody is better: stay
        assert ask(reach) == 2
        reach.close()


def test_a_failed_broker_is_not_asked_twice_in_a_round_and_a_seen_one_stands_in() -> None:
    with broker() as good:
        gone = closed_port()
        reach = Reach(addresses(gone), Security(), Cluster)
        reach.saw([(7, ("127.0.0.1", good.port))])
        with pytest.raises(WireError, match="refused"):
            ask(reach)
        assert ask(reach) == 7
        reach.close()


def test_a_broker_that_only_others_have_seen_stands_in_too() -> None:
    with broker() as one:
        seen = Broker(id=1, host="127.0.0.1", port=one.port, in_metadata=True)
        reach = Reach(addresses(closed_port()), Security(), lambda: Cluster(brokers={1: seen}))
        with pytest.raises(WireError):
            ask(reach)
        ask(reach)
        assert one.asked == 1
        reach.close()


def test_when_all_failed_the_sentence_names_each_address() -> None:
    first, second = closed_port(), closed_port()
    reach = Reach(addresses(f"{first},{second}"), Security(), Cluster)
    with pytest.raises(WireError, match="refused"):
        ask(reach)
    with pytest.raises(UnreachableError) as caught:
        ask(reach)
    said = caught.value.sample(5.0, "metadata")
    assert first in said.reason
    assert second in said.reason
    assert (said.at, said.source, said.stage) == (5.0, "metadata", "tcp")


def test_an_answer_that_cannot_be_read_is_a_failure_of_that_broker() -> None:
    def unreadable(body: bytes) -> int:
        raise WireError("metadata", "protocol", "rubbish")

    with broker() as one:
        reach = Reach(addresses(one.address), Security(), Cluster)
        with pytest.raises(UnreachableError) as caught:
            reach.ask(ASK, 5.0, unreadable)
        assert caught.value.sample(0.0, "x").reason == f"{one.address}: rubbish"
        assert ask(reach) == -1
        reach.close()
