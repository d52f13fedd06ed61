"""Records: batches that kafka-python made are read, and the one that we make is read by it."""

from __future__ import annotations

import struct
import sys
import tracemalloc
import zlib
from types import ModuleType

import pytest
from kafka.protocol.consumer import FetchRequest, FetchResponse
from kafka.protocol.producer import ProduceRequest, ProduceResponse
from kafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder

from msktop.wire import fetch
from msktop.wire.compression import CompressionError, decompress
from msktop.wire.records import Passed, Record, Unread, batch_of_one, batches, too_large


def built(compression: int = 0, *, records: int = 3, value: bytes = b"v") -> bytes:
    builder = DefaultRecordBatchBuilder(
        magic=2, compression_type=compression, is_transactional=False, producer_id=-1, producer_epoch=-1,
        base_sequence=-1, batch_size=1 << 20,
    )  # fmt: skip
    for n in range(records):
        builder.append(n, 1000 + n, b"k%d" % n if n else None, value, [("h", b"\xff"), ("n", None)])
    return bytes(builder.build())


@pytest.mark.parametrize("compression", [0, 1])
def test_a_batch_is_read(compression: int) -> None:
    read = list(batches(built(compression, value=b"v" * 500)))
    assert read[-1] == Passed(2)
    first, second, _ = (r for r in read if isinstance(r, Record))
    assert (first.offset, first.at, first.key, first.value) == (0, 1.0, None, b"v" * 500)
    assert (second.key, second.headers) == (b"k1", (("h", b"\xff"), ("n", None)))
    assert second.codec == ("gzip" if compression else "none")


def test_records_before_the_wanted_offset_and_batches_that_are_cut_off_are_left_out() -> None:
    data = built() + built()[:-5]
    assert [r.offset for r in batches(data, since=1) if isinstance(r, Record)] == [1, 2]


def test_a_record_without_a_time_has_none() -> None:
    (first, *_) = batches(batch_of_one(None, b"v", [], -1))
    assert isinstance(first, Record)
    assert first.at is None


def test_ours_is_read_by_kafka_python() -> None:
    batch = DefaultRecordBatch(batch_of_one(None, b"\0v", [("h", b"x")], 1234))
    assert batch.validate_crc()
    (record,) = list(batch)
    assert (record.key, record.value, record.timestamp, record.headers) == (None, b"\0v", 1234, [("h", b"x")])


def test_what_cannot_be_read_is_said_and_nothing_hangs() -> None:
    zstd = bytearray(built())
    zstd[21:23] = struct.pack(">h", 4)
    old = bytearray(built())
    old[16] = 1
    damaged = bytearray(built())
    damaged[61] = 0x7F
    short = struct.pack(">qiib", 7, 8, 0, 2) + bytes(9)
    bomb = built(1, records=1, value=bytes(20_000_000))
    for data, why in (
        (zstd, "zstd"),
        (old, "0.11"),
        (damaged, "damaged"),
        (short, "head"),
        (bomb, "more than"),
    ):
        (said, *_) = (r for r in batches(bytes(data)) if isinstance(r, Unread))
        assert why in said.why
    assert list(batches(b"\0" * 100)) == []
    assert list(batches(b"")) == []


def test_snappy_and_lz4_by_their_descriptions() -> None:
    block = b"\x0a" + b"\x04ab" + b"\x1d\x02"
    assert decompress(2, b"\x0a\x04ab\x11\x02", 100) == b"ab" + b"ab" * 4
    java = b"\x82SNAPPY\0" + bytes(8) + struct.pack(">i", 6) + b"\x0a\x04ab\x11\x02"
    assert decompress(2, java, 100) == b"ab" * 5
    token = bytes([2 << 4 | 4]) + b"ab" + b"\x02\0" + b"\x10c"
    frame = struct.pack("<IBBB", 0x184D2204, 0x60, 0x40, 0) + struct.pack("<I", len(token)) + token + bytes(4)
    assert decompress(3, frame, 100) == b"ab" * 5 + b"c"
    assert decompress(3, frame, 4) == b"abab"
    for codec in (1, 2, 3):
        with pytest.raises(CompressionError):
            decompress(codec, block[:1] + b"\xff\xff", 100)
    with pytest.raises(CompressionError, match="does not know"):
        decompress(7, b"", 1)
    assert len(decompress(1, zlib.compress(bytes(10**6), wbits=31), 1000)) == 1000


