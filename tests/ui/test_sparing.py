"""What is sent leads to the same picture as everything sent anew, in far fewer bytes."""

from __future__ import annotations

import random
import re

from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from msktop.ui.sparing import Sparing

WIDTH, HEIGHT = 40, 8
STYLES = [
    Style.parse(s)
    for s in ("red on black", "bold red on black", "blue on black", "white on blue", "reverse", "")
]
CONSOLE = Console(color_system="truecolor", force_terminal=True, width=WIDTH)


class Terminal:
    """As much of a terminal as the output needs: moves, colours, characters."""

    def __init__(self) -> None:
        self.cells = [[(" ", "")] * WIDTH for _ in range(HEIGHT)]
        self.x = self.y = 0
        self.pen: dict[str, str] = {}

    def write(self, data: str) -> None:
        for move, last, char in re.findall(r"\x1b\[([\d;]*)([HCm])|([^\x1b])", data, re.S):
            if last == "H":
                self.y, self.x = (int(n) - 1 for n in move.split(";"))
            elif last == "C":
                self.x += int(move)
            elif last == "m":
                self._color([int(c) for c in move.split(";")])
            elif char:
                self.cells[self.y][self.x] = (char, str(sorted(self.pen.items())))
                if ord(char) > 0x2E80:
                    self.cells[self.y][self.x + 1] = ("", str(sorted(self.pen.items())))
                    self.x += 1
                self.x += 1

    def _color(self, codes: list[int]) -> None:
        while codes:
            code = codes.pop(0)
            if code == 0:
                self.pen.clear()
            elif code in (39, 49):
                self.pen.pop("fore" if code == 39 else "back", None)
            elif code in (38, 48):
                kind = codes.pop(0)
                used = [codes.pop(0) for _ in range(3 if kind == 2 else 1)]
                self.pen["fore" if code == 38 else "back"] = str(used)
            elif 30 <= code <= 37 or 90 <= code <= 97:
                self.pen["fore"] = str(code)
            elif 40 <= code <= 47 or 100 <= code <= 107:
                self.pen["back"] = str(code)
            else:
                self.pen[str(code)] = "on"


def picture(rng: random.Random) -> list[Strip]:
    rows = []
    for _ in range(HEIGHT):
        segments, room = [], WIDTH
        while room:
            text = rng.choice(("b-1", " 1.82", "─" * 7, "注文", "●", "▃▃▄▅", " " * 9))
            segment = Segment(text, rng.choice(STYLES))
            if segment.cell_length > room:
                segment = Segment(" " * room, STYLES[0])
            segments.append(segment)
            room -= segment.cell_length
        rows.append(Strip(segments, WIDTH))
    return rows


def whole(rows: list[Strip]) -> LayoutUpdate:
    return LayoutUpdate([[row] for row in rows], Region(0, 0, WIDTH, HEIGHT))


def part(rows: list[Strip], spans: list[tuple[int, int, int]]) -> ChopsUpdate:
    return ChopsUpdate([{0: row} for row in rows], spans, [[WIDTH]] * HEIGHT)


def test_any_sequence_of_pictures_ends_as_if_sent_anew() -> None:
    rng = random.Random(3)
    sparing, seen = Sparing(), Terminal()
    for _ in range(60):
        rows = picture(rng)
        seen.write(sparing.difference(whole(rows), CONSOLE))
        fresh = Terminal()
        fresh.write(Sparing().difference(whole(rows), CONSOLE))
        assert seen.cells == fresh.cells


def test_a_part_changes_only_that_part() -> None:
    before = [Strip([Segment("." * WIDTH, STYLES[0])], WIDTH)] * HEIGHT
    after = [Strip([Segment("x" * WIDTH, STYLES[2])], WIDTH)] * HEIGHT
    sparing, seen = Sparing(), Terminal()
    seen.write(sparing.difference(whole(before), CONSOLE))
    seen.write(sparing.difference(part(after, [(2, 5, 9)]), CONSOLE))
    text = ["".join(char for char, _ in row) for row in seen.cells]
    assert text[2] == "." * 5 + "xxxx" + "." * (WIDTH - 9)
    assert {row for y, row in enumerate(text) if y != 2} == {"." * WIDTH}


def test_nothing_is_sent_for_what_is_shown_already() -> None:
    rows = picture(random.Random(1))
    sparing = Sparing()
    sparing.difference(whole(rows), CONSOLE)
    assert sparing.difference(whole(rows), CONSOLE) == ""


def test_a_changed_number_costs_a_move_a_colour_and_its_digits() -> None:
    def row(number: str) -> list[Strip]:
        text = [Segment("  probe ", STYLES[0]), Segment(number, STYLES[1]), Segment(" ms ─────", STYLES[2])]
        return [Strip(text, WIDTH)] * HEIGHT

    sparing = Sparing()
    sparing.difference(part(row("1.82"), [(0, 0, WIDTH)]), CONSOLE)
    sent = sparing.difference(part(row("1.94"), [(0, 0, WIDTH)]), CONSOLE)
    assert sent.count("\x1b") == 3
    assert len(sent) < 30


def test_forgetting_sends_everything_again() -> None:
    rows = picture(random.Random(2))
    sparing = Sparing()
    first = sparing.difference(whole(rows), CONSOLE)
    sparing.forget()
    assert sparing.difference(whole(rows), CONSOLE) == first


def test_without_colours_none_are_sent() -> None:
    plain = Console(color_system=None, force_terminal=True)
    assert plain._color_system is None
    assert ColorSystem.TRUECOLOR is CONSOLE._color_system
    sent = Sparing().difference(whole(picture(random.Random(4))), plain)
    assert "38;" not in sent
    assert "\x1b[1m" in sent or "\x1b[0;1m" in sent
