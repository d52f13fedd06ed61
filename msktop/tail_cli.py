"""`msktop topic tail` and `send`: a topic's records as they are, and one more of them."""

from __future__ import annotations

import base64
import json
import threading

import click

from msktop.actions.audit import Audit
from msktop.actions.send import NewRecord, send, send_record
from msktop.actions.tail import AtEnd, Note, Seen, Since, Tail
from msktop.cluster_text import dumps
from msktop.kafka_cli import Opened, agreed, is_json, out
from msktop.model.record_words import How, Words, moment, words_of
from msktop.model.text import plain

MOST_RECORDS, MOST_BYTES = 10_000, 256 * 1024 * 1024
"""After so much a tail ends by itself, whatever was asked for."""


def tail(
    opened: Opened,
    topic: str,
    since: Since,
    *,
    partition: int | None,
    most: int | None,
    span_s: float | None,
    follow: bool,
    how: How,
    wanted: str,
    as_json: bool,
    committed: bool,
) -> None:
    """Print records until there were enough, or (without `follow`) the end is reached."""
    stop = threading.Event()
    timer = None
    if span_s is not None:
        timer = threading.Timer(span_s, stop.set)
        timer.daemon = True
        timer.start()
    found = shown = size = 0
    reader = Tail(opened.kafka, topic, since, partition, committed, stop)
    try:
        for one in reader.read():
            if isinstance(one, Note):
                click.echo(f"msktop: {plain(one.text)}", err=True)
            elif isinstance(one, AtEnd):
                if not follow:
                    break
            else:
                found += 1
                size += len(one.record.key or b"") + len(one.record.value or b"")
                line = record_json(one) if as_json else record_line(one, how)
                if wanted.casefold() in line.casefold():
                    shown += 1
                    click.echo(line)
                if (most is not None and shown >= most) or shown >= MOST_RECORDS or size >= MOST_BYTES:
                    break
    finally:
        stop.set()
        if timer is not None:
            timer.cancel()
    passed = f", {found - shown:,} did not match" if found > shown else ""
    click.echo(f"msktop: {shown:,} records{passed}, {size:,} bytes read; nothing was committed", err=True)


def record_line(one: Seen, how: How) -> str:
    """`3 1042 2026-01-31T12:00:00.123Z key → value`, harmless for a terminal."""
    record = one.record
    at = "—" if record.at is None else moment(record.at).replace(" ", "T") + "Z"
    parts = [f"{one.partition} {record.offset} {at}", _said(words_of(record.key, how)), "→"]
    parts.append(_said(words_of(record.value, how)))
    for name, value in record.headers:
        parts.append(f"[{plain(name, 80)}={_said(words_of(value, how, 256))}]")
    return " ".join(parts)


def _said(words: Words) -> str:
    schema = f"(schema {words.schema}) " if words.schema else ""
    more = f" … of {words.size:,} bytes" if words.cut else ""
    text = {"empty": '""', "null": "null"}.get(words.form) or plain(words.text, 20_000)
    return f"{schema}{text}{more}"


def record_json(one: Seen) -> str:
    """One JSON object a line; what is no UTF-8 is base64."""
    record = one.record
    return json.dumps(
        {
            "partition": one.partition,
            "offset": record.offset,
            "at": record.at,
            "key": _json(record.key),
            "value": _json(record.value),
            "headers": [{"name": name, "value": _json(value)} for name, value in record.headers],
            "key_schema": words_of(record.key).schema or None,
            "value_schema": words_of(record.value).schema or None,
            "compression": record.codec,
            "producer_id": record.producer_id,
        }
    )


def _json(data: bytes | None) -> object:
    if data is None:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def send_one(opened: Opened, topic: str, record: NewRecord, partition: int | None) -> None:
    """Plan it, ask for leave, send it."""
    facts = opened.facts((topic,))
    plan = send_record(facts, topic, record, partition)
    if not agreed(plan, opened):
        return
    leader = facts.topic(topic).partitions[plan.parameters["partition"]].leader
    landed = send(plan, record, opened.kafka, leader, Audit())
    click.echo(f"written: partition {landed.partition}, offset {landed.offset}", file=out())
    if is_json():
        click.echo(dumps(landed))
