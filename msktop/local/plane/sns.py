"""SNS: what is published goes into a file, one JSON object a line, readable by its owner alone."""

from __future__ import annotations

import os
import re
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import msgspec

from msktop.local import paths
from msktop.local.api.messages import ApiError, Call, Members, Value

FILE = "sns.jsonl"
MOST_MESSAGE_BYTES = 262_144
MOST_FILE_BYTES = 8 << 20
"""Then the file becomes the older one, `sns.jsonl.1`, in place of the one before."""

_TOPIC = re.compile(r"arn:aws[\w-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}(\.fifo)?", re.ASCII)
_PHONE = re.compile(r"\+?[\d -]{3,20}", re.ASCII)


class Sns:
    """The operations. `now` is Unix seconds."""

    def __init__(self, folder: Path, now: Callable[[], float] = time.time) -> None:
        self._file = folder / FILE
        self._now = now
        self._lock = threading.Lock()

    def publish(self, call: Call, **given: Value) -> Members:
        """Write the message down; returns its id."""
        line = {"at": self._now(), "message_id": str(uuid.uuid4()), **_message(given)}
        with self._lock:
            self._append(msgspec.json.encode(line) + b"\n")
        return {"MessageId": line["message_id"]}

    def _append(self, line: bytes) -> None:
        handle = paths.open_private(self._file)
        with os.fdopen(handle, "ab") as file:
            file.write(line)
            is_full = file.tell() > MOST_FILE_BYTES
        if is_full:
            os.replace(self._file, self._file.with_name(f"{FILE}.1"))


def _message(given: Members) -> Members:
    """What is written of a call; raises ApiError where SNS would not take it."""
    topic, phone = given.get("TopicArn") or given.get("TargetArn"), given.get("PhoneNumber")
    if (topic is None) == (phone is None):
        raise _invalid("TopicArn or TargetArn or PhoneNumber")
    if topic is not None and not _TOPIC.fullmatch(topic):
        raise _invalid("TopicArn")
    if phone is not None and not _PHONE.fullmatch(phone):
        raise _invalid("PhoneNumber")
    if not given["Message"] or len(given["Message"].encode()) > MOST_MESSAGE_BYTES:
        raise _invalid("Message")
    attributes = {
        name: value.get("StringValue", value.get("BinaryValue"))
        for name, value in given.get("MessageAttributes", {}).items()
    }
    kept = {
        "topic_arn": topic,
        "phone_number": phone,
        "subject": given.get("Subject"),
        "message": given["Message"],
        "attributes": attributes or None,
    }
    return {name: value for name, value in kept.items() if value is not None}


def _invalid(parameter: str) -> ApiError:
    return ApiError("InvalidParameterException", f"Invalid parameter: {parameter}")
