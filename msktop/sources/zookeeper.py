"""ZooKeeper servers by their own four-letter words, each server in a thread of its own."""

from __future__ import annotations

import queue
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from msktop.model.cluster import Cluster
from msktop.model.control_samples import ZooKeeperSeen
from msktop.model.samples import Sample
from msktop.sources.pump import Clock, Stop
from msktop.wire.dialing import dial
from msktop.wire.errors import WireError
from msktop.wire.network import Network

PERIOD_S = 5.0
TIMEOUT_S = 2.0
UNREACHED_S = 60.0
"""A server that never answered is tried again so often: on MSK most are in nobody's security group."""
UNLISTED_S = 600.0
"""A word that is not in a server's 4lw.commands.whitelist is tried again so often."""
LOOK_S = 0.25
PORT = 2181
_MOST_BYTES = 65_536
_NOT_LISTED = "is not in the whitelist"
_NOT_SERVING = "not currently serving requests"

Mode = Literal["leader", "follower", "observer", "standalone"]


@dataclass(frozen=True, slots=True)
class Server:
    """One ZooKeeper server and where it is."""

    id: int
    host: str
    port: int


def servers(cluster: Cluster) -> set[Server]:
    """Those that the control plane lists.

    >>> servers(Cluster())
    set()
    """
    found = set()
    for node in cluster.nodes.values():
        listed = node.inventory
        if node.role == "zookeeper" and listed is not None:
            host = listed.endpoints[0] if listed.endpoints else listed.address
            if host:
                found.add(Server(node.id, host, listed.port or PORT))
    return found


class ZooKeeperSource:
    """ZooKeeperSeen of every listed server each five seconds; nothing where there is none.

    Needs no login and takes none, so it works only where the words are in the server's whitelist and the port
    can be reached. What cannot be had is said once, and then only when it changes.
    """

    name = "zookeeper"

    def __init__(self, network: Network, clock: Clock, cluster: Callable[[], Cluster]) -> None:
        self._network = network
        self._clock = clock
        self._cluster = cluster

    def samples(self, stop: Stop) -> Iterator[Sample]:
        """What the servers say, until `stop`."""
        said: queue.SimpleQueue[Sample] = queue.SimpleQueue()
        watched: dict[Server, threading.Event] = {}
        try:
            while not stop.is_set():
                wanted = servers(self._cluster())
                for gone in watched.keys() - wanted:
                    watched.pop(gone).set()
                for server in wanted - watched.keys():
                    ended = watched[server] = threading.Event()
                    watcher = _Watcher(server, self._network, self._clock, said.put)
                    threading.Thread(
                        target=watcher.run, args=(ended,), name=f"zookeeper {server.id}", daemon=True
                    ).start()
                try:
                    yield said.get(timeout=LOOK_S)
                except queue.Empty:
                    continue
        finally:
            for ended in watched.values():
                ended.set()


class _Watcher:
    """One server."""

    def __init__(
        self, server: Server, network: Network, clock: Clock, emit: Callable[[Sample], None]
    ) -> None:
        self._server = server
        self._network = network
        self._clock = clock
        self._emit = emit
        self._last_ok_at: float | None = None
        self._said = ""
        """The error that was said last, while nothing else has been."""
        self._unlisted_until: dict[str, float] = {}

    def run(self, ended: threading.Event) -> None:
        """Look until `ended`."""
        while not ended.is_set():
            began = time.monotonic()
            seen = self._look()
            if not ended.is_set() and (not seen.error or seen.error != self._said or self._last_ok_at):
                self._emit(seen)
            self._said = seen.error
            period_s = PERIOD_S if self._last_ok_at is not None else UNREACHED_S
            ended.wait(max(0.0, began + period_s - time.monotonic()))

    def _look(self) -> ZooKeeperSeen:
        began = time.monotonic()
        try:
            srvr = self._word("srvr")
            mntr = self._word("mntr")
        except WireError as error:
            return self._unseen(error.reason)
        if srvr is None and mntr is None:
            return self._unseen("neither srvr nor mntr is in its 4lw.commands.whitelist")
        at = self._last_ok_at = self._clock.now()
        return zookeeper_seen(self._server.id, srvr or "", mntr or "", at, (time.monotonic() - began) * 1e3)

    def _unseen(self, why: str) -> ZooKeeperSeen:
        return ZooKeeperSeen(
            at=self._clock.now(), node_id=self._server.id, error=why, last_ok_at=self._last_ok_at
        )

    def _word(self, word: str) -> str | None:
        """What the server answers to one word; None where it is not in its whitelist. Raises WireError."""
        if time.monotonic() < self._unlisted_until.get(word, 0.0):
            return None
        answer = ask(self._server, word, self._network)
        if _NOT_LISTED in answer:
            self._unlisted_until[word] = time.monotonic() + UNLISTED_S
            return None
        return answer


