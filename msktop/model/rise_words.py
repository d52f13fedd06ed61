"""What rose, and what is behind it, in words: request type, brokers, topics, client software."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from msktop.model.cluster import Cluster
from msktop.model.rise_rules import SHORT_S
from msktop.model.series import Series
from msktop.model.text import plain
from msktop.model.traffic import RateKey, Traffic, Usual

NAMED = 3
"""So many brokers, topics or clients are named at most."""
_MOST = 0.8
"""Those are named that make up this part of the rise."""
_SPREAD = 0.6
"""Brokers share a rise where the largest part is no more than this beyond an equal one."""
_BY_OUT = ("requests/FetchConsumer",)
"""Types that read: behind them are topics by bytes out; behind the others by records in."""


@dataclass(frozen=True, slots=True)
class Rise:
    """One rate that has risen: `now` beside `usual`, both per second."""

    figure: str
    broker: int | None
    now: float
    usual: float

    @property
    def name(self) -> str:
        """The request type, or `messages`.

        >>> Rise("requests/Produce", None, 310.0, 100.0).name, Rise("messages", 1, 3.0, 1.0).name
        ('Produce', 'messages')
        """
        return self.figure.removeprefix("requests/")

    @property
    def words(self) -> str:
        """What it is now and what it was.

        >>> Rise("requests/Produce", None, 310.0, 100.0).words, Rise("messages", 1, 3000.0, 0.0).words
        ('Produce 310/s, usually 100 (3.1×)', 'messages 3000/s, usually 0')
        """
        times = f" ({self.times})" if self.usual > 0 else ""
        return f"{self.name} {_short(self.now)}/s, usually {_short(self.usual)}{times}"

    @property
    def times(self) -> str:
        """How many times as much as usual; or how much, where there was none.

        >>> Rise("messages", 1, 3000.0, 1000.0).times, Rise("messages", 1, 30.0, 0.0).times
        ('3.0×', '30/s')
        """
        return f"{self.now / self.usual:.1f}×" if self.usual > 0 else f"{_short(self.now)}/s"


@dataclass(frozen=True, slots=True)
class More:
    """One part of a rise: how much more than usual, and how much there is."""

    name: str
    more: float
    now: float


def rise_of(traffic: Traffic, key: RateKey, usual: Usual) -> Rise:
    """The rate as it is now."""
    return Rise(*key, now=traffic.recent(key).short or 0.0, usual=usual.median)


def detail(cluster: Cluster, rises: Sequence[Rise]) -> str:
    """One line: the largest rise, on which brokers, topics, clients, and which others rose too."""
    first = rises[0]
    parts = [first.words]
    if first.broker is None and (brokers := on_brokers(cluster, first)):
        parts[0] += f" on {brokers}"
    parts += [words for words in (topics_words(cluster, first), clients_words(cluster)) if words]
    if len(rises) > 1:
        parts.append("also " + ", ".join(f"{r.name} {r.times}" for r in rises[1 : NAMED + 2]))
    return "; ".join(parts)


def on_brokers(cluster: Cluster, rise: Rise) -> str:
    """The brokers on which a cluster-wide rate rose most; all of them where they share it."""
    traffic = cluster.traffic
    found = [
        More(broker.name, *_against(traffic, (rise.figure, broker.id)))
        for broker in cluster.brokers.values()
        if (rise.figure, broker.id) in traffic.rates
    ]
    total = sum(max(0.0, f.more) for f in found)
    if not found or total <= 0:
        return ""
    if max(f.more for f in found) / total <= (1 + _SPREAD) / len(found):
        return "all brokers" if len(found) > 1 else found[0].name
    return ", ".join(f.name for f in most_of(found))


def topics_words(cluster: Cluster, rise: Rise) -> str:
    """The topics behind it.

    Records in are those of the whole cluster: a broker's own share of a topic is not kept.
    """
    traffic = cluster.traffic
    reads = rise.figure in _BY_OUT and any(figure.startswith("out/") for figure, _ in traffic.rates)
    prefix, unit = ("out/", "B") if reads else ("topic/", "")
    led = None if rise.broker is None else _led_by(cluster, rise.broker)
    found = _of_prefix(traffic, prefix, led)
    named = most_of(found)
    if not named:
        return "" if rise.name not in _OF_TOPICS else "no topic stands out"
    told = ", ".join(f"{plain(f.name)} +{_short(f.more)}{unit}/s" for f in named)
    return f"topic{'s' if len(named) > 1 else ''} {told}"


_OF_TOPICS = ("Produce", "FetchConsumer", "FetchFollower", "messages")


def clients_words(cluster: Cluster) -> str:
    """The client software with more connections than usual; else what is connected most.

    Kafka counts connections by client software, not requests: this says who is new, not who sends more.
    """
    found = _of_prefix(cluster.traffic, "software/", None)
    if not found:
        return ""
    named = [f for f in most_of(found) if f.more >= 1]
    if named:
        return "connections of " + ", ".join(f"{plain(f.name)} +{f.more:.0f}" for f in named)
    most = sorted(found, key=lambda f: (f.name.startswith("unknown"), -f.now))[:NAMED]
    told = ", ".join(f"{plain(f.name).replace(*_UNTOLD)} ({f.now:.0f})" for f in most)
    return f"no new clients: {told}"


_UNTOLD = ("unknown unknown", "unknown")
"""Brokers, and whoever never told name and version."""


def most_of(found: Iterable[More]) -> list[More]:
    """The fewest that make up most of what is more, three at most.

    >>> [m.name for m in most_of([More("a", 70.0, 1.0), More("b", -5.0, 1.0), More("c", 30.0, 1.0)])]
    ['a', 'c']
    >>> [m.name for m in most_of([More("a", 90.0, 1.0), More("c", 10.0, 1.0)])]
    ['a']
    """
    more = sorted((f for f in found if f.more > 0), key=lambda f: -f.more)
    total, sofar = sum(f.more for f in more), 0.0
    named: list[More] = []
    for one in more[:NAMED]:
        if sofar >= _MOST * total:
            break
        named.append(one)
        sofar += one.more
    return named


def _of_prefix(traffic: Traffic, prefix: str, names: frozenset[str] | None) -> list[More]:
    return [
        More(key[0].removeprefix(prefix), *_against(traffic, key))
        for key in traffic.rates
        if key[0].startswith(prefix) and (names is None or key[0].removeprefix(prefix) in names)
    ]


def _led_by(cluster: Cluster, broker: int) -> frozenset[str]:
    return frozenset(
        name for name, t in cluster.topics.items() if any(p.leader == broker for p in t.partitions.values())
    )


def _against(traffic: Traffic, key: RateKey) -> tuple[float, float]:
    """How much more there is than before the newest two minutes, and how much there is.

    What was not there before was nothing: of topics the busiest are kept.
    """
    series, at = traffic.rates[key], traffic.at or 0.0
    usual = traffic.usual.get(key)
    now = _median(series, at - SHORT_S, at)
    before = usual.median if usual is not None else _median(series, 0.0, at - SHORT_S)
    return now - before, now


def _median(series: Series, begin: float, end: float) -> float:
    known = [v for t, v in series.since(begin) if t <= end and v is not None]
    return median(known) if known else 0.0


def _short(value: float) -> str:
    """Three significant digits.

    >>> _short(0.256), _short(310.4), _short(12_345.0), _short(4_560_000.0)
    ('0.26', '310', '12.3k', '4.56M')
    """
    for size, suffix in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if value >= size:
            return f"{value / (1e3 if suffix == 'k' else size):.3g}{suffix}"
    return f"{value:.0f}" if value >= 10 or value == 0 else f"{value:.2g}"
