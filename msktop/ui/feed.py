"""What the screens need of a session, live or replayed; the composition root hands one in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from msktop.model.incidents import Incident
from msktop.session import View
from msktop.ui.acting import Actor, TopicActor

Mode = Literal["live", "replay"]


class Replay(Protocol):
    """Controls of a recording that is played; times are Unix seconds of the recording."""

    @property
    def paused(self) -> bool:
        """Whether it stands."""

    @property
    def speed(self) -> float:
        """Recorded seconds a second."""

    @property
    def span(self) -> tuple[float, float]:
        """When the recording begins and ends."""

    def pause(self, paused: bool) -> None:
        """Stand, or go on."""

    def step(self, seconds: float) -> None:
        """Jump by so much, back with a negative number; stands afterwards."""

    def seek(self, at: float) -> None:
        """Jump to a moment."""

    def set_speed(self, speed: float) -> None:
        """Play faster or slower."""


class Switch(Protocol):
    """What is paid for by use: CloudWatch."""

    shown: frozenset[str]
    """Parts of it that the screen in front shows."""

    @property
    def on(self) -> bool:
        """Whether it is asked."""

    def turn(self, on: bool) -> None:
        """The person's word."""


class Desk(Protocol):
    """Who is told of incidents, and what was acknowledged or silenced."""

    def word(self, incident: Incident) -> str:
        """`acknowledged by ann`, `silenced until 14:00Z`, or nothing."""

    def acknowledge(self, incident: Incident) -> str:
        """Somebody has seen it, or not any more; returns what happened. Raises MsktopError. May block."""

    def silence(self, incident: Incident, seconds: float) -> str:
        """Nobody is told for so long; 0 ends that. Raises MsktopError. May block."""

    def silences(self) -> Sequence[str]:
        """All silences in force, a few words each."""

    def take_terminal(self) -> str:
        """Bells and notifications to write to the terminal now."""


class Feed(Protocol):
    """Where the screens get their state from; all of it may be called from their thread at any time."""

    @property
    def view(self) -> View:
        """The newest published state; another object whenever anything changed."""

    @property
    def mode(self) -> Mode:
        """Whether this is happening now."""

    @property
    def replay(self) -> Replay | None:
        """The controls, in replay."""

    @property
    def recording(self) -> str | None:
        """The file that is being recorded to, if any."""

    @property
    def changeable(self) -> bool:
        """Whether there is a control plane through which the cluster could be changed."""

    @property
    def actor(self) -> Actor | None:
        """Who changes it; None where it is not changeable. Made when it is first asked for."""

    @property
    def topics(self) -> TopicActor | None:
        """Who changes topics and looks into their records; None in a replay."""

    @property
    def cloudwatch(self) -> Switch | None:
        """CloudWatch's switch, where AWS is asked about this cluster."""

    @property
    def desk(self) -> Desk | None:
        """Who is told of incidents; None in a replay, and in the first moments."""

    def record_toggle(self) -> str:
        """Begin or end a recording; returns what happened, in one line. Raises MsktopError."""