def ask(server: Server, word: str, network: Network) -> str:
    """One four-letter word and the whole answer, after which the server closes. Raises WireError."""
    deadline = time.monotonic() + TIMEOUT_S
    with dial(network, server.host, server.port, TIMEOUT_S) as sock:
        received = bytearray()
        try:
            sock.settimeout(max(0.001, deadline - time.monotonic()))
            sock.sendall(word.encode())
            while len(received) < _MOST_BYTES:
                sock.settimeout(max(0.001, deadline - time.monotonic()))
                data = sock.recv(8192)
                if not data:
                    break
                received += data
        except TimeoutError as error:
            raise WireError(word, "timeout", f"no answer to {word} within {TIMEOUT_S:g} s") from error
        except OSError as error:
            raise WireError(word, "reset", f"the connection broke at {word}: {error.strerror}") from error
    if not received:
        raise WireError(word, "reset", f"closed the connection without an answer to {word}")
    return received.decode("utf-8", "replace")


# ------------------------------------------------------------------ what the words say

_LINE = re.compile(r"^([A-Za-z_/ ]+?)[:\t] *(.*)$", re.MULTILINE)


def zookeeper_seen(node_id: int, srvr: str, mntr: str, at: float, took_ms: float) -> ZooKeeperSeen:
    r"""The sample of two answers; what srvr does not say, mntr may.

    >>> srvr = "Latency min/avg/max: 0/0.5/9\nMode: leader\n"
    >>> seen = zookeeper_seen(1, srvr, "zk_synced_followers\t2\n", 1.0, 2.0)
    >>> seen.mode, seen.latency_mean_ms, seen.synced_followers, seen.serving
    ('leader', 0.5, 2, True)
    >>> zookeeper_seen(1, "This ZooKeeper instance is not currently serving requests\n", "", 1.0, 2.0).serving
    False
    """
    words = dict(_LINE.findall(srvr))
    figures = dict(_LINE.findall(mntr))
    mode = words.get("Mode") or figures.get("zk_server_state")
    latency = (words.get("Latency min/avg/max") or "").split("/")
    low, mean, high = latency if len(latency) == 3 else ("", "", "")
    return ZooKeeperSeen(
        at=at,
        node_id=node_id,
        serving=_NOT_SERVING not in srvr + mntr,
        last_ok_at=at,
        mode=next((m for m in get_args(Mode) if m == mode), None),
        version=(words.get("Zookeeper version") or figures.get("zk_version") or "").partition("-")[0] or None,
        latency_min_ms=_number(low, figures, "zk_min_latency"),
        latency_mean_ms=_number(mean, figures, "zk_avg_latency"),
        latency_max_ms=_number(high, figures, "zk_max_latency"),
        outstanding=_whole(words.get("Outstanding"), figures, "zk_outstanding_requests"),
        connections=_whole(words.get("Connections"), figures, "zk_num_alive_connections"),
        znodes=_whole(words.get("Node count"), figures, "zk_znode_count"),
        zxid=words.get("Zxid"),
        followers=_whole(figures.get("zk_followers"), figures, "zk_learners"),
        synced_followers=_whole(None, figures, "zk_synced_followers"),
        took_ms=took_ms,
    )


def _number(text: str | None, figures: Mapping[str, str], otherwise: str) -> float | None:
    try:
        return float(text or figures.get(otherwise, ""))
    except ValueError:
        return None


def _whole(text: str | None, figures: Mapping[str, str], otherwise: str) -> int | None:
    number = _number(text, figures, otherwise)
    return None if number is None else int(number)
