"""TOML tables whose every mistake has a file, a line, a column, and what was expected."""

from __future__ import annotations

import difflib
import math
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msktop.durations import parse_duration
from msktop.errors import UsageError

Keys = tuple[str, ...]
MOST_BYTES = 1 << 20

_AT = re.compile(r"\s*\(at line (\d+), column (\d+)\)|\s*\(at end of document\)")


@dataclass(frozen=True, slots=True)
class Document:
    """A file that was read."""

    path: Path
    text: str
    values: dict[str, Any]

    def wrong(self, keys: Keys, what: str, advice: str = "", *, value: bool = False) -> UsageError:
        """The error for what stands at `keys`; with `value`, for its value."""
        line, column = place(self.text, keys, value=value)
        return UsageError(f"{self.path}, line {line}, column {column}: {what}", advice)


def read(path: Path) -> Document:
    """Read a file. Raises UsageError."""
    try:
        data = path.read_bytes()
        if len(data) > MOST_BYTES:
            raise UsageError(
                f"{path} has more than {MOST_BYTES:,} bytes", "It holds rules and notifiers only."
            )
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UsageError(f"{path}, line {line}: this is not UTF-8", "Save it as UTF-8.") from error
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}", "See that it exists and is yours."
        ) from error
    return parse(text, path)


def parse(text: str, path: Path) -> Document:
    r"""A file's text. Raises UsageError.

    >>> parse("[rules.a]\nthreshold = ", Path("rules.toml"))
    Traceback (most recent call last):
    msktop.errors.UsageError: rules.toml, line 2, column 13: this is not TOML: Invalid value
    """
    try:
        return Document(path, text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        found = _AT.search(said)
        lines = text.split("\n")
        line, column = len(lines), len(lines[-1]) + 1
        if found is not None and found[1]:
            line, column = int(found[1]), int(found[2])
        what = _AT.sub("", said)
        raise UsageError(
            f"{path}, line {line}, column {column}: this is not TOML: {what}",
            "A table begins with [rules.NAME]; below it stand lines such as threshold = 85.",
        ) from error


def place(text: str, keys: Keys, *, value: bool = False) -> tuple[int, int]:
    r"""Line and column, from 1 on, of the key `keys` or of its value.

    The statement is the first one after which the document has the key: no second parser is needed.

    >>> text = "# mine\n[rules.a]\nfor = '5m'\nsubjects = [\n  'b-1', 7]\n"
    >>> place(text, ("rules", "a")), place(text, ("rules", "a", "for"))
    ((2, 8), (3, 1))
    >>> place(text, ("rules", "a", "for"), value=True)
    (3, 7)
    >>> place(text, ("rules", "a", "subjects"))
    (4, 1)
    """
    lines = text.splitlines(keepends=True)
    begin = 0
    for end in range(1, len(lines) + 1):
        try:
            found = tomllib.loads("".join(lines[:end]))
        except tomllib.TOMLDecodeError:
            continue
        if _has(found, keys):
            while begin < end - 1 and (not lines[begin].strip() or lines[begin].lstrip().startswith("#")):
                begin += 1
            return begin + 1, _column(lines[begin], keys[-1] if keys else "", value)
        begin = end
    return max(1, len(lines)), 1


def _has(values: object, keys: Keys) -> bool:
    for key in keys:
        if not isinstance(values, dict) or key not in values:
            return False
        values = values[key]
    return True


def _column(line: str, key: str, value: bool) -> int:
    written = list(re.finditer(rf"(?<![\w-])[\"']?{re.escape(key)}[\"']?(?![\w-])", line))
    if not written:
        return len(line) - len(line.lstrip()) + 1
    found = written[-1 if line.lstrip().startswith("[") else 0]  # the last of a table's names
    if value:
        after = re.compile(r"\s*=\s*").match(line, found.end())
        if after is not None:
            return after.end() + 1
    return found.start() + 1


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a document, read by the types that are expected."""

    document: Document
    keys: Keys
    values: dict[str, Any]

    @classmethod
    def of(cls, document: Document, keys: Keys) -> Table:
        """The table at `keys`, empty where there is none."""
        values: Any = document.values
        for depth, key in enumerate(keys, 1):
            values = values.get(key, {})
            if not isinstance(values, dict):
                name = ".".join(keys[:depth])
                raise document.wrong(
                    keys[:depth], f"{name} must be a table", f"Write [{name}.NAME].", value=True
                )
        return cls(document, keys, values)

    def wrong(self, key: str, what: str, advice: str = "") -> UsageError:
        """The error for the value of one key."""
        return self.document.wrong((*self.keys, key), what, advice, value=True)

    def only(self, known: Iterable[str]) -> None:
        """Refuse every other key."""
        known = list(known)
        for key in self.values:
            if key not in known:
                near = difflib.get_close_matches(key, known, 1)
                advice = f"Did you mean {near[0]}? " if near else ""
                raise self.document.wrong(
                    (*self.keys, key),
                    f"{key!r} is not known here",
                    f"{advice}It may have {', '.join(known)}.",
                )

    def tables(self) -> Iterable[tuple[str, Table]]:
        """The tables in it, by name."""
        for name in self.values:
            yield name, Table.of(self.document, (*self.keys, name))

    def text(self, key: str, default: str = "") -> str:
        """A string."""
        found = self.values.get(key, default)
        if not isinstance(found, str):
            raise self.wrong(key, f"{key} must be a string", f'Write {key} = "…".')
        return found

    def word(self, key: str, words: Iterable[str], default: str = "") -> str:
        """One of some words."""
        found, words = self.text(key, default), list(words)
        if key in self.values and found not in words:
            near = difflib.get_close_matches(found, words, 1)
            advice = f"Did you mean {near[0]}? " if near else ""
            raise self.wrong(key, f"{found!r} is no {key}", f"{advice}It is one of {', '.join(words)}.")
        return found

    def number(self, key: str, default: float | None = None) -> float | None:
        """A number that is finite."""
        found = self.values.get(key, default)
        if found is None:
            return None
        if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
            raise self.wrong(key, f"{key} must be a number", f"Write {key} = 85.")
        return float(found)

    def seconds(self, key: str, default: float) -> float:
        """A duration: `"5m"`, or a number of seconds."""
        found = self.values.get(key, default)
        if isinstance(found, str):
            try:
                return parse_duration(found)
            except UsageError as error:
                raise self.wrong(key, error.title, f'Write {key} = "5m", or 90s, 1h30m, 2d.') from error
        number = self.number(key, default)
        if number is None or number < 0:
            raise self.wrong(key, f"{key} must not be negative", f'Write {key} = "5m".')
        return number

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        found = self.values.get(key, default)
        if not isinstance(found, bool):
            raise self.wrong(key, f"{key} must be true or false", f"Write {key} = {str(default).lower()}.")
        return found

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A list of strings."""
        found = self.values.get(key, list(default))
        if not isinstance(found, list) or not all(isinstance(one, str) and one for one in found):
            raise self.wrong(key, f"{key} must be a list of strings", f'Write {key} = ["…", "…"].')
        return tuple(found)
