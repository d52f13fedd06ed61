"""Samples as bytes: what a recording holds, and what crosses the pipe from a source's own process.

MessagePack: an array of pairs `[kind, {field: value}]`, kind and fields by their names in model/samples.py,
and in the `…_samples.py` beside it. Fields may be added there: an unknown field is ignored, a missing one
takes its default, and a sample that this version does not know, or cannot understand, is skipped and counted.
"""

from __future__ import annotations

import dataclasses
import math
import struct
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from msktop.model import control_samples as _control_samples
from msktop.model import group_samples as _group_samples
from msktop.model import samples as _samples
from msktop.model import topic_samples as _topic_samples
from msktop.model import write_samples as _write_samples
from msktop.model.samples import Sample

KINDS: Mapping[str, type[Sample]] = {
    name: value
    for module in (_samples, _control_samples, _group_samples, _topic_samples, _write_samples)
    for name, value in vars(module).items()
    if isinstance(value, type) and issubclass(value, Sample) and value is not Sample
}
"""Every kind of sample by its name in a recording, which is the name of its class."""

_decoders: dict[str, msgspec.msgpack.Decoder[Sample]] = {}
"""Each is made when a first sample of its kind comes: all of them would hold up a start."""
_PAIRS = msgspec.msgpack.Decoder(list[tuple[str, msgspec.Raw]])
_ENCODER = msgspec.msgpack.Encoder()
_ARRAY = struct.Struct(">BI")
_ARRAY_32 = 0xDD
"""MessagePack's mark of an array whose length has 32 bits."""


class CodecError(ValueError):
    """The bytes are no samples at all."""


@dataclasses.dataclass(slots=True)
class Skipped:
    """Samples that were left out in decoding, by kind."""

    kinds: dict[str, int] = dataclasses.field(default_factory=dict)

    def count(self, kind: str) -> None:
        """One more sample of `kind` was left out."""
        self.kinds[kind] = self.kinds.get(kind, 0) + 1

    @property
    def total(self) -> int:
        """How many samples were left out."""
        return sum(self.kinds.values())


def encode_one(sample: Sample) -> bytes:
    """One sample as one element of what `join` makes."""
    pair = (type(sample).__name__, sample)
    try:
        return _ENCODER.encode(pair)
    except UnicodeEncodeError:  # half a surrogate pair, from undecodable bytes of a foreign name
        return _ENCODER.encode((pair[0], _mended(dataclasses.asdict(sample))))


def join(items: Sequence[bytes]) -> bytes:
    """What `decode` reads, from the pieces that `encode_one` made."""
    return b"".join((_ARRAY.pack(_ARRAY_32, len(items)), *items))


def encode(samples: Iterable[Sample]) -> bytes:
    """Samples of any kinds, in order, as bytes.

    >>> from msktop.model.samples import HostStarved, Tick
    >>> decode(encode([Tick(at=1.0), HostStarved(at=2.0, lag_ms=120.5)]))
    [Tick(at=1.0), HostStarved(at=2.0, lag_ms=120.5)]
    """
    return join([encode_one(sample) for sample in samples])


def decode(data: bytes, skipped: Skipped | None = None) -> list[Sample]:
    """The samples in `data`, in order; those that cannot be understood are counted in `skipped`.

    Raises CodecError when the bytes are no samples at all.

    >>> skipped = Skipped()
    >>> decode(msgspec.msgpack.encode([("Tick", {"at": 1.0, "new": 2}), ("Later", {"at": 2.0})]), skipped)
    [Tick(at=1.0)]
    >>> skipped.kinds
    {'Later': 1}
    """
    try:
        pairs = _PAIRS.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CodecError(str(error)) from error
    found: list[Sample] = []
    for kind, raw in pairs:
        sample = _one(kind, raw)
        if sample is not None:
            found.append(sample)
        elif skipped is not None:
            skipped.count(kind)
    return found


def _one(kind: str, raw: msgspec.Raw) -> Sample | None:
    if kind not in KINDS:
        return None
    if kind not in _decoders:
        _decoders[kind] = msgspec.msgpack.Decoder(KINDS[kind])
    try:
        sample = _decoders[kind].decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return sample if math.isfinite(sample.at) else None


def _mended(value: object) -> object:
    """The same plain value with every half surrogate replaced."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_mended(k): _mended(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_mended(v) for v in value]
    return value
