"""A cluster takes a loopback net that is free, or says what is taken."""

from __future__ import annotations

import pytest

from msktop.errors import LocalError
from msktop.local.plan import KAFKA_PORT, nets, plan
from msktop.local.reserve import listener, reserve
from msktop.local.settings import Settings, checked

SETTINGS = checked(Settings(name="reserve-test"))


def test_a_taken_port_makes_it_choose_another_net() -> None:
    first = plan(SETTINGS, next(nets(SETTINGS.name)))
    with listener(first.brokers[1].address, KAFKA_PORT):
        chosen, pages = reserve(SETTINGS)
    for page in pages:
        page.close()
    assert chosen.net != first.net


def test_two_clusters_of_one_name_get_different_nets_while_one_holds_its_pages() -> None:
    first, first_pages = reserve(SETTINGS)
    second, second_pages = reserve(SETTINGS)
    for page in (*first_pages, *second_pages):
        page.close()
    assert first.net != second.net


def test_when_no_net_is_free_the_error_names_an_address() -> None:
    held = [listener(plan(SETTINGS, net).brokers[0].address, KAFKA_PORT) for net in nets(SETTINGS.name)]
    try:
        with pytest.raises(LocalError, match=r"127\.\d+\.1\.1:9092 \(Address already in use\)") as caught:
            reserve(SETTINGS)
        assert "sport = :9092" in caught.value.advice
    finally:
        for one in held:
            one.close()