def test_zstd_that_is_damaged_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    class Zstd:
        class ZstdError(Exception):
            pass

        class ZstdDecompressor:
            def decompress(self, data: bytes, most: int) -> bytes:
                raise Zstd.ZstdError("no frame")

    monkeypatch.setitem(sys.modules, "compression", ModuleType("compression"))
    monkeypatch.setitem(sys.modules, "compression.zstd", Zstd)
    with pytest.raises(CompressionError, match=r"damaged \(no frame\)"):
        decompress(4, b"", 100)


def test_a_short_block_that_claims_to_be_large_takes_no_more_memory_than_is_allowed() -> None:
    block = bytes([1 << 4 | 15]) + b"a" + b"\x01\0" + b"\xff" * 200_000 + b"\0"  # a copy of 51 MB
    frame = struct.pack("<IBBB", 0x184D2204, 0x60, 0x40, 0) + struct.pack("<I", len(block)) + block + bytes(4)
    tracemalloc.start()
    try:
        assert len(decompress(3, frame, 100_000)) == 100_000
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 5_000_000


def test_fetch_of_one_partition() -> None:
    t = FetchRequest.FetchTopic
    part = t.FetchPartition(
        partition=3, current_leader_epoch=-1, fetch_offset=5, log_start_offset=-1, partition_max_bytes=1000
    )
    wanted = FetchRequest(
        replica_id=-1, max_wait_ms=100, min_bytes=1, max_bytes=1000, isolation_level=1, session_id=0,
        session_epoch=-1, topics=[t(topic="ü", partitions=[part])], forgotten_topics_data=[], rack_id="",
    )  # fmt: skip
    assert fetch.fetch("ü", {3: 5}, 1000, 100, committed=True).body == bytes(wanted.encode(version=11))
    r = FetchResponse.FetchableTopicResponse
    p = r.PartitionData(
        partition_index=3, error_code=0, high_watermark=9, last_stable_offset=8, log_start_offset=1,
        aborted_transactions=[], preferred_read_replica=-1, records=built(),
    )  # fmt: skip
    answer = FetchResponse(
        throttle_time_ms=0, error_code=0, session_id=0, responses=[r(topic="ü", partitions=[p])]
    )
    error, (read,) = fetch.fetched(bytes(answer.encode(version=11)))
    assert (error, read.partition) == (0, 3)
    assert (read.high_watermark, read.last_stable, read.log_start, read.data) == (9, 8, 1, built())


def test_produce_of_one_record() -> None:
    t = ProduceRequest.TopicProduceData
    batch = batch_of_one(b"k", None, [], 1)
    part = t.PartitionProduceData(index=3, records=batch)
    wanted = ProduceRequest(
        transactional_id=None, acks=-1, timeout_ms=100, topic_data=[t(name="ü", partition_data=[part])]
    )
    assert fetch.produce("ü", 3, batch, 100).body == bytes(wanted.encode(version=8))
    r = ProduceResponse.TopicProduceResponse
    p = r.PartitionProduceResponse
    refused = p(
        index=3, error_code=87, base_offset=-1, log_append_time_ms=-1, log_start_offset=-1,
        record_errors=[p.BatchIndexAndErrorMessage(batch_index=0, batch_index_error_message="no key")],
        error_message=None,
    )  # fmt: skip
    answer = ProduceResponse(responses=[r(name="ü", partition_responses=[refused])], throttle_time_ms=40)
    assert fetch.produced(bytes(answer.encode(version=8))) == fetch.Written(87, "no key", -1, 40)


def test_a_batch_that_is_larger_than_what_was_read_is_told() -> None:
    data = built()
    assert too_large(data, 1000) is None
    found = too_large(data[:40], 40)
    assert found is not None
    assert "more than the 40" in found.reason
