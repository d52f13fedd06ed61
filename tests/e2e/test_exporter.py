"""Exporter pages of real brokers: every figure is there, and what it says is what happened."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic
from prometheus_client.parser import text_string_to_metric_families

from msktop.model import metrics
from msktop.model.metrics import Mode
from msktop.model.samples import PageScraped, Sample, ScrapeFailed
from msktop.sources.clock import Anchor
from msktop.sources.exporter import ExporterSource, Target
from msktop.sources.page_fetch import fetch
from msktop.wire.exposition import parse
from tests.e2e.conftest import LocalCluster
from tests.support import wait_for

pytestmark = pytest.mark.e2e

PERIOD_S = 2.0
RARE = {"errors"}
"""Figures that a page has only once something went wrong."""


@pytest.fixture(params=["kraft", "zookeeper"])
def mode(request: pytest.FixtureRequest) -> Mode:
    found: Mode = request.param
    return found


@pytest.fixture
def cluster(mode: Mode, request: pytest.FixtureRequest) -> LocalCluster:
    found = request.getfixturevalue(f"{mode}_cluster")
    assert isinstance(found, LocalCluster)
    found.wait_healthy()
    return found


class Scraped:
    """What the source has said so far of a cluster's brokers."""

    def __init__(self, cluster: LocalCluster) -> None:
        self.targets = {
            node.id: Target(node.metrics_url, node.node_metrics_url)
            for node in cluster.state.nodes
            if node.role == "broker"
        }
        self.samples: list[Sample] = []

    def pages(self, broker_id: int, page: str = "jmx") -> list[PageScraped]:
        """Pages of one broker, oldest first."""
        return [
            s
            for s in list(self.samples)
            if isinstance(s, PageScraped) and s.broker_id == broker_id and s.page == page
        ]

    def latest(self, key: str) -> float:
        """A figure of the newest pages, summed over the brokers that have it."""
        return sum(pages[-1].values.get(key, 0.0) for b in self.targets if (pages := self.pages(b)))

    def words(self, broker_id: int) -> set[str]:
        """First words of the keys on the newest pages of one broker."""
        pages = self.pages(broker_id)[-1:] + self.pages(broker_id, "node")[-1:]
        return {key.partition("/")[0] for page in pages for key in page.values}

    def failures(self, broker_id: int) -> list[ScrapeFailed]:
        """Scrapes of one broker that failed."""
        return [s for s in list(self.samples) if isinstance(s, ScrapeFailed) and s.broker_id == broker_id]


@contextmanager
def scraping(cluster: LocalCluster) -> Iterator[Scraped]:
    stop, scraped = threading.Event(), Scraped(cluster)
    source = ExporterSource(Anchor.take(), lambda: scraped.targets, PERIOD_S, cost_factor=1)

    def run() -> None:
        for sample in source.samples(stop):
            scraped.samples.append(sample)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield scraped
    finally:
        stop.set()
        thread.join(2)
        assert not thread.is_alive()


@contextmanager
def topic_of_its_own(cluster: LocalCluster, name: str) -> Iterator[None]:
    admin = KafkaAdminClient(bootstrap_servers=cluster.bootstrap_servers.split(","))
    admin.create_topics([NewTopic(name, num_partitions=3, replication_factor=3)])
    try:
        yield
    finally:
        admin.delete_topics([name])
        admin.close()


def test_every_figure_that_is_named_is_on_the_page_of_every_broker(cluster: LocalCluster, mode: Mode) -> None:
    named = {word for word, figure in metrics.FIGURES.items() if mode in figure.modes} - RARE
    with scraping(cluster) as scraped:

        def missing() -> dict[int, set[str]]:
            found = {b: scraped.words(b) for b in scraped.targets}
            return {b: named - words for b, words in found.items() if named - words}

        try:
            wait_for(lambda: not missing(), 60, "all figures of all brokers")
        except AssertionError as error:
            raise AssertionError(f"missing: {missing()}") from error
        assert set().union(*(scraped.words(b) for b in scraped.targets)) <= metrics.FIGURES.keys()


