"""Values in XML, by their shapes: what the protocols query and ec2 answer."""

from __future__ import annotations

import base64
import re
from typing import Any
from xml.sax.saxutils import escape

from msktop.local.api.messages import Members, Shape, Value
from msktop.local.api.shapes import time_as, wire_name

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text(value: str) -> str:
    r"""Characters as XML has them; what XML cannot have becomes U+FFFD.

    >>> text("a<b\x00\r")
    'a&lt;b\ufffd&#13;'
    """
    return escape(_NOT_XML.sub("\ufffd", value), {"\r": "&#13;"})


def give_members(shape: Shape, value: Members, item_name: str) -> str:
    """The members of a structure, one element each. `item_name`: the elements of lists that have no other."""
    members = shape.members
    return "".join(
        _element(members[member], inner, wire_name(members[member], member), item_name)
        for member, inner in value.items()
        if inner is not None
    )


def _element(shape: Shape, value: Value, tag: str, item_name: str) -> str:
    kind = shape.type_name
    if kind == "structure":
        return f"<{tag}>{give_members(shape, value, item_name)}</{tag}>"
    if kind == "list":
        return _list(shape, value, tag, item_name)
    if kind == "map":
        return _map(shape, value, tag, item_name)
    return f"<{tag}>{text(_scalar(kind, value))}</{tag}>"


def _list(shape: Shape, values: list[Any], tag: str, item_name: str) -> str:
    name = shape.member.serialization.get("name")
    if shape.serialization.get("flattened"):
        return "".join(_element(shape.member, value, name or tag, item_name) for value in values)
    inner = "".join(_element(shape.member, value, name or item_name, item_name) for value in values)
    return f"<{tag}>{inner}</{tag}>"


def _map(shape: Shape, values: dict[str, Any], tag: str, item_name: str) -> str:
    flat = shape.serialization.get("flattened")
    entry = tag if flat else "entry"
    inner = "".join(
        f"<{entry}>"
        + _element(shape.key, key, shape.key.serialization.get("name", "key"), item_name)
        + _element(shape.value, value, shape.value.serialization.get("name", "value"), item_name)
        + f"</{entry}>"
        for key, value in values.items()
    )
    return inner if flat else f"<{tag}>{inner}</{tag}>"


def _scalar(kind: str, value: Value) -> str:
    if kind == "timestamp":
        return str(time_as(value, "iso8601"))
    if kind == "boolean":
        return "true" if value else "false"
    if kind in ("integer", "long"):
        return str(int(value))
    if kind in ("float", "double"):
        return repr(float(value))
    if kind == "blob":
        return base64.b64encode(value.encode() if isinstance(value, str) else value).decode()
    return str(value)
