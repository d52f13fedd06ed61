"""How long a node may be silent before it counts as hung, and how long a crash loop waits."""

from __future__ import annotations

from dataclasses import dataclass

from msktop.local.member import AwakeClock, Member

_LONGEST_BACK_OFF_S = 30.0
_BUSY_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a node may be silent (s of our own waking time) before it counts as hung.

    `stopped_s` when the kernel says that its process is stopped, `busy_s` when it computes meanwhile (a
    starved host, a long collection of garbage), `starting_s` before its first answer.
    """

    probe_s: float
    stopped_s: float
    silent_s: float
    busy_s: float
    starting_s: float

    def is_over(self, member: Member, awake: AwakeClock) -> bool:
        """Whether this node has been silent for too long."""
        silent_s = awake.now_s - member.heard_at_s
        return silent_s > self._allowed_s(member, silent_s)

    def _allowed_s(self, member: Member, silent_s: float) -> float:
        """How long this node may be silent, by what its process does."""
        if silent_s < self.stopped_s:
            return self.silent_s
        usage = member.usage()
        if usage and usage.stopped:
            return self.stopped_s
        if member.ready_at is None:
            return self.starting_s
        used_s = usage.user_s + usage.system_s - member.cpu_when_heard_s if usage else 0.0
        return self.busy_s if used_s > _BUSY_SHARE * silent_s else self.silent_s


PATIENT = Patience(probe_s=1.0, stopped_s=4.0, silent_s=8.0, busy_s=30.0, starting_s=120.0)
IMPATIENT = Patience(probe_s=0.5, stopped_s=1.5, silent_s=3.0, busy_s=15.0, starting_s=120.0)


def back_off_s(early_deaths: int) -> float:
    """How long to wait before the next start of a node that dies again and again soon after its start.

    >>> [back_off_s(n) for n in (0, 1, 2, 5, 9)]
    [0.0, 1.0, 2.0, 16.0, 30.0]
    """
    return 0.0 if early_deaths == 0 else min(_LONGEST_BACK_OFF_S, 2.0 ** (early_deaths - 1))