def test_counters_count_what_a_producer_sends(cluster: LocalCluster) -> None:
    topic, records, size = "exporter-counts", 300, 1000
    with topic_of_its_own(cluster, topic), scraping(cluster) as scraped:
        wait_for(lambda: all(scraped.pages(b) for b in scraped.targets), 60, "a page of every broker")
        before = {
            key: scraped.latest(key) for key in (f"messages_in/{topic}", f"bytes_in/{topic}", "bytes_in")
        }
        sent = scraped.latest("requests/Produce")
        producer = KafkaProducer(bootstrap_servers=cluster.bootstrap_servers.split(","), acks="all")
        for _ in range(records):
            producer.send(topic, b"x" * size)
        producer.flush(60)
        producer.close()

        def grown(key: str) -> float:
            return scraped.latest(key) - before[key]

        # A page is not of one moment: an MBean read later on may know of more records.
        wait_for(lambda: grown(f"messages_in/{topic}") >= records, 60, f"{records} messages more")
        wait_for(lambda: grown(f"bytes_in/{topic}") >= records * size, 60, "their bytes")
        wait_for(lambda: grown("bytes_in") >= records * size, 60, "their bytes among the broker's")
        assert grown(f"messages_in/{topic}") == records
        assert grown(f"bytes_in/{topic}") < records * size * 1.2
        assert scraped.latest("requests/Produce") > sent


def test_a_whole_page_agrees_with_the_reference_parser(cluster: LocalCluster) -> None:
    node = next(n for n in cluster.state.nodes if n.role == "broker")
    assert node.metrics_url is not None
    page = fetch(node.metrics_url)
    assert not page.truncated
    assert page.wire_bytes < len(page.body) / 4, "the page came unzipped"
    parsed = text_string_to_metric_families(page.body.replace(b",}", b"}").decode())
    samples = [sample for family in parsed for sample in family.samples]
    values = parse(page.body, "jmx").values
    for key, family, labels in (
        ("bytes_in", "kafka_server_BrokerTopicMetrics_Count", {"name": "BytesInPerSec"}),
        ("leaders", "kafka_server_ReplicaManager_Value", {"name": "LeaderCount"}),
        ("heap_used", "java_lang_Memory_HeapMemoryUsage_used", {}),
    ):
        assert [values[key]] == [s.value for s in samples if s.name == family and s.labels == labels]
    requests = [s for s in samples if s.name == "kafka_network_RequestMetrics_Count"]
    for api in ("Produce", "FetchFollower", "Metadata", "ApiVersions"):
        wanted = {"name": "RequestsPerSec", "request": api}
        assert values[f"requests/{api}"] == sum(
            s.value for s in requests if wanted.items() <= s.labels.items()
        )


def test_the_machine_of_a_broker_is_seen(cluster: LocalCluster) -> None:
    with scraping(cluster) as scraped:
        broker_id = min(scraped.targets)
        wait_for(lambda: len(scraped.pages(broker_id, "node")) >= 3, 60, "3 pages")
        first, last = (scraped.pages(broker_id, "node")[n].values for n in (0, -1))
    assert last["cpu_s/user"] + last["cpu_s/system"] > first["cpu_s/user"] + first["cpu_s/system"]
    assert 0 < last["disk_avail"] < last["disk_size"]
    assert last["memory_bytes"] > 50e6


def test_a_broker_that_was_killed_takes_no_page_of_another_away(kraft_cluster: LocalCluster) -> None:
    kraft_cluster.wait_healthy()
    with scraping(kraft_cluster) as scraped:
        victim, *others = sorted(scraped.targets)
        wait_for(lambda: all(scraped.pages(b) for b in scraped.targets), 60, "a page of every broker")
        kraft_cluster.fail(victim, "kill")
        try:
            failed = wait_for(lambda: scraped.failures(victim), 60, "a failure")
            seen = {b: len(scraped.pages(b)) for b in others}
            wait_for(
                lambda: all(len(scraped.pages(b)) > seen[b] + 1 for b in others), 60, "pages of the others"
            )
        finally:
            kraft_cluster.wait_healthy()
        wait_for(lambda: scraped.pages(victim)[-1].at > failed[0].at, 90, "its page again")
    assert any(word in failed[0].reason.lower() for word in ("refused", "reset", "closed"))
