"""A byte stream cut into frames, in the clear or in TLS, without a socket: bytes in, bytes out."""

from __future__ import annotations

import ssl

from msktop.wire.errors import tls_failed
from msktop.wire.framing import Frames, framed

_READ_BYTES = 65_536


class Link:
    """Both directions of one connection: what `outgoing` returns is to be sent, `receive` is fed what came.

    Whoever owns the socket (a blocking connection, the probe's loop) stamps the times.
    """

    def __init__(self, context: ssl.SSLContext | None, host: str, *, with_certificate: bool = False) -> None:
        self._frames = Frames()
        self._out = bytearray()
        self._with_certificate = with_certificate
        self._tls: ssl.SSLObject | None = None
        self.secured = context is None
        """True once frames can be sent."""
        if context is not None:
            self._from_peer = ssl.MemoryBIO()
            self._to_peer = ssl.MemoryBIO()
            self._tls = context.wrap_bio(self._from_peer, self._to_peer, server_hostname=host)

    @property
    def tls_version(self) -> str | None:
        """`TLSv1.3`; None in the clear."""
        return self._tls.version() if self._tls is not None else None

    def start(self) -> None:
        """Begin the TLS handshake, if there is one."""
        if self._tls is not None:
            self._handshake()

    def send(self, payload: bytes) -> None:
        """Queue one frame."""
        if self._tls is None:
            self._out += framed(payload)
            return
        try:
            self._tls.write(framed(payload))
        except ssl.SSLError as error:
            raise tls_failed("tls", error, with_certificate=self._with_certificate) from error

    def outgoing(self) -> bytes:
        """Take what is to be sent now."""
        if self._tls is not None:
            return self._to_peer.read()
        out = bytes(self._out)
        self._out.clear()
        return out

    def receive(self, data: bytes, stage: str = "api_versions") -> list[bytes]:
        """The payloads that `data` completes. A failure is a WireError said of `stage`."""
        if self._tls is None:
            return self._frames.feed(data, stage)
        self._from_peer.write(data)
        if not self.secured:
            self._handshake()
            if not self.secured:
                return []
        frames: list[bytes] = []
        try:
            while clear := self._tls.read(_READ_BYTES):
                frames += self._frames.feed(clear, stage)
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            pass  # the peer's goodbye: its end of the socket follows
        except ssl.SSLError as error:
            raise tls_failed(stage, error, with_certificate=self._with_certificate) from error
        return frames

    def _handshake(self) -> None:
        assert self._tls is not None
        try:
            self._tls.do_handshake()
            self.secured = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            raise tls_failed("tls", error, with_certificate=self._with_certificate) from error
