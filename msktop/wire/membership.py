"""UnregisterBroker 0 (Kafka 3.0 and later, KRaft): a stopped broker is a member until somebody says so."""

from __future__ import annotations

import struct

from msktop.wire.call import Call
from msktop.wire.fields import NO_TAGS, Reader, decoding

UNREGISTER_BROKER = 64

BROKER_ID_NOT_REGISTERED = 102
"""Nothing to do: it is gone already."""


def unregister(broker_id: int) -> Call:
    """The request that takes a broker out of the cluster; any node hands it on to the active controller.

    The controller does not ask whether replicas are left on it.
    """
    body = struct.pack(">i", broker_id) + NO_TAGS
    return Call("unregister_broker", UNREGISTER_BROKER, 0, body, flexible=True)


def unregistered(body: bytes) -> tuple[int, str]:
    r"""Error code and message. Raises WireError.

    >>> unregistered(b"\0\0\0\0" b"\0\x66" b"\5gone" b"\0")
    (102, 'gone')
    """
    with decoding("unregister_broker"):
        r = Reader(body)
        r.int32()  # throttle time
        return r.int16(), r.compact_string() or ""
