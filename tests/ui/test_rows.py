"""What the drill-down screens list follows from the state, and costs what changed."""

from __future__ import annotations

from dataclasses import replace

from msktop.model.broker import Broker, Page, Probe
from msktop.model.cluster import Cluster
from msktop.model.incidents import Incident, Kind
from msktop.model.series import Series
from msktop.model.topic import Partition, Topic
from msktop.ui.rows.incidents import of_broker, recovery_of
from msktop.ui.rows.partitions import Keys, Pace, Tallies
from msktop.ui.rows.requests import by_broker, request_rows
from msktop.ui.rows.stages import ping_row, stage_rows


def page(api: str, per_s: float, p99: float, **more: float) -> Page:
    return Page(
        at=100.0,
        values={f"requests/{api}": 5.0, f"time_ms/total/p99/{api}": p99, **more},
        rates={f"requests/{api}": per_s},
    )


def test_rates_of_a_request_are_summed_over_brokers_and_its_times_are_the_slowest_brokers() -> None:
    brokers = [Broker(1, jmx=page("Produce", 10.0, 3.0)), Broker(2, jmx=page("Produce", 5.0, 9.0))]
    [row] = request_rows(brokers)
    assert (row.per_s, row.p99_ms, row.slowest) == (15.0, 9.0, brokers[1])


def test_fetch_is_not_counted_beside_its_halves() -> None:
    values = {"requests/Fetch": 9.0, "requests/FetchConsumer": 4.0, "requests/FetchFollower": 5.0}
    apis = {row.api for row in request_rows([Broker(1, jmx=Page(at=1.0, values=values))])}
    assert apis == {"FetchConsumer", "FetchFollower"}


def test_a_rate_is_unknown_before_the_second_page_and_so_are_its_errors() -> None:
    [row] = request_rows([Broker(1, jmx=Page(at=1.0, values={"requests/Produce": 4.0}))])
    assert row.per_s is None
    assert row.errors_per_s is None


def test_errors_of_all_codes_are_summed() -> None:
    jmx = page("Produce", 10.0, 3.0)
    rates = {
        **jmx.rates,
        "errors/Produce/NOT_LEADER": 0.5,
        "errors/Produce/X": 0.25,
        "errors/ProduceX/Y": 9.0,
    }
    [row] = request_rows([Broker(1, jmx=replace(jmx, rates=rates))])
    assert row.errors_per_s == 0.75


def test_a_broker_without_a_page_has_a_row_of_unknowns() -> None:
    [row] = by_broker([Broker(1)], "Produce")
    assert (row.per_s, row.p50_ms, row.p99_ms, row.parts_ms) == (None, None, None, ())


def test_a_failed_stage_is_named_and_those_before_keep_their_times() -> None:
    probe = Probe(
        word="down",
        outcome="timeout",
        failed_stage="api_versions",
        stages={"dns": Series().append(90.0, 1.0), "tcp": Series().append(90.0, 3.0)},
    )
    cluster = Cluster(at=100.0)
    rows = {row.name: row for row in stage_rows(cluster, Broker(1, probe=probe))}
    assert list(rows) == ["DNS", "TCP", "ApiVersions", "Metadata"]
    assert (rows["TCP"].state, rows["TCP"].start, rows["TCP"].share) == ("ok", 0.25, 0.75)
    assert (rows["ApiVersions"].state, rows["ApiVersions"].word) == ("failed", "no answer")
    assert rows["Metadata"].state == "unknown"


def test_a_broker_that_is_down_shows_no_latency_of_now() -> None:
    assert ping_row(Broker(1, probe=Probe(word="up", last_ms=0.9))).now_ms == 0.9
    assert ping_row(Broker(1, probe=Probe(word="down", last_ms=0.9))).now_ms is None


def topic(name: str, *leaders: int, end: int = 0) -> Topic:
    partitions = {n: Partition(n, leader, 0, (leader, 9), (leader, 9)) for n, leader in enumerate(leaders)}
    return Topic(name, partitions=partitions, ends=dict.fromkeys(partitions, end))


def test_topics_are_counted_again_only_when_their_partitions_change() -> None:
    cluster = Cluster(
        topics={"a": topic("a", 1, 2), "b": topic("b", 1)}, brokers={1: Broker(1), 2: Broker(2)}
    )
    tallies = Tallies(broker=1)
    first = tallies.of(cluster)
    assert [(n, t.partitions, t.leads) for n, t in first.items()] == [("a", 1, 1), ("b", 1, 1)]
    moved = replace(cluster, topics={**cluster.topics, "b": topic("b", 2)})
    second = tallies.of(moved)
    assert list(second) == ["a"]
    assert second["a"] is first["a"]


def test_the_list_of_partitions_is_the_same_object_while_only_offsets_move() -> None:
    cluster = Cluster(topics={"b": topic("b", 1), "a": topic("a", 1, 2)})
    keys = Keys(lambda _, p: 1 in p.replicas)
    first = keys.of(cluster)
    assert first == (("a", 0), ("b", 0))
    busy = replace(cluster, topics={n: replace(t, ends={0: 7}) for n, t in cluster.topics.items()})
    assert keys.of(busy) is first
    gone = replace(cluster, topics={"a": cluster.topics["a"]})
    assert keys.of(gone) == (("a", 0),)


def test_the_rate_of_a_partition_is_known_after_two_answers_of_one_leader() -> None:
    def at(time: float, end: int, leader: int = 1) -> Cluster:
        return Cluster(
            brokers={leader: Broker(leader, offsets_at=time)}, topics={"a": topic("a", leader, end=end)}
        )

    pace = Pace()

    def look(cluster: Cluster) -> float | None:
        return pace.of(cluster, cluster.topics["a"], 0)

    assert look(at(10.0, 100)) is None
    assert look(at(12.0, 150)) == 25.0
    assert look(at(12.0, 150)) == 25.0
    assert look(at(13.0, 150, leader=2)) is None
    assert look(at(14.0, 120, leader=2)) is None, "an end offset that fell gives no rate"


def test_a_recovery_counts_from_the_beginning_and_an_open_turn_is_unknown() -> None:
    hung = Incident(
        1, Kind.BROKER_HUNG, "crit", "b-2", began=10.0, detected=12.0, detail="", broker=2, ended=24.0
    )
    assert recovery_of(hung).steps == (2.0, None, 14.0, None, None)
    assert [i.id for i in of_broker([hung, replace(hung, id=2, began=50.0), replace(hung, broker=3)], 2)] == [
        2,
        1,
    ]
