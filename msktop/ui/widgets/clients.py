"""Threads, connections, client software and topics behind the traffic, side by side or two by two."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msktop.model.cluster import Cluster
from msktop.ui.format import UNKNOWN, foreign, megabytes, num, pct, rate
from msktop.ui.rows.clients import listeners, movers, software, threads
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.draw import title

BUSY = 0.3
"""Idle shares below it are loud: AWS's threshold, msk-facts 5.4."""
_GAP = 2
_WIDE = 110
"""In fewer cells than this the four parts stand two by two."""
_TIGHT = 34
"""In a part of fewer cells than this the least telling column is left out."""

Part = Callable[[Canvas, Cluster, int, int, int, int], None]


def draw_clients(canvas: Canvas, cluster: Cluster) -> None:
    """Everything, in the room that there is."""
    parts: tuple[Part, ...] = (_threads, _listeners, _software, _topics)
    across = 4 if canvas.width >= _WIDE else 2
    width = (canvas.width - _GAP * (across - 1)) // across
    height = canvas.height // (len(parts) // across)
    for n, part in enumerate(parts):
        x, y = n % across * (width + _GAP), n // across * height
        part(canvas, cluster, x, y, width, height)


Cells = Sequence[tuple[str, str]]
"""Cells of a row at the right of its name: text and spec."""


def _table(
    canvas: Canvas,
    x: int,
    y: int,
    width: int,
    height: int,
    head: tuple[str, str],
    columns: Sequence[tuple[str, int]],
    rows: Sequence[tuple[str, Cells]],
    empty: str,
) -> None:
    """A small table: a title, heads, names at the left, figures at the right."""
    room = height - 3
    hidden = len(rows) - room
    title(canvas, y, head[0], head[1], x=x, width=width, right=f"+{hidden}" if hidden > 0 else "")
    if not rows:
        canvas.text(x, y + 1, empty, "muted", width)
        return
    right = x + width
    for text, own in reversed(columns):
        canvas.right(right, y + 1, text, "muted")
        right -= own + 1
    for n, (name, cells) in enumerate(rows[: max(0, room)]):
        end = x + width
        for (text, spec), (_, own) in zip(reversed(cells), reversed(columns), strict=True):
            canvas.right(end, y + 2 + n, text, spec)
            end -= own + 1
        canvas.text(x, y + 2 + n, name, "text", end - x)


def _threads(canvas: Canvas, cluster: Cluster, x: int, y: int, width: int, height: int) -> None:
    rows = [
        (
            t.broker.name,
            (
                (pct(t.network_idle), _idle_spec(None if t.stale else t.network_idle)),
                (pct(t.handler_idle), _idle_spec(None if t.stale else t.handler_idle)),
                (num(t.waiting, 4), "muted" if t.waiting else "faint"),
                _ours(t.throttle_ms),
            ),
        )
        for t in threads(cluster.brokers.values())
    ]
    columns = (("netw", 4), ("hand", 4), ("wait", 4), ("thr ms", 6))
    head = ("Threads idle", "throttle of our requests" if width >= _TIGHT else "")
    _table(canvas, x, y, width, height, head, columns, rows, "no broker is known yet")


def _idle_spec(idle: float | None) -> str:
    return "faint" if idle is None else "warn b" if idle < BUSY else "text"


def _ours(throttle_ms: int | None) -> tuple[str, str]:
    if throttle_ms is None:
        return UNKNOWN, "faint"
    return f"{throttle_ms}", "warn b" if throttle_ms else "faint"


def _listeners(canvas: Canvas, cluster: Cluster, x: int, y: int, width: int, height: int) -> None:
    rows = [
        (
            foreign(s.name),
            ((num(s.connections), "text"), (rate(s.new_per_s), "text" if s.new_per_s else "faint")),
        )
        for s in listeners(cluster.brokers.values())
    ]
    columns = (("open", 5), ("new/s", 5))
    _table(canvas, x, y, width, height, ("Connections", "by listener"), columns, rows, "no metrics")


def _software(canvas: Canvas, cluster: Cluster, x: int, y: int, width: int, height: int) -> None:
    rows = [
        (
            foreign(f"{s.name} {s.version}".strip()),
            ((num(s.connections), "text"), (num(float(s.brokers), 3), "muted")),
        )
        for s in software(cluster.brokers.values())
    ]
    columns = (("conns", 5), ("on", 3))
    _table(canvas, x, y, width, height, ("Clients", "by software"), columns, rows, "no metrics")


def _topics(canvas: Canvas, cluster: Cluster, x: int, y: int, width: int, height: int) -> None:
    rows = [
        (
            foreign(m.name),
            (
                (rate(m.messages_per_s), "text" if m.messages_per_s else "faint"),
                (megabytes(m.bytes_in_per_s), "text" if m.bytes_in_per_s else "faint"),
                (megabytes(m.bytes_out_per_s), "text" if m.bytes_out_per_s else "faint"),
            ),
        )
        for m in movers(cluster)
    ]
    columns = (("rec/s", 5), ("MB/s", 5), ("out", 5))
    _table(canvas, x, y, width, height, ("Topics", "busiest"), columns, rows, "no topic is written to")
