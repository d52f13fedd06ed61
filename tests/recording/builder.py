"""Random samples of every kind, built from the annotations of their fields."""

from __future__ import annotations

import dataclasses
import random
import types
import typing
from collections.abc import Callable

from msktop.model.samples import Sample
from msktop.recording.codec import KINDS

Hint = typing.Any
"""A type hint at run time: a class, or what `typing` makes of `tuple[int, ...] | None`."""

_TEXTS = ("", "orders", "b-2", "größer", "漢字", "\x1b[31m", "a" * 300, "\u202e")


def random_samples(rng: random.Random, each: int = 3) -> list[Sample]:
    """Some of every kind, in a random order, with rising times."""
    made = [_build(kind, rng) for kind in KINDS.values() for _ in range(each)]
    rng.shuffle(made)
    at = 1_700_000_000.0
    ordered: list[Sample] = []
    for sample in made:
        assert isinstance(sample, Sample)
        at += rng.random()
        ordered.append(dataclasses.replace(sample, at=at))
    return ordered


def _build(of: Hint, rng: random.Random) -> object:
    hints = typing.get_type_hints(of)
    return of(**{f.name: _value(hints[f.name], rng) for f in dataclasses.fields(of)})


def _value(of: Hint, rng: random.Random) -> object:
    if dataclasses.is_dataclass(of):
        return _build(of, rng)
    simple = _SIMPLE.get(of)
    if simple is not None:
        return simple(rng)
    origin: Hint = typing.get_origin(of)
    args = typing.get_args(of)
    if origin is typing.Literal:
        return rng.choice(args)
    if origin is types.UnionType or origin is typing.Union:
        return _value(rng.choice(args), rng)
    if origin is dict:
        return {_value(args[0], rng): _value(args[1], rng) for _ in range(rng.randrange(4))}
    if origin is tuple and args[-1] is Ellipsis:
        return tuple(_value(args[0], rng) for _ in range(rng.randrange(4)))
    if origin is tuple:
        return tuple(_value(a, rng) for a in args)
    raise TypeError(f"no random value for {of}")


_SIMPLE: dict[Hint, Callable[[random.Random], object]] = {
    type(None): lambda _: None,
    bool: lambda rng: rng.random() < 0.5,
    int: lambda rng: rng.choice((-1, 0, 7, 2**31, -(2**40), 2**63 - 1)),
    float: lambda rng: rng.choice((0.0, -1.5, 1e-300, 1.7e9, float("inf"))),
    str: lambda rng: rng.choice(_TEXTS),
}
