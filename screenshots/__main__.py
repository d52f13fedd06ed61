"""`make screenshots`: the README's pictures, from a recording of a real cluster, never by hand.

`session.msktop` beside this file is a session of `msktop record` on a local MSK with `--traffic waves`
in which broker 2 was killed. Each picture is a moment of it, folded and drawn by the program itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from msktop.model.cluster import Cluster
from msktop.model.fold import fold
from msktop.model.incidents import Incident, Incidents
from msktop.recording.reader import Recording
from msktop.session import View
from msktop.ui.app import MsktopApp
from msktop.ui.feed import Mode, Replay, Switch
from msktop.ui.picture import rows_of, svg_of
from msktop.ui.places import Place
from msktop.ui.theme import Look

HERE = Path(__file__).parent
SIZE = (120, 40)


@dataclass(frozen=True)
class Moment:
    """A feed that stands still."""

    view: View
    mode: Mode = "live"
    replay: Replay | None = None
    recording: str | None = None
    changeable: bool = False
    actor: None = None
    topics: None = None
    cloudwatch: Switch | None = None
    desk: None = None

    def record_toggle(self) -> str:
        """A picture records nothing."""
        return ""


@dataclass(frozen=True)
class Picture:
    """Which moment, and where to look."""

    name: str
    when: Callable[[View], bool]
    place: Place
    keys: tuple[str, ...] = ()
    """What is pressed before it is taken."""


def _failure(view: View) -> Incident | None:
    return next((i for i in view.incidents.log if i.broker == 2 and i.severity == "crit"), None)


def _seconds_into(view: View) -> float:
    failure = _failure(view)
    return -1.0 if failure is None else view.cluster.at - failure.began


def _recovered(view: View) -> bool:
    failure = _failure(view)
    return failure is not None and "isr_full" in failure.marks


PICTURES = (
    Picture("broker-down", lambda v: _seconds_into(v) > 9.4, Place("overview")),
    Picture("broker-down-80x24", lambda v: _seconds_into(v) > 9.4, Place("overview")),
    Picture("broker", _recovered, Place("broker", broker=2)),
    Picture("requests", _recovered, Place("requests")),
    Picture("recovered", _recovered, Place("overview")),
    Picture("timeline", lambda v: _seconds_into(v) > 60, Place("timeline"), ("z", "N", "right")),
)
"""In the order of their moments."""


def moments(path: Path) -> Iterator[tuple[Picture, View]]:
    """Each picture with the first state that it is of."""
    todo = list(PICTURES)
    cluster, incidents = Cluster(), Incidents()
    with Recording(path) as recording:
        for sample in recording.samples():
            cluster, incidents = fold(cluster, incidents, sample)
            view = View(cluster, incidents)
            while todo and todo[0].when(view):
                yield todo.pop(0), view
    assert not todo, f"the recording has no moment for {', '.join(p.name for p in todo)}"


async def draw(picture: Picture, view: View) -> None:
    """Write one picture."""
    size = (80, 24) if picture.name.endswith("80x24") else SIZE
    look = Look()
    app = MsktopApp(Moment(view), look=look, first=picture.place)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.press(*picture.keys)
        await pilot.pause()
        svg = svg_of(rows_of(app.screen), look)
    path = HERE / f"{picture.name}.svg"
    path.write_text(svg)
    print(path.name)


def main() -> None:
    """Draw all of them."""
    for picture, view in moments(HERE / "session.msktop"):
        asyncio.run(draw(picture, view))


if __name__ == "__main__":
    main()
