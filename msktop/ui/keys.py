"""Keys as data: bindings, the footer, the help screen and the palette are all made from these."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msktop.ui.places import LETTERED, VIEWS

if TYPE_CHECKING:
    from textual.binding import Binding  # not before the first picture, which names keys too


@dataclass(frozen=True, slots=True)
class Key:
    """One thing that a key does."""

    id: str
    """Stable name, by which a person may map other keys to it."""
    keys: str
    """Textual's names, comma-separated."""
    action: str
    label: str
    """One word for the footer."""
    help: str
    sign: str = ""
    """How the key is written where its Textual name would not do."""
    footer: bool = False
    """Whether the footer has room for it."""

    @property
    def written(self) -> str:
        """How the keys are written for a person.

        >>> Key("up", "up,k", "move(-1)", "up", "Up").written
        '↑ k'
        """
        return self.sign or " ".join(_WRITTEN.get(k, k) for k in self.keys.split(","))


_WRITTEN = {
    "up": "↑", "down": "↓", "left": "←", "right": "→", "enter": "↵", "escape": "esc", "slash": "/",
    "question_mark": "?", "plus": "+", "minus": "-", "ctrl+p": "^P", "ctrl+c": "^C", "ctrl+l": "^L",
    "ctrl+s": "^S",
    "pageup": "PgUp", "pagedown": "PgDn", "left_square_bracket": "[", "right_square_bracket": "]",
    "comma": ",",
    "full_stop": ".", "space": "space", "less_than_sign": "<", "greater_than_sign": ">",
    "equals_sign": "=",
}  # fmt: skip

MOVE: tuple[Key, ...] = (
    Key("up", "up,k", "move(-1)", "up", "Up"),
    Key("down", "down,j", "move(1)", "down", "Down"),
    Key("first", "home,g", "to_start", "first", "To the first"),
    Key("last", "end,G", "to_end", "last", "To the last"),
    Key("open", "enter,right", "open", "open", "Go deeper: zone, broker, partition", "↵", footer=True),
)
"""What every list of things has. A LiveTable brings these itself; screens name them for the help."""

SCREEN: tuple[Key, ...] = (
    Key("back", "escape", "back", "back", "Back up, or end the filter"),
    Key("filter", "slash", "filter", "find", "Show only names that contain …", footer=True),
)
"""What every live screen has."""

SNAPSHOT = Key("snapshot", "s,ctrl+s", "app.snapshot", "save", "Save this picture (SVG) and the state (JSON)")
"""Also over menus and forms, which hide all other keys; where letters are typed only Ctrl-S is left of it."""

APP: tuple[Key, ...] = (
    Key("pause", "p", "app.pause", "pause", "Freeze the picture; sampling goes on", footer=True),
    Key("help", "question_mark", "app.help", "keys", "These keys", footer=True),
    Key("quit", "q,ctrl+c,ctrl+q", "app.quit", "quit", "Quit", "q", footer=True),
    Key("faster", "plus,equals_sign", "app.pace(-1)", "faster", "Draw more often", "+"),
    Key("slower", "minus", "app.pace(1)", "slower", "Draw less often", "-"),
    Key("theme", "t", "app.next_theme", "theme", "Next theme: night, day, 16 colours, no colour"),
    SNAPSHOT,
    Key("copy", "y", "app.copy", "copy", "Copy the selected value to the clipboard"),
    Key("mouse", "m", "app.mouse", "mouse", "Mouse off and on, for the terminal's own selection"),
    Key("record", "R", "app.record", "record", "Record every sample to a file, or stop"),
    Key("cloudwatch", "W", "app.cloudwatch", "CloudWatch", "CloudWatch, which costs by use: off and on"),
    Key("palette", "ctrl+p", "app.command_palette", "palette", "Every command, by name"),
    Key("redraw", "ctrl+l", "app.redraw", "redraw", "Draw everything anew"),
    Key("link", "L", "app.link", "link", "Bytes sent to this terminal, and this process's share of a core"),
)
"""What works everywhere."""

ACT: tuple[Key, ...] = (
    Key("act", "a", "app.act", "act", "Change the cluster or the selected broker", footer=True),
)
"""What works everywhere while it happens now; a recording cannot be acted on."""

GOTO: tuple[Key, ...] = tuple(
    Key(f"view.{view}", key, f"app.goto('{view}')", name.lower(), f"Go to {name}")
    for key, view, name in (*VIEWS, *LETTERED)
)

REPLAY: tuple[Key, ...] = (
    Key("replay.back", "left_square_bracket", "app.replay_step(-10)", "-10 s", "Ten seconds back"),
    Key("replay.forward", "right_square_bracket", "app.replay_step(10)", "+10 s", "Ten seconds forward"),
    Key("replay.back1", "comma", "app.replay_step(-1)", "-1 s", "One second back"),
    Key("replay.forward1", "full_stop", "app.replay_step(1)", "+1 s", "One second forward"),
    Key("replay.slower", "less_than_sign", "app.replay_speed(0.5)", "slower", "Half the speed"),
    Key("replay.faster", "greater_than_sign", "app.replay_speed(2.0)", "faster", "Twice the speed"),
    Key("replay.seek", "colon", "app.replay_seek", "seek", "Go to a time, HH:MM:SS", ":"),
)
"""What works everywhere while a recording is played."""


def bindings(keys: Iterable[Key]) -> list[Binding]:
    """Textual's bindings for these keys.

    >>> [b.id for b in bindings(SCREEN)]
    ['back', 'filter']
    """
    from textual.binding import Binding

    return [Binding(k.keys, k.action, k.label, show=k.footer, id=k.id) for k in keys]
