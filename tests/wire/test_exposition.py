"""Exporter pages of every make, whole and broken."""

from __future__ import annotations

import random
from collections import defaultdict
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from msktop.wire.exposition import parse

REAL = sorted((Path(__file__).parents[1] / "data").glob("exporter-*.txt"))
"""Parts of pages of real brokers: lines left out, none changed but for shorter help."""

SOFTWARE = "kafka_server_socket_server_metrics_connections"

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
# TYPE kafka_network_RequestMetrics_Mean untyped
kafka_network_RequestMetrics_Mean{name="RequestBytes",request="Produce",} 812.5
kafka_network_RequestMetrics_Mean{name="RequestBytes",request="Heartbeat",} 0.0
# TYPE kafka_server_socket_server_metrics_connection_creation_total untyped
kafka_server_socket_server_metrics_connection_creation_total{listener="PLAINTEXT",networkProcessor="1",} 8.0
kafka_server_socket_server_metrics_connection_creation_total{listener="PLAINTEXT",networkProcessor="0",} 9.0
# TYPE kafka_network_RequestChannel_Value untyped
kafka_network_RequestChannel_Value{name="ResponseQueueSize",processor="0",} 1.0
kafka_network_RequestChannel_Value{name="ResponseQueueSize",} 3.0
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
    "request_bytes/mean/Produce": 812.5,
    "connections_created/PLAINTEXT": 17.0,
    "response_queue_size": 3.0,
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


def test_client_software_is_counted_over_threads_and_what_is_gone_is_not_there() -> None:
    def line(software: str, version: str, thread: int, count: float) -> str:
        labels = f'clientSoftwareName="{software}",clientSoftwareVersion="{version}",listener="PLAINTEXT"'
        return f'{SOFTWARE}{{{labels},networkProcessor="{thread}",}} {count}\n'

    page = line("kafka-python", "3.0.12", 0, 5.0) + line("kafka-python", "3.0.12", 1, 4.0)
    page += line("apache-kafka-java", "4.1.1", 0, 2.0) + line("gone", "1", 0, 0.0)
    assert parse(page.encode(), "jmx").values == {
        "clients/kafka-python 3.0.12/PLAINTEXT": 9.0,
        "clients/apache-kafka-java 4.1.1/PLAINTEXT": 2.0,
    }


def test_the_order_of_lines_and_labels_means_nothing() -> None:
    lines = [line for line in PAGE.splitlines() if not line.startswith(b"#")]
    random.Random(7).shuffle(lines)
    swapped = b"\n".join(lines).replace(
        b'name="BytesInPerSec",topic="orders",', b'topic="orders",name="BytesInPerSec"'
    )
    assert parse(swapped + b"\n", "jmx").values == KEPT


def test_a_page_cut_anywhere_gives_no_wrong_figure() -> None:
    assert parse(PAGE, "jmx").values.items() <= KEPT.items()
    for end in range(len(PAGE)):
        parsed = parse(PAGE[:end], "jmx", cut=True)
        assert parsed.truncated
        assert parsed.values.items() <= KEPT.items(), PAGE[:end][-200:]


def test_a_sum_that_broke_off_is_no_figure() -> None:
    first_version = PAGE.index(b'request="Produce",version="12"')
    assert "requests/Produce" not in parse(PAGE[:first_version], "jmx").values
    assert parse(PAGE[:first_version], "jmx").values["bytes_in"] == KEPT["bytes_in"]
    next_family = PAGE.index(b"# TYPE kafka_network_RequestMetrics_99thPercentile")
    assert parse(PAGE[: next_family + 9], "jmx").values["requests/Produce"] == KEPT["requests/Produce"]


def test_an_unfinished_line_is_told() -> None:
    assert parse(PAGE[:-5], "jmx").truncated


