"""Columns of tables of brokers."""

from __future__ import annotations

from collections.abc import Callable

from msktop.model.broker import Broker
from msktop.session import View
from msktop.ui.columns import Cell, Column
from msktop.ui.format import UNKNOWN, count, dec, foreign, megabytes, pct, rate, watch
from msktop.ui.rows.brokers import disk_used, is_counted, messages_per_s
from msktop.ui.rows.incidents import quiet_falls
from msktop.ui.theme import sign, token
from msktop.ui.widgets.broker_head import state_of
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.row_sparks import rate_grid, rate_spark
from msktop.ui.widgets.told import stale


class Frame:
    """What cells need beside their row: the time of the view, and histories that share one grid."""

    def __init__(self) -> None:
        self.at = 0.0
        self.quiet: frozenset[int] = frozenset()
        self.pace_of: Broker | None = None

    def begin(self, view: View, brokers: list[Broker]) -> None:
        """A new view."""
        self.at = view.cluster.at
        self.quiet = quiet_falls(view.incidents)
        self.pace_of = next((b for b in brokers if "requests" in b.jmx.history), None)


def columns(frame: Frame, *, zone: bool = True) -> list[Column[Broker]]:
    """State, name, zone, address, probe, rates, partitions, disk, version."""

    def state(broker: Broker) -> Cell:
        severity = state_of(broker, frame.quiet)
        return sign(severity), token(severity)

    def name(broker: Broker) -> Cell:
        return broker.name, "crit b" if state_of(broker, frame.quiet) == "crit" else "strong b"

    all_columns = [
        Column[Broker](head="", width=1, cell=state, gap=1),
        Column[Broker](head="broker", width=6, cell=name, sort=lambda b: b.id),
        Column[Broker](
            head="zone",
            width=9,
            cell=lambda b: (foreign(b.zone or "—"), "muted"),
            sort=lambda b: (b.zone or "", b.id),
        ),
        Column[Broker](
            head="address",
            width=18,
            cell=lambda b: (f"{foreign(b.host)}:{b.port}" if b.host else "—", "muted"),
            min_width=150,
        ),
        Column[Broker](
            head="probe",
            width=7,
            cell=_probe(frame),
            align=">",
            sort=lambda b: b.probe.last_ms,
            descending=True,
        ),
        Column[Broker](
            head="p50", width=5, cell=lambda b: (dec(b.probe.p50_ms), "muted"), align=">", min_width=110
        ),
        Column[Broker](
            head="p99 ms",
            width=6,
            cell=lambda b: (dec(b.probe.p99_ms), "muted"),
            align=">",
            sort=lambda b: b.probe.p99_ms,
            descending=True,
        ),
        _rate(frame, "req/s", "requests", rate, gap=1),
        Column[Broker](head="", width=10, draw=_requests(frame), min_width=110),
        _rate(frame, "in MB", "bytes_in", megabytes),
        _rate(frame, "out MB", "bytes_out", megabytes, width=6),
        Column[Broker](
            head="msg/s",
            width=5,
            cell=lambda b: _known(rate, messages_per_s(b, frame.at)),
            align=">",
            sort=lambda b: messages_per_s(b, frame.at),
            descending=True,
            min_width=76,
        ),
        _count("leads", lambda b: b.counts.leaders),
        _count("holds", lambda b: b.counts.replicas, min_width=90),
        Column[Broker](
            head="URP",
            width=4,
            cell=lambda b: (count(b.counts.led_under_replicated if is_counted(b) else None), _urp(b)),
            align=">",
            sort=lambda b: b.counts.led_under_replicated,
            descending=True,
        ),
        Column[Broker](
            head="disk",
            width=4,
            cell=lambda b: _known(pct, disk_used(b)),
            align=">",
            sort=disk_used,
            descending=True,
        ),
        Column[Broker](head="Kafka", width=8, cell=_version, min_width=126),
    ]
    return [c for c in all_columns if zone or c.head != "zone"]


def _probe(frame: Frame) -> Callable[[Broker], Cell]:
    """Now; a stopwatch while there is no answer."""

    def cell(broker: Broker) -> Cell:
        probe = broker.probe
        if probe.word in ("down", "suspect"):
            since = probe.silent_since or probe.since or frame.at
            return watch(frame.at - since), f"{state_of(broker, frame.quiet)} b"
        return dec(probe.last_ms), "text" if probe.last_ms is not None else "faint"

    return cell


def _rate(
    frame: Frame, head: str, key: str, words: Callable[[float | None], str], *, width: int = 5, gap: int = 2
) -> Column[Broker]:
    def cell(broker: Broker) -> Cell:
        value = broker.jmx.rates.get(key)
        return _faint_unless(words(value), value is not None and not stale(broker.jmx, frame.at))

    return Column[Broker](
        head=head,
        width=width,
        cell=cell,
        align=">",
        gap=gap,
        sort=lambda b: b.jmx.rates.get(key),
        descending=True,
    )


def _count(head: str, of: Callable[[Broker], int], min_width: int = 0) -> Column[Broker]:
    return Column[Broker](
        head=head,
        width=5,
        cell=lambda b: str(of(b)) if is_counted(b) else UNKNOWN,
        align=">",
        sort=of,
        descending=True,
        min_width=min_width,
    )


def _requests(frame: Frame) -> Callable[[Canvas, int, int, int, Broker], None]:
    def draw(canvas: Canvas, x: int, y: int, width: int, broker: Broker) -> None:
        shared = frame.pace_of
        pace = (shared.jmx.history["requests"],) if shared is not None else ()
        history = broker.jmx.history.get("requests")
        rate_spark(canvas, x, y, rate_grid(frame.at, width, pace), () if history is None else (history,))

    return draw


def _urp(broker: Broker) -> str:
    """A consequence stays plain; the cause is coloured in the first column."""
    return "text" if broker.counts.led_under_replicated else "faint"


def _version(broker: Broker) -> Cell:
    if broker.kafka_version is None:
        return "—", "faint"
    return ("≈" if broker.version_estimated else "") + foreign(broker.kafka_version), "muted"


def _faint_unless(text: str, known: bool) -> Cell:
    return text, "text" if known else "faint"


def _known(words: Callable[[float | None], str], value: float | None) -> Cell:
    return _faint_unless(words(value), value is not None)
