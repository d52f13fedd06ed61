"""Values by the shapes of AWS's models: names on the wire, scalars as text, times, what a model demands."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel

from msktop.local.api.messages import MISSING, InvalidInputError, Model, Shape, Value

_BOUNDS_OF_LENGTH = frozenset({"string", "list", "map", "blob"})
_BOUNDS_OF_VALUE = frozenset({"integer", "long", "float", "double"})
_OUTDATED_MAXIMUM = frozenset({"__integerMin1Max15"})
"""Shapes of the number of brokers: the model stops at 15, MSK at 30 (ZooKeeper) and 60 (KRaft)."""

SPECIAL_NUMBERS = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
"""How JSON and text say what is no ordinary number."""


def load(name: str) -> Model:
    """The model of a service, under the name that boto3 has for it: a botocore ServiceModel."""
    return ServiceModel(Loader().load_service_model(name, "service-2"), name)


def wire_name(shape: Shape, member: str) -> str:
    """What a member is called on the wire."""
    return str(shape.serialization.get("name", member))


# ------------------------------------------------------------------ scalars that came as text


def from_text(shape: Shape, text: str, name: str) -> Value:
    """The value of a scalar in a path, a query or a form. Raises InvalidInputError."""
    kind = shape.type_name
    try:
        if kind == "string":
            return text
        if kind in ("integer", "long"):
            return int(text)
        if kind in ("float", "double"):
            return float(text)
        if kind == "boolean":
            return {"true": True, "false": False}[text]
        if kind == "timestamp":
            return time_of(text)
        if kind == "blob":
            return base64.b64decode(text, validate=True)
    except (ValueError, KeyError, OverflowError, OSError, binascii.Error):
        pass
    raise wrong_type(shape, name)


def wrong_type(shape: Shape, name: str) -> InvalidInputError:
    """The error of a value that is not of the shape's type."""
    return InvalidInputError(name, f"is not of the type {shape.type_name}")


# ------------------------------------------------------------------ times


def time_of(value: float | str) -> datetime:
    """A time from Unix seconds or ISO 8601; in UTC without a zone. Raises ValueError, OverflowError, OSError.

    >>> time_of(1.5) == time_of("1970-01-01T00:00:01.500Z") == time_of("1.5")
    True
    """
    try:
        return datetime.fromtimestamp(float(value), UTC)
    except ValueError:
        found = datetime.fromisoformat(str(value))
        return found if found.tzinfo else found.replace(tzinfo=UTC)


def time_as(value: datetime | float | str, form: str) -> str | float:
    """A time in one of the model's formats, exact to the millisecond.

    >>> time_as(1.5, "iso8601"), time_as("1970-01-01T00:00:01.5Z", "unixTimestamp")
    ('1970-01-01T00:00:01.500Z', 1.5)
    """
    when = value.astimezone(UTC) if isinstance(value, datetime) else time_of(value)
    if form.lower() == "unixtimestamp":
        return round(when.timestamp(), 3)
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}Z"


# ------------------------------------------------------------------ what the model demands


def check(shape: Shape, value: Value, name: str = "") -> None:
    """Raise InvalidInputError where required members, ranges, patterns or enumerations are not kept to."""
    kind = shape.type_name
    if kind == "structure":
        _check_structure(shape, value)
    elif kind == "list":
        _check_each(shape.member, value, name)
    elif kind == "map":
        _check_each(shape.key, value, name)
        _check_each(shape.value, value.values(), name)
    elif kind == "string":
        _check_string(shape, value, name)
    _check_range(shape, value, name)


def _check_structure(shape: Shape, value: dict[str, Any]) -> None:
    members = shape.members
    for key in shape.required_members:
        if key not in value:
            raise InvalidInputError(wire_name(members[key], key), MISSING)
    for key, inner in value.items():
        check(members[key], inner, wire_name(members[key], key))


def _check_each(shape: Shape, values: Iterable[Any], name: str) -> None:
    for value in values:
        check(shape, value, name)


def _check_string(shape: Shape, value: str, name: str) -> None:
    if shape.enum and value not in shape.enum:
        raise InvalidInputError(name, f"must be one of {', '.join(shape.enum)}")
    pattern = shape.metadata.get("pattern")
    if pattern and not _matches(pattern, value):
        raise InvalidInputError(name, f"does not match {pattern}")


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    whole = re.sub(r"(?<!\\)\$$", r"\\Z", pattern)  # Python's $ would let a line feed through at the end
    try:
        return re.compile(whole)
    except re.error:  # a few are of a dialect that Python does not know
        return None


def _matches(pattern: str, value: str) -> bool:
    compiled = _compiled(pattern)
    return compiled is None or compiled.search(value) is not None


def _check_range(shape: Shape, value: Value, name: str) -> None:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is None and most is None:
        return
    if shape.type_name in _BOUNDS_OF_VALUE:
        size, what = value, "must be"
    elif shape.type_name in _BOUNDS_OF_LENGTH:
        size, what = len(value), "must have a length of"
    else:
        return
    if least is not None and size < least:
        raise InvalidInputError(name, f"{what} at least {least}")
    if most is not None and size > most and shape.name not in _OUTDATED_MAXIMUM:
        raise InvalidInputError(name, f"{what} at most {most}")
