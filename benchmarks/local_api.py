"""The local MSK's API: a signed DescribeCluster over one connection, beside a bare server's constant answer.

Each server has a process of its own and is asked in turns. The bare one is the standard library's
ThreadingHTTPServer, which verifies nothing, checks nothing, and sends the same bytes each time.
"""

from __future__ import annotations

import multiprocessing
import socket
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ROUNDS = 9
ASKED = 300
GOAL = 3.0
_KEY, _SECRET = "AKIDBENCH", "a secret of this benchmark"
_ARN = "arn:aws:kafka:us-east-1:000000000000:cluster/bench/0a1b2c3d-1"
_PATH = "/v1/clusters/" + _ARN.replace(":", "%3A").replace("/", "%2F")


def main() -> list[dict[str, Any]]:
    """Latency of ours as a multiple of the bare server's, and calls a second."""
    ours: list[float] = []
    bare: list[float] = []
    with _served(_serve_api) as api, _served(_serve_constant) as constant:
        for _ in range(ROUNDS):
            ours += _asked(api)
            bare += _asked(constant)
    mine, other = statistics.median(ours), statistics.median(bare)
    p99 = statistics.quantiles(ours, n=100)[98]
    return [
        {
            "claim": "local API: DescribeCluster, against a bare server's constant",
            "value": mine / other,
            "unit": "times as long",
            "goal": f"<= {GOAL:g}",
            "ok": mine / other <= GOAL,
            "detail": f"p50 {mine * 1e3:.2f} against {other * 1e3:.2f} ms; p99 {p99 * 1e3:.2f} ms",
        },
        {
            "claim": "local API: calls over one connection",
            "value": len(ours) / sum(ours),
            "unit": "a second",
            "goal": None,
            "ok": None,
            "detail": f"{len(ours)} signed calls, each verified",
        },
    ]


def _asked(port: int) -> list[float]:
    """Seconds that each of many calls takes over one connection."""
    request, took = _signed(port), []
    with closing(socket.create_connection(("127.0.0.1", port), timeout=10)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(ASKED):
            began = time.perf_counter()
            connection.sendall(request)
            _read_answer(connection)
            took.append(time.perf_counter() - began)
    return took


def _read_answer(connection: socket.socket) -> None:
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 "), head
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)


def _signed(port: int) -> bytes:
    request = AWSRequest("GET", f"http://127.0.0.1:{port}{_PATH}")
    SigV4Auth(Credentials(_KEY, _SECRET), "kafka", "us-east-1").add_auth(request)
    headers = {"Host": f"127.0.0.1:{port}", **dict(request.headers.items())}
    lines = [f"GET {_PATH} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode()


# ------------------------------------------------------------------ the two servers


@contextmanager
def _served(serve: Callable[[Connection], None]) -> Iterator[int]:
    """The port of a server in a process of its own."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(there,), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        process.terminate()
        process.join()


class _Kafka:
    """Describes a cluster."""

    def describe_cluster(self, call: object, **given: str) -> dict[str, Any]:
        """As large as a cluster of three brokers is."""
        return {"ClusterInfo": _cluster(given["ClusterArn"])}


def _cluster(arn: str) -> dict[str, Any]:
    return {
        "ClusterArn": arn,
        "ClusterName": "bench",
        "CreationTime": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        "CurrentVersion": "K3AEGXETSR30VB",
        "State": "ACTIVE",
        "NumberOfBrokerNodes": 3,
        "EnhancedMonitoring": "DEFAULT",
        "BrokerNodeGroupInfo": {
            "InstanceType": "kafka.m7g.large",
            "ClientSubnets": ["subnet-1", "subnet-2", "subnet-3"],
            "SecurityGroups": ["sg-1"],
            "StorageInfo": {"EbsStorageInfo": {"VolumeSize": 100}},
        },
        "CurrentBrokerSoftwareInfo": {"KafkaVersion": "4.1.x.kraft"},
        "EncryptionInfo": {"EncryptionInTransit": {"ClientBroker": "TLS_PLAINTEXT", "InCluster": True}},
        "Tags": {"team": "streams", "stage": "bench"},
    }


def _serve_api(said: Connection) -> None:
    from msktop.local.api.http import serve
    from msktop.local.api.service import Service

    with serve([Service("kafka", _Kafka())], "127.0.0.1", 0, {_KEY: _SECRET}) as server:
        said.send(server.port)
        said.poll(None)


def _serve_constant(said: Connection) -> None:
    body = repr(_cluster(_ARN)).encode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        said.send(server.server_address[1])
        server.serve_forever()
