"""Exporter pages of every make, whole and broken."""

from __future__ import annotations

import random

import pytest
from prometheus_client.parser import text_string_to_metric_families

from msktop.wire.exposition import parse

PAGE = b"""# HELP kafka_server_BrokerTopicMetrics_Count Attribute exposed for management
# TYPE kafka_server_BrokerTopicMetrics_Count untyped
kafka_server_BrokerTopicMetrics_Count{name="BytesInPerSec",topic="orders",} 1852144.0
kafka_server_BrokerTopicMetrics_Count{name="BytesInPerSec",} 4368261.0
kafka_server_BrokerTopicMetrics_Count{name="FetchMessageConversionsPerSec",} 1.0
# HELP kafka_network_RequestMetrics_Count Attribute exposed for management
# TYPE kafka_network_RequestMetrics_Count untyped
kafka_network_RequestMetrics_Count{name="RequestsPerSec",request="Produce",version="11",} 900.0
kafka_network_RequestMetrics_Count{name="RequestsPerSec",request="Produce",version="12",} 59.0
kafka_network_RequestMetrics_Count{name="RequestsPerSec",request="Heartbeat",version="4",} 0.0
kafka_network_RequestMetrics_Count{name="ErrorsPerSec",request="Produce",error="NONE",} 950.0
kafka_network_RequestMetrics_Count{name="ErrorsPerSec",request="Produce",error="NOT_LEADER_OR_FOLLOWER",} 9.0
# TYPE kafka_network_RequestMetrics_99thPercentile untyped
kafka_network_RequestMetrics_99thPercentile{name="TotalTimeMs",request="Produce",} 29.5
kafka_network_RequestMetrics_99thPercentile{name="TotalTimeMs",request="Heartbeat",} 7.0
# TYPE kafka_server_socket_server_metrics_connection_count untyped
kafka_server_socket_server_metrics_connection_count{listener="PLAINTEXT",networkProcessor="1",} 5.0
kafka_server_socket_server_metrics_connection_count{listener="PLAINTEXT",networkProcessor="0",} 6.0
# TYPE java_lang_Memory_HeapMemoryUsage_used untyped
java_lang_Memory_HeapMemoryUsage_used 4.8704112E7
# TYPE kafka_server_ReplicaManager_Value untyped
kafka_server_ReplicaManager_Value{name="UnderReplicatedPartitions",} 0.0
"""
KEPT = {
    "bytes_in/orders": 1852144.0,
    "bytes_in": 4368261.0,
    "requests/Produce": 959.0,
    "errors/Produce/NOT_LEADER_OR_FOLLOWER": 9.0,
    "time_ms/total/p99/Produce": 29.5,
    "connections/PLAINTEXT": 11.0,
    "heap_used": 48704112.0,
    "under_replicated": 0.0,
}


def test_the_page_that_msk_ships_gives_our_figures() -> None:
    parsed = parse(PAGE, "jmx")
    assert parsed.values == KEPT
    assert not parsed.truncated


@pytest.mark.parametrize(
    "page",
    [
        PAGE.replace(b",}", b"}"),
        PAGE.replace(b"\n", b"\r\n"),
        b"".join(line + b"\n" for line in PAGE.splitlines() if not line.startswith(b"#")),
        PAGE.replace(b"} ", b"} ").replace(b".0\n", b".0 1795447215089\n"),
    ],
    ids=["1.x without the last comma", "CRLF", "no comments", "timestamps"],
)
def test_other_makes_of_the_same_page_give_the_same_figures(page: bytes) -> None:
    values = parse(page, "jmx").values
    assert {k: v for k, v in values.items() if v} == {k: v for k, v in KEPT.items() if v}


def test_the_order_of_lines_and_labels_means_nothing() -> None:
    lines = [line for line in PAGE.splitlines() if not line.startswith(b"#")]
    random.Random(7).shuffle(lines)
    swapped = b"\n".join(lines).replace(
        b'name="BytesInPerSec",topic="orders",', b'topic="orders",name="BytesInPerSec"'
    )
    assert parse(swapped + b"\n", "jmx").values == KEPT


def test_a_page_cut_anywhere_gives_no_wrong_figure() -> None:
    for end in range(len(PAGE)):
        parsed = parse(PAGE[:end], "jmx")
        assert parsed.truncated == (not PAGE[:end].endswith(b"\n") and end > 0)
        for key, value in parsed.values.items():
            assert value <= KEPT[key]
            if "/" not in key or key.startswith("bytes_in/"):
                assert value == KEPT[key]


def test_escapes_and_braces_in_labels_are_read_as_they_are_meant() -> None:
    page = (
        b'kafka_server_BrokerTopicMetrics_Count{name="BytesInPerSec",topic="a\\"b}c\\\\d",} 5.0\n'
        b'kafka_server_BrokerTopicMetrics_Count{name="BytesInPerSec",topic="x=\\"y",} 6.0\n'
    )
    assert parse(page, "jmx").values == {'bytes_in/a"b}c\\d': 5.0, 'bytes_in/x="y': 6.0}


@pytest.mark.parametrize("value", ["NaN", "+Inf", "-Inf", "", "abc", "1.0.0"])
def test_what_is_no_number_is_no_figure(value: str) -> None:
    page = f"java_lang_Memory_HeapMemoryUsage_used {value}\njava_lang_Memory_HeapMemoryUsage_max 2.0\n"
    assert parse(page.encode(), "jmx").values == {"heap_max": 2.0}


def test_rubbish_gives_nothing_and_raises_nothing() -> None:
    rubbish = random.Random(3).randbytes(200_000)
    assert parse(rubbish, "jmx").values == {}
    assert parse(b"<html>" * 1000 + b"\n", "jmx").values == {}
    assert parse(b"", "node").values == {}


def test_it_agrees_with_the_reference_parser() -> None:
    parsed = text_string_to_metric_families(PAGE.replace(b",}", b"}").decode())
    samples = [sample for one in parsed for sample in one.samples]

    def total(family: str, /, **labels: str) -> float:
        wanted = [s for s in samples if s.name == family and labels.items() <= s.labels.items()]
        assert wanted
        return sum(s.value for s in wanted)

    values = parse(PAGE, "jmx").values
    requests = total("kafka_network_RequestMetrics_Count", name="RequestsPerSec", request="Produce")
    assert values["requests/Produce"] == requests
    assert values["heap_used"] == total("java_lang_Memory_HeapMemoryUsage_used")
    connections = total("kafka_server_socket_server_metrics_connection_count", listener="PLAINTEXT")
    assert values["connections/PLAINTEXT"] == connections


def test_the_node_page_gives_processor_time_and_the_data_volume() -> None:
    page = b"""# TYPE node_cpu_seconds_total counter
node_cpu_seconds_total{cpu="0",mode="user"} 6.5
node_cpu_seconds_total{cpu="1",mode="user"} 1.5
node_cpu_seconds_total{cpu="0",mode="idle"} 133.0
# TYPE node_filesystem_size_bytes gauge
node_filesystem_size_bytes{mountpoint="/"} 9000.0
node_filesystem_size_bytes{mountpoint="/kafka/datalogs"} 1000.0
node_filesystem_avail_bytes{mountpoint="/kafka/datalogs"} 400.0
node_filesystem_avail_bytes{mountpoint="/"} 8000.0
"""
    assert parse(page, "node").values == {
        "cpu_s/user": 8.0,
        "cpu_s/idle": 133.0,
        "disk_size": 1000.0,
        "disk_avail": 400.0,
    }
