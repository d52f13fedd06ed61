"""What the codec promises."""

from __future__ import annotations

import math
import random

import msgspec
import pytest

from msktop.model.samples import OffsetsSeen, Probed, SourceFailed, Tick
from msktop.recording.codec import KINDS, CodecError, Skipped, decode, encode, encode_one, join

from .builder import random_samples


@pytest.mark.parametrize("seed", range(20))
def test_every_kind_comes_back_as_it_was(seed: int) -> None:
    samples = random_samples(random.Random(seed))
    assert {type(s) for s in samples} == set(KINDS.values())
    assert decode(encode(samples)) == samples


def test_pieces_joined_are_what_encode_makes() -> None:
    samples = random_samples(random.Random(1))
    assert join([encode_one(s) for s in samples]) == encode(samples)
    assert decode(join([])) == []


def test_whole_numbers_stay_keys_of_maps() -> None:
    [back] = decode(encode([OffsetsSeen(at=1.0, leader_id=1, ends={"orders": {0: 5, 11: 2**40}})]))
    assert isinstance(back, OffsetsSeen)
    assert back.ends == {"orders": {0: 5, 11: 2**40}}


def test_an_unknown_kind_is_skipped_and_counted() -> None:
    data = msgspec.msgpack.encode(
        [("Tick", {"at": 1.0}), ("Later", {"x": 1}), ("Tick", {"at": 2.0}), ("Later", 5)]
    )
    skipped = Skipped()
    assert decode(data, skipped) == [Tick(at=1.0), Tick(at=2.0)]
    assert (skipped.kinds, skipped.total) == ({"Later": 2}, 2)


def test_a_field_of_a_later_version_is_ignored_and_one_of_an_earlier_takes_its_default() -> None:
    data = msgspec.msgpack.encode(
        [("SourceFailed", {"at": 1.0, "source": "probe", "stage": "a", "reason": "b", "z": []})]
    )
    assert decode(data) == [SourceFailed(at=1.0, source="probe", stage="a", reason="b", advice="")]


@pytest.mark.parametrize(
    "fields",
    [{}, {"at": "soon", "lag_ms": 1.0}, {"at": 1.0}, {"at": math.nan, "lag_ms": 1.0}, [1, 2], None],
    ids=["empty", "wrong type", "missing field", "no time", "a list", "nothing"],
)
def test_a_sample_that_cannot_be_understood_is_skipped_alone(fields: object) -> None:
    skipped = Skipped()
    assert decode(msgspec.msgpack.encode([("HostStarved", fields), ("Tick", {"at": 2.0})]), skipped) == [
        Tick(at=2.0)
    ]
    assert skipped.kinds == {"HostStarved": 1}


def test_a_new_word_of_a_later_version_skips_only_its_sample() -> None:
    probe = {"at": 1.0, "broker_id": 1, "host": "h", "port": 9, "how": "ping", "outcome": "eaten by a grue"}
    assert decode(msgspec.msgpack.encode([("Probed", probe), ("Probed", probe | {"outcome": "ok"})])) == [
        Probed(at=1.0, broker_id=1, host="h", port=9, how="ping", outcome="ok")
    ]


def test_half_a_surrogate_pair_in_a_foreign_string_does_not_lose_the_sample() -> None:
    [back] = decode(encode([SourceFailed(at=1.0, source="probe", stage="tls", reason="bad \ud800 name")]))
    assert back == SourceFailed(at=1.0, source="probe", stage="tls", reason="bad ? name")


@pytest.mark.parametrize("seed", range(5))
def test_rubbish_is_an_error_or_samples_never_anything_else(seed: int) -> None:
    rng = random.Random(seed)
    good = encode(random_samples(rng, each=1))
    for _ in range(300):
        bad = bytearray(good)
        for _ in range(rng.randrange(1, 4)):
            bad[rng.randrange(len(bad))] = rng.randrange(256)
        try:
            decode(bytes(bad))
        except CodecError:
            continue


@pytest.mark.parametrize(
    "data", [b"", b"\xc1", b"\x91" * 10_000, b"hello"], ids=["empty", "unused", "deep", "text"]
)
def test_no_samples_at_all_is_an_error(data: bytes) -> None:
    with pytest.raises(CodecError):
        decode(data)
