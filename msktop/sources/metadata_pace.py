"""When to ask for Metadata, and for how much of it. Pure: times are handed in, in seconds of one clock."""

from __future__ import annotations

from dataclasses import dataclass

FULL_MIN_S, FULL_MAX_S = 2.0, 5.0
FULL_COSTS = 20
"""A full answer is asked for at most every 20 times as long as the last one took, within the two limits."""
PARTIAL_S = 0.25
KEYFRAME_S = 60.0
KEYFRAME_COSTS = 200
RETRY_S = 1.0
"""After every broker was tried in vain: no broker is asked for a new connection more often than this."""
AFTER_CHANGE_S = 0.5
"""A change in a part of the cluster: look at the whole of it soon."""
CALM_AFTER_S = 10.0
CALM_AFTER_SUSPECT_S = 30.0
"""How long after the last event the topics concerned are followed. Longer while a broker is missing:
Kafka fences it after its session time-out (9 s by default, 18 s in ZooKeeper mode)."""
DEADLINE_MIN_S, DEADLINE_MAX_S = 1.0, 15.0
DEADLINE_COSTS = 5


def full_period_s(cost_s: float) -> float:
    """Seconds between two full answers.

    >>> full_period_s(0.004), full_period_s(0.15), full_period_s(1.0)
    (2.0, 3.0, 5.0)
    """
    return min(max(FULL_COSTS * cost_s, FULL_MIN_S), FULL_MAX_S)


def deadline_s(cost_s: float, rounds: int) -> float:
    """How long an answer may take; doubles with each round in which nobody answered in time.

    >>> deadline_s(0.004, 0), deadline_s(0.5, 0), deadline_s(0.5, 1), deadline_s(0.5, 9)
    (1.0, 2.5, 5.0, 15.0)
    """
    return min(max(DEADLINE_COSTS * cost_s, DEADLINE_MIN_S) * (1 << min(rounds, 8)), DEADLINE_MAX_S)


@dataclass(slots=True)
class Pace:
    """What is due when.

    >>> pace = Pace()
    >>> pace.full_is_due(0.0), pace.partial_is_due(0.0)
    (True, False)
    >>> pace.answered(0.0, 0.01, full=True, changed=False)
    >>> pace.full_is_due(1.9), pace.full_is_due(2.0)
    (False, True)
    >>> pace.event(1.0, suspects=True)
    >>> pace.partial_is_due(1.0), pace.partial_is_due(31.5)
    (True, False)
    >>> pace.answered(1.0, 0.01, full=False, changed=True)
    >>> pace.partial_is_due(1.2), pace.partial_is_due(1.25), pace.full_is_due(1.5)
    (False, True, True)
    """

    full_at: float = 0.0
    partial_at: float = 0.0
    keyframe_at: float = 0.0
    calm_at: float = 0.0
    cost_s: float = 0.0
    """Of the last full answer: asking, waiting, reading."""
    rounds: int = 0
    """In which nobody answered, one after the other."""

    def full_is_due(self, now: float) -> bool:
        """Whether to ask for all topics."""
        return now >= self.full_at

    def partial_is_due(self, now: float) -> bool:
        """Whether to ask for the topics concerned."""
        return self.partial_at <= now < self.calm_at

    def keyframe_is_due(self, now: float) -> bool:
        """Whether a full answer is to be emitted whole."""
        return now >= self.keyframe_at

    @property
    def deadline_s(self) -> float:
        """How long the next answer may take."""
        return deadline_s(self.cost_s, self.rounds)

    def event(self, now: float, *, suspects: bool) -> None:
        """A broker became suspect or came back, or leaders moved: look closely for a while."""
        self.calm_at = max(self.calm_at, now + (CALM_AFTER_SUSPECT_S if suspects else CALM_AFTER_S))

    def answered(self, begun: float, cost_s: float, *, full: bool, changed: bool) -> None:
        """An answer that was asked for at `begun` has been taken."""
        self.rounds = 0
        self.partial_at = begun + PARTIAL_S
        if full:
            self.cost_s = cost_s
            self.full_at = begun + full_period_s(cost_s)
        elif changed:
            self.full_at = min(self.full_at, begun + max(AFTER_CHANGE_S, FULL_COSTS * self.cost_s))

    def keyframe_made(self, begun: float, cost_s: float) -> None:
        """A keyframe was emitted."""
        self.keyframe_at = begun + max(KEYFRAME_S, KEYFRAME_COSTS * cost_s)

    def begin_anew(self) -> None:
        """Everything is due: another cluster answered."""
        self.full_at = self.keyframe_at = 0.0

    def nobody_answered(self, begun: float) -> None:
        """All brokers failed: wait a little."""
        self.rounds += 1
        self.full_at = max(self.full_at, begun + RETRY_S)
        self.partial_at = max(self.partial_at, begun + RETRY_S)

    def throttled(self, now: float, throttle_s: float) -> None:
        """The cluster asks for a pause: a client that goes on is muted."""
        self.full_at = max(self.full_at, now + throttle_s)
        self.partial_at = max(self.partial_at, now + throttle_s)
