"""A broker that says what a test tells it to: for answers that no real one can be made to give."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Self

from kafka.protocol.metadata import ApiVersionsResponse, MetadataResponse

_METADATA, _API_VERSIONS = 3, 18
_OFFERED = {
    0: (3, 13),
    2: (1, 11),
    _METADATA: (0, 13),
    _API_VERSIONS: (0, 4),
    19: (2, 7),
    20: (1, 6),
    55: (0, 2),
}

Answers = Mapping[int, Callable[[bytes], bytes]]
"""By API key: makes the body of an answer from a request's bytes, header and all."""


class FakeBroker:
    """Listens on loopback; `metadata` makes the body of each Metadata answer, `hung` lets it fall silent."""

    def __init__(self, metadata: Callable[[], bytes], port: int = 0, answers: Answers | None = None) -> None:
        self.metadata = metadata
        self.answers = answers or {}
        self.hung = threading.Event()
        self.asked = 0
        self._listener = socket.create_server(("127.0.0.1", port))
        self._open: list[socket.socket] = []
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        """HOST:PORT."""
        return f"127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for sock in (self._listener, *self._open):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(sock)
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        try:
            with sock, sock.makefile("rb") as stream:
                while head := stream.read(4):
                    request = stream.read(struct.unpack(">i", head)[0])
                    if self.hung.is_set():
                        continue
                    api_key, version = struct.unpack_from(">hh", request)
                    payload = request[4:8] + self._answer(api_key, version, request)
                    sock.sendall(struct.pack(">i", len(payload)) + payload)
        except (OSError, ValueError):
            return

    def _answer(self, api_key: int, version: int, request: bytes) -> bytes:
        if api_key in self.answers:
            return self.answers[api_key](request)
        if api_key == _API_VERSIONS:
            versions = [
                ApiVersionsResponse.ApiVersion(api_key=key, min_version=low, max_version=high)
                for key, (low, high) in _OFFERED.items()
            ]
            hello = ApiVersionsResponse(error_code=0, api_keys=versions, throttle_time_ms=0)
            return bytes(hello.encode(version=version))
        if version < 9:  # while opening: brokers only
            nobody = MetadataResponse(
                throttle_time_ms=0, brokers=[], cluster_id="c", controller_id=-1, topics=[]
            )
            return bytes(nobody.encode(version=version))
        self.asked += 1
        return b"\0" + self.metadata()
