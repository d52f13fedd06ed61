"""Values in forms with dotted names (`Filter.1.Value.2=x`), by their shapes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from msktop.local.api.messages import InvalidInputError, Members, Shape, Value
from msktop.local.api.shapes import from_text, wrong_type

Dialect = Literal["query", "ec2"]
QUERY: Dialect = "query"
EC2: Dialect = "ec2"

Tree = dict[str, Any]
"""Parts of names, down to the text under the key ""."""

_MAX_DEPTH = 32


def tree(fields: Iterable[tuple[str, str]]) -> Tree:
    """Take dotted names apart.

    >>> tree([("Tag.1.Key", "a"), ("Tag.1.Value", "b")])
    {'Tag': {'1': {'Key': {'': 'a'}, 'Value': {'': 'b'}}}}
    """
    root: Tree = {}
    for name, text in fields:
        parts = name.split(".")
        if len(parts) > _MAX_DEPTH:
            raise InvalidInputError(name[:40], "is nested too deep")
        node = root
        for part in parts:
            if not part:
                raise InvalidInputError(name[:40], "is not a name")
            node = node.setdefault(part, {})
        node[""] = text
    return root


def take_members(shape: Shape, given: Tree, dialect: Dialect) -> Members:
    """The members of a structure. Raises InvalidInputError."""
    taken = {}
    for member, inner in shape.members.items():
        name = _name(inner, member, dialect)
        node = given.get(name)
        if node is not None:
            taken[member] = _take(inner, node, name, dialect)
    return taken


def _name(shape: Shape, member: str, dialect: Dialect) -> str:
    said = shape.serialization
    if dialect == EC2:
        name = str(said.get("queryName") or said.get("name") or member)
        return name if "queryName" in said else name[:1].upper() + name[1:]
    if shape.type_name == "list" and said.get("flattened"):
        return str(shape.member.serialization.get("name") or said.get("name") or member)
    return str(said.get("name", member))


def _take(shape: Shape, node: Tree, name: str, dialect: Dialect) -> Value:
    kind = shape.type_name
    if kind == "structure":
        return take_members(shape, node, dialect)
    if kind == "list":
        flat = dialect == EC2 or shape.serialization.get("flattened")
        items = node if flat else node.get(shape.member.serialization.get("name", "member"), {})
        return [_take(shape.member, item, name, dialect) for item in _numbered(items, name)]
    if kind == "map":
        return _take_map(shape, node, name, dialect)
    if "" not in node:
        raise wrong_type(shape, name)
    return from_text(shape, node[""], name)


def _take_map(shape: Shape, node: Tree, name: str, dialect: Dialect) -> dict[str, Any]:
    entries = node if shape.serialization.get("flattened") else node.get("entry", {})
    key_name = shape.key.serialization.get("name", "key")
    value_name = shape.value.serialization.get("name", "value")
    taken = {}
    for entry in _numbered(entries, name):
        if key_name not in entry or value_name not in entry:
            raise wrong_type(shape, name)
        key = _take(shape.key, entry[key_name], name, dialect)
        taken[key] = _take(shape.value, entry[value_name], name, dialect)
    return taken


def _numbered(node: Tree, name: str) -> list[Tree]:
    """What is under 1, 2, …, in order; an empty list came as an empty text."""
    numbers = [part for part in node if part]
    if not all(part.isascii() and part.isdigit() and len(part) < 8 for part in numbers):
        raise InvalidInputError(name, "is not numbered")
    return [node[part] for part in sorted(numbers, key=int)]
