"""Reads an exporter page: the few hundred figures we keep out of ten thousand lines, under names of our own.

A page comes in blocks: comment lines that name a family, then its samples. The block of a family that is
not kept is stepped over without being split into lines; that is what makes it fast. The comments are
believed only where the first and the last line under them agree; else every line is looked at.

Threads that probe and draw share the interpreter's lock with this one. So a page is read in pieces of at
most 64 kB, and no single step that cannot be interrupted takes longer than one piece does (under 1 ms).

Exporter 0.12.0 (what MSK ships, with a comma before the closing brace) and 1.x are both read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import isfinite
from typing import Literal

from msktop.wire.exporter_families import JMX, NODE, Family, choose_volume

Which = Literal["jmx", "node"]

_PIECE = 65536


@dataclass(frozen=True, slots=True)
class Parsed:
    """Figures by the keys of model/metrics.py; `truncated`: the page ended before its end."""

    values: dict[str, float]
    truncated: bool


def parse(page: bytes, which: Which, *, cut: bool = False) -> Parsed:
    r"""Read a page; lines that make no sense are passed over.

    `cut` says that the rest of the page never came. An unfinished last line is dropped, and with it the sums
    (requests over versions, connections over threads) of the family that broke off: they would be too small.

    >>> parse(b'kafka_server_ReplicaManager_Value{name="LeaderCount",} 11.0\n', "jmx").values
    {'leaders': 11.0}
    """
    end = page.rfind(b"\n") + 1
    cut = cut or end < len(page)
    reading = _Reading(JMX if which == "jmx" else NODE)
    for family, block in _blocks(page, end):
        reading.read(family, block)
    if cut and not page.startswith(b"#", end):
        reading.drop_sums_of(_family(page[page.rfind(b"\n", 0, max(0, end - 1)) + 1 : end]))
    reading.take_times()
    if which == "node":
        choose_volume(reading.values)
    return Parsed(reading.values, truncated=cut)


def read(page: bytes, families: Mapping[bytes, Family]) -> dict[str, float]:
    r"""The figures of these families, of the whole lines of a page: for others than `parse` keeps.

    >>> read(b'a_Value{x="y",} 1.0\nb_Value 2.0\n', {b"a_Value": Family(lambda s: s[b"x"].decode())})
    {'y': 1.0}
    """
    reading = _Reading(families)
    for family, block in _blocks(page, page.rfind(b"\n") + 1):
        reading.read(family, block)
    return reading.values


def _blocks(page: bytes, end: int) -> Iterator[tuple[bytes, bytes]]:
    """Lines between the comments of families, and the family that all of them are of; empty: not certain."""
    family = b""
    for piece in _pieces(page, end):
        for nth, part in enumerate(piece.split(b"\n# TYPE ")):
            head = 0
            if nth:
                family = part[: part.find(b" ")]
                head = part.find(b"\n") + 1
            tail = part.rfind(b"\n# HELP ")
            block = part[head : tail if tail >= 0 else None]
            yield family if _frames(family, block) else b"", block


def _frames(family: bytes, block: bytes) -> bool:
    """Whether first and last line are of this family; the format then has only such lines between."""
    name_ends = (family + b"{", family + b" ")
    if not block.startswith(name_ends):
        return False
    last = block.rfind(b"\n")
    return last < 0 or block.startswith(name_ends, last + 1)


def _pieces(page: bytes, end: int) -> Iterator[bytes]:
    """Whole lines, without the last newline; a line longer than a piece is left out."""
    start = 0
    while start < end:
        stop = min(start + _PIECE, end)
        newline = page.rfind(b"\n", start, stop)
        if newline < 0:
            newline = page.find(b"\n", stop, end)
        else:
            yield page[start:newline]
        start = newline + 1


_QUOTED = rb'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"'
_SAMPLE = re.compile(
    rb"([^{\s#]++)"  # family
    rb"(?:[ \t]*+\{([^{}\\\n]*|(?:[^{}\"\n]++|" + _QUOTED + rb")*+)\}[ \t]*+|[ \t]++)"  # labels
    rb"(\S++)(?:[ \t]++-?\d++)?\s*+$"  # value and perhaps a timestamp
)
_LABEL = re.compile(rb"([^\s,={}\"]++)=(" + _QUOTED + rb")")
_ESCAPE = re.compile(rb"\\(.)")
_ESCAPED = {b"n": b"\n"}


def _family(line: bytes) -> bytes:
    return line[: line.find(b" ")].partition(b"{")[0]


def _labels(text: bytes) -> dict[bytes, bytes]:
    labels: dict[bytes, bytes] = {}
    if b"\\" in text:
        for label, quoted in _LABEL.findall(text):
            labels[label] = _ESCAPE.sub(lambda e: _ESCAPED.get(e[1], e[1]), quoted[1:-1])
        return labels
    for pair in text.split(b'",'):
        label, equals, value = pair.partition(b'="')
        if equals:
            labels[label.strip()] = value.removesuffix(b'"')
    return labels


@lru_cache(maxsize=4096)
def _key(family: Family, text: bytes) -> str | None:
    """The key of a sample. All brokers say the same labels again and again: remembered, within bounds."""
    return family.name(_labels(text))


def _number(text: bytes) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None


@dataclass(slots=True)
class _Reading:
    """What has been read of one page so far."""

    families: Mapping[bytes, Family]
    values: dict[str, float] = field(default_factory=dict)
    sums: dict[bytes, set[str]] = field(default_factory=dict)
    """Keys that samples of a family were added up to."""
    of_requests: list[bytes] = field(default_factory=list)
    """Lines to be read when it is known which requests are sent."""

    def read(self, name: bytes, block: bytes) -> None:
        """Take the figures of whole lines, all of the named family; without a name, of any."""
        if not name:
            self._read_mixed(block)
            return
        family = self.families.get(name)
        if family is None:
            return
        if family.of_request:
            self.of_requests += block.split(b"\n")
            return
        for line in block.split(b"\n"):
            if not (family.skip_zero and line.endswith(b" 0.0")):
                self._take(line)

    def _read_mixed(self, block: bytes) -> None:
        for line in block.split(b"\n"):
            family = self.families.get(_family(line))
            if family is None:
                continue
            if family.of_request:
                self.of_requests.append(line)
            elif not (family.skip_zero and line.endswith(b" 0.0")):
                self._take(line)

    def _take(self, line: bytes) -> None:
        sample = _SAMPLE.match(line)
        if sample is None:
            return
        name, text, number = sample[1], sample[2] or b"", _number(sample[3])
        family = self.families.get(name)
        if family is None or number is None or (family.skip_zero and not number):
            return
        key = _key(family, text)
        if key is None:
            return
        if family.adds:
            self.values[key] = self.values.get(key, 0.0) + number
            self.sums.setdefault(name, set()).add(key)
        else:
            self.values[key] = number

    def drop_sums_of(self, name: bytes) -> None:
        """Forget what was added up of this family."""
        for key in self.sums.get(name, ()):
            del self.values[key]

    def take_times(self) -> None:
        """Take the lines that are of a request type, where that type is ever sent: a tenth of them."""
        sent = {key.partition("/")[2].encode() for key in self.values if key.startswith("requests/")}
        for line in self.of_requests:
            if line.partition(b'request="')[2].partition(b'"')[0] in sent:
                self._take(line)
