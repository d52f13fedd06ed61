"""Real producers and consumer groups: `python -m msktop.local.traffic SERVERS steady|waves|rise LOG`.

A child of the supervisor; it survives any broker's death and ends with the supervisor.
"""

from __future__ import annotations

import logging
import signal
import sys
import threading
import time
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from typing import cast

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.errors import KafkaError, TopicAlreadyExistsError

from msktop.local.load import GROUPS, TOPIC_CONFIG, TOPICS, Group, Pacer, linger_ms, next_scale, rate_per_s
from msktop.local.settings import Traffic

log = logging.getLogger("msktop.traffic")

_TICK_S = 0.1
_RETRY_S = 2.0
_CPU_WINDOW_S = 5.0
_KEYS = 500
_POLL_MS = 100
_REST_PER_CPU = 60
_LONGEST_REST_S = 4.0
"""A consumer whose coordinator hangs spins inside poll(): short polls and rests in proportion bound that."""
_LOG_BYTES = 1 << 20


def main(arguments: list[str]) -> int:
    """Make traffic until terminated."""
    bootstrap_servers, traffic, log_file = arguments
    handler = RotatingFileHandler(log_file, maxBytes=_LOG_BYTES, backupCount=1)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.getLogger().addHandler(handler)
    log.setLevel(logging.INFO)
    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # dozens of lines a second while a broker is away
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    servers = bootstrap_servers.split(",")
    _again("create topics", stop, lambda: create_topics(servers))
    for group in GROUPS:
        for member in range(1, group.members + 1):
            threading.Thread(target=_consume, args=(servers, group, member, stop), daemon=True).start()
    _again("produce", stop, lambda: produce(servers, cast(Traffic, traffic), stop))
    return 0


def _again(what: str, stop: threading.Event, work: Callable[[], None]) -> None:
    """Do the work; when Kafka fails it, do it again."""
    while not stop.is_set():
        try:
            work()
        except (KafkaError, OSError, ValueError, RuntimeError) as e:
            log.warning("%s: %s: %s", what, type(e).__name__, e)
            stop.wait(_RETRY_S)
        else:
            return


def create_topics(servers: list[str]) -> None:
    """Create those topics that do not exist; the cluster's default says how many replicas."""
    admin = KafkaAdminClient(bootstrap_servers=servers, client_id="traffic-setup", request_timeout_ms=10_000)
    try:
        for topic in TOPICS:
            try:
                admin.create_topics(
                    {topic.name: {"num_partitions": topic.partitions, "configs": TOPIC_CONFIG}}
                )
            except TopicAlreadyExistsError:
                continue
    finally:
        admin.close()


def produce(servers: list[str], traffic: Traffic, stop: threading.Event) -> None:
    """Write to every topic at its rate, less where that costs more CPU than it may."""
    producer = KafkaProducer(
        bootstrap_servers=servers,
        client_id="shop",
        enable_idempotence=False,  # an idempotent one can wedge for good after a broker hung
        linger_ms=linger_ms(traffic),  # its sender wakes for every batch that is due
        retry_backoff_ms=500,
        reconnect_backoff_ms=500,
        request_timeout_ms=5000,
        delivery_timeout_ms=20_000,
        max_block_ms=5000,
    )
    pacers = [Pacer() for _ in TOPICS]
    padding = [b"." * topic.value_bytes for topic in TOPICS]
    scale, sent = 1.0, 0
    began = last = window = time.monotonic()
    cpu_s = time.process_time()
    try:
        while not stop.wait(_TICK_S):
            now = time.monotonic()
            for index, (topic, pacer, pad) in enumerate(zip(TOPICS, pacers, padding, strict=True)):
                rate = scale * rate_per_s(topic, index, traffic, now - began)
                for _ in range(pacer.due(rate, now - last)):
                    sent += 1
                    value = b'{"id":%d,"at":%.3f,"note":"%b"}' % (sent, time.time(), pad)
                    producer.send(topic.name, key=b"customer-%d" % (sent % _KEYS), value=value)
            last = now
            if now - window >= _CPU_WINDOW_S:
                used_s = time.process_time()
                scale = next_scale(scale, (used_s - cpu_s) / (now - window))
                window, cpu_s = now, used_s
    finally:
        producer.close(timeout=1)


def _consume(servers: list[str], group: Group, member: int, stop: threading.Event) -> None:
    _again(f"consume as {group.name}", stop, lambda: consume(servers, group, member, stop))


def consume(servers: list[str], group: Group, member: int, stop: threading.Event) -> None:
    """Read the group's topic, no faster than the group can."""
    consumer = KafkaConsumer(
        group.topic,
        bootstrap_servers=servers,
        group_id=group.name,
        client_id=f"{group.name}-{member}",
        auto_offset_reset="earliest",
        fetch_min_bytes=1 << 15,
        fetch_max_wait_ms=1000,
        max_poll_records=500 if group.records_per_s is None else max(1, int(group.records_per_s)),
    )
    try:
        while not stop.is_set():
            began, cpu_s = time.monotonic(), time.thread_time()
            count = sum(map(len, consumer.poll(timeout_ms=_POLL_MS).values()))
            rest_s = min(_LONGEST_REST_S, _REST_PER_CPU * (time.thread_time() - cpu_s))
            if group.records_per_s is not None:
                rest_s = max(rest_s, count / group.records_per_s - (time.monotonic() - began))
            stop.wait(rest_s)
    finally:
        consumer.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
