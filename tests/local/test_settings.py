"""What may be asked of a local MSK, and what it says to the rest."""

from __future__ import annotations

import pytest

from msktop.errors import UsageError
from msktop.local.plan import nets, plan
from msktop.local.settings import VERSIONS, Settings, checked


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/etc", "Demo", "-a", "a" * 33, "a\n", "é"])
def test_a_name_that_could_be_a_path_or_an_option_is_refused(name: str) -> None:
    with pytest.raises(UsageError):
        checked(Settings(name=name))


@pytest.mark.parametrize(
    "settings",
    [
        Settings(brokers=0),
        Settings(brokers=31),
        Settings(brokers=2, zones=3),
        Settings(zones=-1),
        Settings(kafka_version="9.9.9"),
        Settings(metadata="zookeeper", kafka_version="4.1.1"),
    ],
)
def test_what_cannot_be_started_is_wrong_usage_with_advice(settings: Settings) -> None:
    with pytest.raises(UsageError) as caught:
        checked(settings)
    assert caught.value.exit_code == 64
    assert caught.value.advice


def test_every_version_offered_has_a_lock_of_jars() -> None:
    from msktop.local.jars import read_lock

    for version in (v for versions in VERSIONS.values() for v in versions):
        assert any(f"kafka_2.13-{version}.jar" == jar.file_name for jar in read_lock(f"kafka-{version}"))


def test_addresses_are_distinct_and_each_is_in_the_subnet_of_its_zone() -> None:
    settings = checked(Settings(brokers=30, zones=6))
    laid_out = plan(settings, next(nets(settings.name)))
    addresses = [node.address for node in laid_out.nodes]
    assert len(set(addresses)) == len(addresses) == 33
    for node in laid_out.nodes:
        network = laid_out.subnet_cidr(node.zone).removesuffix("0/24")
        assert node.address.startswith(network)


def test_two_names_try_different_nets_first() -> None:
    assert len({next(nets(name)) for name in ("demo", "kraft", "zookeeper", "bench-detection")}) == 4
