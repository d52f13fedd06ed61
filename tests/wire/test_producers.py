"""Who writes, as classes made from Kafka's schemas encode it."""

from __future__ import annotations

from kafka.protocol.admin import (
    DescribeProducersRequest,
    DescribeProducersResponse,
    DescribeTransactionsRequest,
    DescribeTransactionsResponse,
    ListTransactionsRequest,
    ListTransactionsResponse,
)

from msktop.wire import producers
from msktop.wire.producers import Producer, Transaction


def test_producers_of_partitions() -> None:
    t = DescribeProducersRequest.TopicRequest
    wanted = DescribeProducersRequest(topics=[t(name="orders", partition_indexes=[0, 3])])
    call = producers.describe_producers({"orders": [0, 3]})
    assert call.body == bytes(wanted.encode(version=0))
    r = DescribeProducersResponse.TopicResponse
    p = r.PartitionResponse
    one = p.ProducerState(
        producer_id=7, producer_epoch=1, last_sequence=-1, last_timestamp=2500, coordinator_epoch=-1,
        current_txn_start_offset=40,
    )  # fmt: skip
    parts = [
        p(partition_index=0, error_code=0, error_message=None, active_producers=[one]),
        p(partition_index=3, error_code=6, error_message="not here", active_producers=[]),
    ]
    answer = DescribeProducersResponse(throttle_time_ms=0, topics=[r(name="orders", partitions=parts)])
    first, second = producers.producers(bytes(answer.encode(version=0)))
    assert first.producers == (Producer(7, 1, None, 2.5, None, 40),)
    assert (second.partition, second.error, second.message) == (3, 6, "not here")


def test_transactions() -> None:
    wanted = ListTransactionsRequest(state_filters=[], producer_id_filters=[])
    assert producers.list_transactions().body == bytes(wanted.encode(version=0))
    state = ListTransactionsResponse.TransactionState(
        transactional_id="pay", producer_id=9, transaction_state="Ongoing"
    )
    answer = ListTransactionsResponse(
        throttle_time_ms=0, error_code=0, unknown_state_filters=[], transaction_states=[state]
    )
    listed = producers.transactions(bytes(answer.encode(version=0)))
    assert listed == (0, [Transaction("pay", 9, "Ongoing")])

    described = DescribeTransactionsRequest(transactional_ids=["pay"])
    assert producers.describe_transactions(["pay"]).body == bytes(described.encode(version=0))
    d = DescribeTransactionsResponse.TransactionState
    one = d(
        error_code=0, transactional_id="pay", transaction_state="Ongoing", transaction_timeout_ms=60000,
        transaction_start_time_ms=5000, producer_id=9, producer_epoch=2,
        topics=[d.TopicData(topic="orders", partitions=[0, 1])],
    )  # fmt: skip
    answer = DescribeTransactionsResponse(throttle_time_ms=0, transaction_states=[one])
    (found,) = producers.described_transactions(bytes(answer.encode(version=0)))
    assert found == Transaction("pay", 9, "Ongoing", 0, 60.0, 5.0, 2, {"orders": (0, 1)})
