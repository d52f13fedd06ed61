"""The monitor on a terminal: a session behind the screens."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from msktop.settings import Look, MskTarget, Target

if TYPE_CHECKING:
    from msktop.alerting.choice import Alerting
    from msktop.aws.session import AwsSession
    from msktop.model.alert_rule import Rule
    from msktop.session import Session, View
    from msktop.sources.replay import ReplaySource
    from msktop.sources.spare import Child
    from msktop.ui.acting import Actor, TopicActor
    from msktop.ui.feed import Desk, Mode, Replay, Switch


class Control:
    """Who asks the control plane of a cluster and who changes it; made when they are first needed."""

    def __init__(self, target: Target, msk: MskTarget, session: Session) -> None:
        self._target = target
        self._msk = msk
        self._session = session

    @cached_property
    def aws(self) -> AwsSession:
        """For all that asks."""
        from msktop.aws.session import AwsSession

        return AwsSession(self._msk.access)

    @cached_property
    def actor(self) -> Actor:
        """For the forms."""
        from msktop.actions.guard import Permit
        from msktop.actor import MskActor

        target = self._target
        said = Permit(write=target.write, read_only=target.read_only, ours=target.ours)
        creating = replace(said, write=target.write_given)
        return MskActor(self.aws, said, self._msk.cluster, self._session.acted.set, creating=creating)


class LiveFeed:
    """What happens now, and a recording of it on request."""

    mode: Mode = "live"
    replay: Replay | None = None

    def __init__(
        self, session: Session, control: Control | None = None, target: Target | None = None
    ) -> None:
        self._session = session
        self._control = control
        self._target = target

    @property
    def desk(self) -> Desk | None:
        """Who is told of incidents, once the session has begun."""
        return self._session.desk

    @property
    def changeable(self) -> bool:
        """Whether there is a control plane."""
        return self._control is not None

    @property
    def actor(self) -> Actor | None:
        """Who changes the cluster."""
        return None if self._control is None else self._control.actor

    @cached_property
    def topics(self) -> TopicActor | None:
        """Who changes topics and looks into them."""
        if self._target is None:
            return None
        from msktop.topic_actor import KafkaActor

        return KafkaActor(self._target, self._session.cluster)

    @property
    def view(self) -> View:
        """The newest published state."""
        return self._session.view

    @property
    def recording(self) -> str | None:
        """The file that is being recorded to, if any."""
        recorder = self._session.recorder
        return None if recorder is None else str(recorder.path)

    @property
    def cloudwatch(self) -> Switch | None:
        """CloudWatch's, where AWS is asked about this cluster."""
        return self._session.cloudwatch

    def record_toggle(self) -> str:
        """Begin or end a recording; returns what happened. Raises RecordingError."""
        if self._session.recorder is not None:
            ended = self._session.stop_recording()
            return "" if ended is None else f"recorded {ended.bytes:,} bytes to {ended.path}"
        return f"recording to {self._session.record(_recording_path(self._session.name)).path}"


class ReplayFeed:
    """A recording that is played; what is still being sought is not shown."""

    mode: Mode = "replay"
    recording: str | None = None
    changeable = False
    actor: Actor | None = None
    topics: TopicActor | None = None
    cloudwatch: Switch | None = None
    desk: Desk | None = None

    def __init__(self, session: Session, source: ReplaySource) -> None:
        self._session = session
        self._source = source
        self._shown = session.view
        self.replay: Replay | None = ReplayControls(source)

    @property
    def view(self) -> View:
        """The newest state, once it is the one that was asked for."""
        if not self._source.seeking:
            self._shown = self._session.view
        return self._shown

    def record_toggle(self) -> str:
        """A recording is not recorded again."""
        return "a replay is not recorded: it is a recording already"


class ReplayControls:
    """The play head as the screens use it."""

    def __init__(self, source: ReplaySource) -> None:
        self._head = source.head
        self.span = (source.recording.begins or 0.0, source.recording.ends or 0.0)

    @property
    def paused(self) -> bool:
        """Whether it stands."""
        return self._head.paused

    @property
    def speed(self) -> float:
        """Recorded seconds a second."""
        return self._head.speed

    def pause(self, paused: bool) -> None:
        """Stand, or go on."""
        if paused:
            self._head.pause()
        else:
            self._head.resume()

    def step(self, seconds: float) -> None:
        """Jump by so much; stands afterwards."""
        self._head.pause()
        self._head.skip(seconds)

    def seek(self, at: float) -> None:
        """Jump to a moment."""
        self._head.seek(at)

    def set_speed(self, speed: float) -> None:
        """Play faster or slower."""
        self._head.set_speed(speed)


def watch(target: Target, look: Look, alerting: Alerting | None = None) -> None:
    """Open the monitor on a cluster; returns when the person leaves."""
    from msktop.sources.spare import spawn

    with ExitStack() as at_end:
        probe = spawn("msktop.sources.probe")
        at_end.callback(probe.terminate)
        from msktop.ui.opening import Opening
        from msktop.ui.terminal import run

        def feed(show: Callable[[View], None]) -> LiveFeed:
            # Not in the thread that begins: two that import at a time wait for each other's lock.
            for module in ("msktop.compose", "msktop.ui.widgets.headline"):
                import_module(module)
            from msktop.model.cluster import Cluster
            from msktop.session import Session

            first = Cluster(name=target.name, bootstrap_servers=target.bootstrap_servers)
            session = Session(target.name, first)
            at_end.callback(session.stop)
            session.subscribe(show)
            control = None if target.msk is None else Control(target, target.msk, session)
            words = (session, target, probe, alerting, control)
            threading.Thread(target=_begin, args=words, name="begin", daemon=True).start()
            return LiveFeed(session, control, target)

        opening = Opening(target.name, target.bootstrap_servers, changeable=target.msk is not None)
        run(feed, look.ascii_only, look.theme, look.log_file, opening)


def _begin(
    session: Session, target: Target, probe: Child, alerting: Alerting | None, control: Control | None
) -> None:
    from msktop import compose

    compose.live(
        target,
        session=session,
        spare=probe,
        alerting=alerting,
        aws=control.aws if control else None,
        notify="screen",
    )


def rewatch(path: Path, speed: float, look: Look, rules: tuple[Rule, ...] | None = None) -> None:
    """Open a recording in the same screens, with other rules where they are given. Raises RecordingError."""
    from msktop import compose
    from msktop.ui.terminal import run

    session, source = compose.replay(path, speed, rules)
    try:
        run(lambda _: ReplayFeed(session, source), look.ascii_only, look.theme, look.log_file)
    finally:
        session.stop()


def _recording_path(name: str) -> Path:
    home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    word = re.sub(r"[^A-Za-z0-9.-]+", "-", name).strip("-.") or "session"
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    return home / "msktop" / "recordings" / f"{word}-{stamp}.msktop"
