"""One broker: a ping on the open connection every 250 ms, a new connection through all stages every 15 s.

A new connection is also tried as soon as the open one breaks, and when it has been silent for a while, to
learn which stage hangs. Never more than one attempt a second (MSK limits new connections; 4/s on t3).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from msktop.model.samples import Probed, Sample
from msktop.model.stages import Outcome, Stage
from msktop.sources.probing.attempt import Attempt, Listener, Opened
from msktop.sources.probing.pinger import Pinger
from msktop.sources.probing.poller import MS, Poller, Timer
from msktop.wire.errors import WireError
from msktop.wire.minimal import Brokers

PING_NS = 250 * MS
CONNECT_NS = 15_000 * MS
ATTEMPT_NS = 1_000 * MS
"""The least time from one attempt to the next."""
SILENT_MS = 1_500
"""Silence after which a new connection is tried: its stage is known when the silence counts as a hang."""
UNWELCOME_NS = {"sasl": 30_000 * MS, "tls": 10_000 * MS, "protocol": 10_000 * MS}
"""Waits after an attempt that no repetition makes better; refused logins may lock an account."""
REFUSED_BUT_UP_NS = 5_000 * MS
"""The wait after a failed attempt while the open connection answers."""

RENEW_AT = 0.85
"""Part of a login's lifetime after which its connection is replaced."""

Connect = Callable[[tuple[str, int], Listener], Attempt]