@pytest.mark.parametrize(
    "page",
    [
        b"other 1.0\n" + PAGE.splitlines(keepends=True)[2] + b"other 2.0\n",
        b"\n" + PAGE.splitlines(keepends=True)[2] + b"\n",
        b"# TYPE other untyped\nother 1.0\n" + PAGE.splitlines(keepends=True)[2] + b"last 2.0\n",
        b"# TYPE bytes untyped\n# a remark\n" + PAGE.splitlines(keepends=True)[2],
    ],
    ids=["between lines of another family", "blank lines", "under another family", "after a remark"],
)
def test_a_figure_is_found_wherever_it_stands(page: bytes) -> None:
    assert parse(page, "jmx").values == {"bytes_in/orders": KEPT["bytes_in/orders"]}


def test_a_family_larger_than_a_piece_is_summed_up_whole() -> None:
    line = b'kafka_network_RequestMetrics_Count{name="RequestsPerSec",request="Produce",version="%d",} 1.0\n'
    block = b"# TYPE kafka_network_RequestMetrics_Count untyped\n" + b"".join(line % v for v in range(5000))
    assert (
        parse(block + PAGE.split(b"# TYPE kafka_network_RequestMetrics_99")[0], "jmx").values[
            "requests/Produce"
        ]
        == 5000 + 959
    )


def test_a_time_of_zero_is_a_figure_where_the_request_is_sent() -> None:
    page = PAGE + (
        b"# TYPE kafka_network_RequestMetrics_Mean untyped\n"
        b'kafka_network_RequestMetrics_Mean{name="ThrottleTimeMs",request="Produce",} 0.0\n'
        b'kafka_network_RequestMetrics_Mean{name="ThrottleTimeMs",request="Heartbeat",} 0.0\n'
    )
    assert parse(page, "jmx").values == {**KEPT, "time_ms/throttle/mean/Produce": 0.0}


def test_a_line_without_end_is_left_out_and_costs_nothing() -> None:
    endless = b'kafka_server_BrokerTopicMetrics_Count{name="BytesInPerSec",topic="' + b"\\\\" * 4_000_000
    assert parse(endless + b'",} 1.0\n' + PAGE, "jmx").values == KEPT


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


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_real_pages_agree_with_the_reference_parser(path: Path) -> None:
    page = path.read_bytes()
    samples = [
        sample
        for family in text_string_to_metric_families(page.replace(b",}", b"}").decode())
        for sample in family.samples
    ]
    requests: dict[str, float] = defaultdict(float)
    for s in samples:
        if s.name == "kafka_network_RequestMetrics_Count" and s.labels["name"] == "RequestsPerSec":
            requests[s.labels["request"]] += s.value
    sent = {api for api, count in requests.items() if count}
    totals = {
        f"time_ms/total/p99/{s.labels['request']}": s.value
        for s in samples
        if s.name == "kafka_network_RequestMetrics_99thPercentile"
        and s.labels["name"] == "TotalTimeMs"
        and s.labels["request"] in sent
    }
    sockets = "kafka_server_socket_server_metrics_connection_count"
    values = parse(page, "jmx").values
    assert "Produce" in sent
    assert {k: v for k, v in values.items() if k.startswith("requests/")} == {
        f"requests/{api}": requests[api] for api in sent
    }
    assert {k: v for k, v in values.items() if k.startswith("time_ms/total/p99/")} == totals
    connections = sum(v for k, v in values.items() if k.startswith("connections/"))
    assert connections == sum(s.value for s in samples if s.name == sockets)
    clients = sum(v for k, v in values.items() if k.startswith("clients/"))
    assert clients == sum(s.value for s in samples if s.name == SOFTWARE)
    assert values["leaders"] == next(s.value for s in samples if s.labels.get("name") == "LeaderCount")


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_real_pages_mean_the_same_without_comments(path: Path) -> None:
    page = path.read_bytes()
    bare = b"".join(line for line in page.splitlines(keepends=True) if not line.startswith(b"#"))
    assert parse(bare, "jmx").values == parse(page, "jmx").values


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
