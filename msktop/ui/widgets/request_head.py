"""What one request type is now: rate beside its usual, where its time goes, errors by code."""

from __future__ import annotations

from msktop.model.cluster import Cluster
from msktop.ui.format import UNKNOWN, age, dec, foreign, pct, rate, size
from msktop.ui.rows.requests import PARTS, WAITING, RequestRow
from msktop.ui.theme import Glyph
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.draw import sentence, title
from msktop.ui.widgets.request_table import draw_split, legend
from msktop.ui.widgets.titled import wrap
from msktop.ui.widgets.told import TURN_ON

_HEADS = ("total", "queue", "local", "remote", "resp q", "send", "throttle")
_STATS = ("p50", "p99", "mean")


def draw_head(canvas: Canvas, cluster: Cluster, row: RequestRow) -> None:
    """Figures, the split of its p99, errors."""
    title(canvas, 0, foreign(row.api), _notes(cluster, row), right=_age_words(cluster))
    if row.slowest is None:
        read = any(b.jmx.at is not None for b in cluster.brokers.values())
        words = "No broker has served this type yet." if read else f"No page of metrics. {TURN_ON}"
        for y, line in enumerate(wrap(words, canvas.width - 2), start=1):
            canvas.text(0, y, line, "muted")
        return
    _figures(canvas, cluster, row)
    _parts(canvas, row)
    _errors(canvas, row)


def _notes(cluster: Cluster, row: RequestRow) -> list[str]:
    waits = "long is normal: it waits for new data, or for others" if row.api in WAITING else ""
    on = f"times of {row.slowest.name}, the slowest" if row.slowest is not None else ""
    return [n for n in (on, waits) if n]


def _age_words(cluster: Cluster) -> str:
    pages = [b.jmx.at for b in cluster.brokers.values() if b.jmx.at is not None]
    return f"metrics up to {age(cluster.at - min(pages))} old" if pages else "no metrics"


def _figures(canvas: Canvas, cluster: Cluster, row: RequestRow) -> None:
    usual = cluster.traffic.usual.get((f"requests/{row.api}", None))
    told = f"usually {rate(usual.median).strip()}" if usual is not None else "usual not known yet"
    page = row.slowest.jmx.values if row.slowest is not None else {}
    mean = page.get(f"request_bytes/mean/{row.api}")
    x = canvas.text(0, 1, rate(row.per_s).strip(), "strong b")
    facts = sentence(
        f"{pct(row.share).strip()} of all",
        told,
        f"{size(row.bytes_per_s).strip()}/s in requests, {size(mean).strip()} each",
    )
    canvas.text(x + 1, 1, "/s", "faint")
    canvas.text(x + 5, 1, facts, "muted", canvas.width - x - 5)


def _parts(canvas: Canvas, row: RequestRow) -> None:
    """Total and its parts as p50, p99 and mean; throttle is not within the total."""
    values = row.slowest.jmx.values if row.slowest is not None else {}
    names = ("total", *PARTS, "throttle")
    own = 9 if canvas.width >= 76 else 7
    for n, head in enumerate(_HEADS):
        canvas.right(8 + own * (n + 1), 2, head[: own - 1], "muted")
    for y, stat in enumerate(_STATS, start=3):
        canvas.text(0, y, f"{stat} ms", "muted")
        for n, name in enumerate(names):
            value = values.get(f"time_ms/{name}/{stat}/{row.api}")
            loud = name == "throttle" and bool(value)
            spec = "faint" if not value else "warn b" if loud else "text"
            canvas.right(8 + own * (n + 1), y, dec(value).strip() if value != 0 else "0", spec)
    x = legend(canvas, 0, 6)
    if canvas.width - x >= 20:
        draw_split(canvas, x + 1, 6, min(60, canvas.width - x - 1), row)


def _errors(canvas: Canvas, row: RequestRow) -> None:
    """By code, most first; all that have room."""
    if row.errors_per_s is None:
        canvas.text(0, 7, f"errors/s  {UNKNOWN}", "faint")
        return
    if not row.codes:
        canvas.text(0, 7, "no errors since the page before", "faint")
        return
    x = canvas.text(0, 7, "errors/s", "muted") + 2
    for n, (code, per_s) in enumerate(row.codes):
        text = f"{foreign(code, 44)} {rate(per_s).strip()}"
        if x + len(text) > canvas.width - 5 and n:
            canvas.text(x, 7, f"+{len(row.codes) - n}", "muted")
            return
        x = canvas.text(x, 7, text, "warn", canvas.width - x) + 1
        x = canvas.text(x, 7, Glyph.DOT, "faint") + 1 if n + 1 < len(row.codes) else x