class BrokerProbe:
    """Watches one broker for ever, wherever it moves. `phase` (0 to 1) spreads brokers over the period."""

    def __init__(
        self,
        poller: Poller,
        broker_id: int,
        address: tuple[str, int],
        *,
        phase: float,
        connect: Connect,
        now: Callable[[], float],
        emit: Callable[[Sample], None],
        learn: Callable[[Brokers], None],
    ) -> None:
        self.id = broker_id
        self.address = address
        self._poller = poller
        self._phase = phase
        self._connect = connect
        self._now = now
        self._emit = emit
        self._learn = learn
        self._pinger: Pinger | None = None
        self._spare: Opened | None = None
        self._attempt: Attempt | None = None
        self._attempt_timer: Timer | None = None
        self._attempted_ns = poller.now_ns - ATTEMPT_NS
        self._not_before_ns = 0
        self._was_open = False
        self._next_ping_ns = poller.now_ns + int(phase * PING_NS)
        self._ping_timer = poller.at(self._next_ping_ns, self._ping)

    @property
    def open(self) -> bool:
        """Whether there is a connection that, as far as we know, works."""
        return self._pinger is not None

    def attempt_at(self, at_ns: int) -> None:
        """Plan the next attempt for this time, or for when one is allowed; one that is sooner stays."""
        at_ns = max(at_ns, self._attempted_ns + ATTEMPT_NS, self._not_before_ns)
        if self._attempt is not None:
            return
        if self._attempt_timer is not None and self._attempt_timer.at_ns <= at_ns:
            return
        self._cancel_timer()
        self._attempt_timer = self._poller.at(at_ns, self._begin_attempt)

    def move(self, address: tuple[str, int]) -> None:
        """The broker is said to be elsewhere now; the old connection serves until the new one is made."""
        if address == self.address:
            return
        self.address = address
        if self._attempt is not None:
            self._attempt.cancel()
            self._attempt = None
        self._not_before_ns = 0
        self.attempt_at(self._poller.now_ns)

    def adopt(self, opened: Opened) -> None:
        """Take over a connection that somebody else made to this broker."""
        self._attempted_ns = self._poller.now_ns
        self._take(opened)

    def close(self) -> None:
        """Close all."""
        self._ping_timer.cancelled = True
        self._cancel_timer()
        if self._attempt is not None:
            self._attempt.cancel()
        if self._spare is not None:
            self._spare.channel.close()
        if self._pinger is not None:
            self._pinger.close()

    # -------------------------------------------------------------- the open connection

    def _ping(self) -> None:
        now_ns = self._poller.now_ns
        self._next_ping_ns += PING_NS
        if self._next_ping_ns <= now_ns:  # this machine stood still: keep the phase, make nothing up
            self._next_ping_ns += (now_ns - self._next_ping_ns) // PING_NS * PING_NS + PING_NS
        self._ping_timer = self._poller.at(self._next_ping_ns, self._ping)
        if self._pinger is not None:
            self._pinger.ping()

    def answered(self, took_ms: float, starved_ms: float, throttle_ms: int) -> None:
        """The ping was answered."""
        stages: tuple[tuple[Stage, float], ...] = (("api_versions", took_ms),)
        self._say("ping", "ok", stages=stages, starved_ms=starved_ms, throttle_ms=throttle_ms)
        self._swap()

    def silent(self, waited_ms: float, starved_ms: float) -> None:
        """The ping is not answered yet."""
        self._say(
            "ping",
            "timeout",
            failed_stage="api_versions",
            waited_ms=waited_ms,
            error=f"no answer for {waited_ms / 1e3:.1f} s",
            starved_ms=starved_ms,
        )
        self._swap()
        if waited_ms >= SILENT_MS:
            self.attempt_at(self._poller.now_ns)

    def lost(self, error: WireError, waited_ms: float, starved_ms: float) -> None:
        """The open connection broke: see at once whether a new one can be made."""
        self._pinger = None
        self._say(
            "ping",
            error.outcome,
            failed_stage="api_versions",
            waited_ms=waited_ms,
            error=error.reason,
            starved_ms=starved_ms,
        )
        self._swap()
        if self._pinger is None:
            self.attempt_at(self._poller.now_ns)

    # -------------------------------------------------------------- new connections

    def _cancel_timer(self) -> None:
        if self._attempt_timer is not None:
            self._attempt_timer.cancelled = True
            self._attempt_timer = None

    def _begin_attempt(self) -> None:
        self._attempt_timer = None
        self._attempted_ns = self._poller.now_ns
        self._attempt = self._connect(self.address, self)

    def opened(self, attempt: Attempt, opened: Opened) -> None:
        """A new connection is made."""
        self._attempt = None
        self._take(opened)

    def overdue(self, attempt: Attempt, error: WireError) -> None:
        """A new connection hangs."""
        self._tell_failure(attempt, error, attempt.wait.starved_ms)

    def failed(self, attempt: Attempt, error: WireError) -> None:
        """A new connection cannot be made."""
        self._attempt = None
        error = self._in_context(attempt, error)
        starved_ms = 0.0 if error.outcome == "refused" else attempt.wait.starved_ms
        self._tell_failure(attempt, error, starved_ms)
        now_ns = self._poller.now_ns
        self._not_before_ns = now_ns + UNWELCOME_NS.get(error.outcome, 0)
        works = self._pinger is not None and not self._pinger.silent_ms
        self.attempt_at(now_ns + REFUSED_BUT_UP_NS if works else now_ns)

    def _in_context(self, attempt: Attempt, error: WireError) -> WireError:
        """Hung up on in mid-handshake: where the same settings worked before, the broker is going down."""
        if self._was_open and attempt.hung_up:
            return WireError(error.stage, "reset", "the broker closed the connection")
        return error

    def _tell_failure(self, attempt: Attempt, error: WireError, starved_ms: float) -> None:
        self._say(
            "connect",
            error.outcome,
            stages=attempt.passed,
            failed_stage=attempt.stage,
            waited_ms=attempt.wait.waited_ms,
            error=error.reason,
            starved_ms=starved_ms,
        )

    def _take(self, opened: Opened) -> None:
        self._was_open = True
        self._not_before_ns = 0
        self._say(
            "connect",
            "ok",
            stages=opened.stages,
            starved_ms=opened.starved_ms,
            throttle_ms=opened.throttle_ms,
        )
        if self._spare is not None:
            self._spare.channel.close()
        self._spare = opened
        opened.channel.on_broken = lambda _: self._drop_spare(opened)
        if self._pinger is None or not self._pinger.pending:
            self._swap()
        self._cancel_timer()
        self.attempt_at(self._poller.now_ns + self._renewal_ns(opened))
        self._learn(opened.brokers)

    def _renewal_ns(self, opened: Opened) -> int:
        """When to make the next connection; sooner where the login on this one ends sooner."""
        period_ns = CONNECT_NS + int((self._phase - 0.5) * 1_000 * MS)
        lifetime_ns = opened.session_lifetime_ms * MS
        return min(period_ns, int(lifetime_ns * RENEW_AT)) if lifetime_ns else period_ns

    def _swap(self) -> None:
        """Go on with the new connection. Not before a question on the old one is answered, or overdue."""
        opened, self._spare = self._spare, None
        if opened is None:
            return
        if self._pinger is not None:
            self._pinger.close()
        self._pinger = Pinger(self._poller, opened, self)

    def _drop_spare(self, opened: Opened) -> None:
        if self._spare is opened:
            self._spare = None

    def _say(
        self,
        how: Literal["ping", "connect"],
        outcome: Outcome,
        *,
        stages: tuple[tuple[Stage, float], ...] = (),
        failed_stage: Stage | None = None,
        waited_ms: float = 0.0,
        error: str = "",
        starved_ms: float = 0.0,
        throttle_ms: int | None = None,
    ) -> None:
        host, port = self.address
        self._emit(
            Probed(
                at=self._now(),
                broker_id=self.id,
                host=host,
                port=port,
                how=how,
                outcome=outcome,
                stages=stages,
                failed_stage=failed_stage,
                waited_ms=round(waited_ms, 3),
                error=error,
                starved_ms=round(starved_ms, 1),
                throttle_ms=throttle_ms,
            )
        )
