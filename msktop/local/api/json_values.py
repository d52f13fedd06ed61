"""Values in JSON, by their shapes: shared by the protocols whose bodies are JSON."""

from __future__ import annotations

import base64
import binascii
import math
from typing import Any

import msgspec

from msktop.local.api.messages import InvalidInputError, Members, Shape, Value
from msktop.local.api.shapes import SPECIAL_NUMBERS, time_as, time_of, wire_name, wrong_type


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object in a body; nothing at all is an empty one. Raises InvalidInputError."""
    if not body.strip():
        return {}
    try:
        found = msgspec.json.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as e:
        raise InvalidInputError("body", "is not JSON") from e
    if not isinstance(found, dict):
        raise InvalidInputError("body", "is not a JSON object")
    return found


def take(shape: Shape, value: Value, name: str = "body") -> Value:
    """The value that came as JSON. What the model does not know is passed over. Raises InvalidInputError."""
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict):
        return take_members(shape, value)
    if kind == "list" and isinstance(value, list):
        return [take(shape.member, inner, name) for inner in value if inner is not None]
    if kind == "map" and isinstance(value, dict):
        return {key: take(shape.value, inner, name) for key, inner in value.items() if inner is not None}
    if kind == "string" and isinstance(value, str):
        return value
    if kind == "boolean" and isinstance(value, bool):
        return value
    try:
        return _take_scalar(kind, value)
    except (ValueError, TypeError, KeyError, OverflowError, OSError, binascii.Error):
        raise wrong_type(shape, name) from None


def take_members(shape: Shape, given: dict[str, Any]) -> Members:
    """The members of a structure that travel in the body."""
    taken = {}
    for member, inner in shape.members.items():
        name = wire_name(inner, member)
        value = given.get(name)
        if value is not None and "location" not in inner.serialization:
            taken[member] = take(inner, value, name)
    return taken


def _take_scalar(kind: str, value: Value) -> Value:
    if kind == "timestamp" and isinstance(value, int | float | str):
        return time_of(value)
    if kind == "blob":
        return base64.b64decode(value, validate=True)
    if isinstance(value, bool):
        raise TypeError
    if kind in ("integer", "long"):
        whole = int(value) if isinstance(value, int | float) else None
        if whole is None or whole != value:
            raise ValueError
        return whole
    if kind in ("float", "double"):
        return SPECIAL_NUMBERS[value] if isinstance(value, str) else float(value)
    raise TypeError


def give(shape: Shape, value: Value) -> Value:
    """The value as what `msgspec.json.encode` takes. Members that are None are left out."""
    kind = shape.type_name
    if kind == "structure":
        return give_members(shape, value)
    if kind == "list":
        return [give(shape.member, inner) for inner in value]
    if kind == "map":
        return {key: give(shape.value, inner) for key, inner in value.items()}
    if kind == "timestamp":
        return time_as(value, shape.serialization.get("timestampFormat", "unixTimestamp"))
    if kind == "blob":
        return base64.b64encode(value.encode() if isinstance(value, str) else value).decode()
    if kind in ("integer", "long"):
        return int(value)
    if kind in ("float", "double"):
        return _number(float(value))
    return value


def give_members(shape: Shape, value: Members) -> dict[str, Any]:
    """A structure under its names on the wire."""
    given = {}
    members = shape.members
    for member, inner in value.items():
        if inner is not None:
            given[wire_name(members[member], member)] = give(members[member], inner)
    return given


def _number(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
