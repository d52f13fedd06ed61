"""Random values by the shapes of AWS's models, and requests as boto3 makes them."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest, create_request_object, prepare_request_dict
from botocore.credentials import Credentials
from botocore.serialize import create_serializer

from msktop.local.api.messages import Model, OperationModel, Request, Shape, Value

HOST = "127.9.0.2:4566"
ACCESS_KEY, SECRET = "AKIDLOCAL", "the/secret+of one instance"

_LETTERS = "abcXYZ019 -_.~/:+%&=?#'\"<>\\\t\n\réß漢😀"
_DEPTH = 6


class Values:
    """Makes values; `full` ones have no empty lists and structures, since a form has no way to say so."""

    def __init__(self, seed: int, *, full: bool = False) -> None:
        self._random = random.Random(seed)
        self._full = full

    def structure(self, shape: Shape, depth: int = 0) -> dict[str, Any]:
        """A structure with its required members and some of the others."""
        chosen = {
            name: inner
            for name, inner in shape.members.items()
            if name in shape.required_members or self._random.random() < (0.6 if depth < _DEPTH else 0)
        }
        if shape.is_tagged_union or (self._full and not chosen and shape.members):
            chosen = dict([self._random.choice(list(shape.members.items()))])
        return {name: self.value(inner, depth + 1) for name, inner in chosen.items()}

    def value(self, shape: Shape, depth: int = 0) -> Value:
        """A value that the shape allows."""
        kind = shape.type_name
        if kind == "structure":
            return self.structure(shape, depth)
        if kind == "list":
            return [self.value(shape.member, depth + 1) for _ in range(self._size(shape, depth))]
        if kind == "map":
            return {
                self.value(shape.key): self.value(shape.value, depth + 1)
                for _ in range(self._size(shape, depth))
            }
        return self._scalar(shape)

    def _size(self, shape: Shape, depth: int) -> int:
        least = max(shape.metadata.get("min", 0), 1 if self._full or "location" in shape.serialization else 0)
        return (
            least
            if depth > _DEPTH
            else self._random.randint(least, min(shape.metadata.get("max", 3), least + 3))
        )

    def _scalar(self, shape: Shape) -> Value:
        kind, draw = shape.type_name, self._random
        if kind == "string":
            return self._string(shape)
        if kind in ("integer", "long"):
            return draw.randint(shape.metadata.get("min", -(2**31)), shape.metadata.get("max", 2**31 - 1))
        if kind in ("float", "double"):
            return draw.choice([0.0, 1.0, draw.uniform(-1e9, 1e9), draw.random() * 1e-9])
        if kind == "boolean":
            return draw.random() < 0.5
        if kind == "timestamp":
            return datetime(2001, 1, 1, tzinfo=UTC) + timedelta(milliseconds=draw.randrange(2**41))
        assert kind == "blob", kind
        return draw.randbytes(draw.randint(0, 9))

    def _string(self, shape: Shape) -> str:
        if shape.enum:
            return str(self._random.choice(shape.enum))
        least, most = max(shape.metadata.get("min", 0), 1), min(shape.metadata.get("max", 20), 40)
        letters = "abcXYZ019" if "pattern" in shape.metadata else _LETTERS
        return "".join(self._random.choices(letters, k=self._random.randint(least, max(least, most))))


def request_of(service: Model, operation: OperationModel, members: dict[str, Any]) -> Request:
    """The request that boto3 sends for this input, signed now."""
    wire = create_serializer(service.resolved_protocol, False).serialize_to_request(members, operation)
    prepare_request_dict(wire, endpoint_url=f"http://{HOST}", user_agent="test", context={})
    request = create_request_object(wire)
    SigV4Auth(Credentials(ACCESS_KEY, SECRET), service.signing_name, "us-east-1").add_auth(request)
    return as_received(request)


def as_received(request: AWSRequest) -> Request:
    """One of botocore's requests as a server gets it."""
    sent = request.prepare()
    parts = urlsplit(sent.url)
    headers = {name.lower(): _text(value) for name, value in sent.headers.items()}
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    body = sent.body.encode() if isinstance(sent.body, str) else sent.body or b""
    return Request(sent.method, target, {"host": parts.netloc, **headers}, body)


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
