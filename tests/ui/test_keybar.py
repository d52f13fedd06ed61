"""The last line of a screen: every numbered view and every key, at the widths that people have."""

from __future__ import annotations

import pytest

from msktop.ui.keys import ACT, APP, MOVE, SCREEN
from msktop.ui.places import LEAST, VIEWS
from msktop.ui.theme import Look
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.keybar import draw_footer

KEYS = tuple(k for k in (MOVE[-1], *SCREEN, *ACT, *APP) if k.footer)


def footer(width: int, at: int) -> str:
    canvas = Canvas(width, 1, Look())
    draw_footer(canvas, VIEWS[at][1], KEYS)
    return "".join(text for text, _ in canvas.runs(0))


@pytest.mark.parametrize("at", range(len(VIEWS)))
@pytest.mark.parametrize("width", [80, 100, 140, 200])
def test_all_views_and_all_keys_have_room(width: int, at: int) -> None:
    said = footer(width, at)
    assert [word for word in said.split() if word.isdecimal()] == [key for key, *_ in VIEWS]
    assert VIEWS[at][2] in said
    assert said.endswith("↵ open  / find  a act  p pause  ? keys  q quit ")


@pytest.mark.parametrize("width", [LEAST[0], 110, 120, 130])
def test_where_they_have_not_keys_leave_from_the_left(width: int) -> None:
    for at, (_, _, name) in enumerate(VIEWS):
        said = footer(width, at)
        assert f"{at + 1} {name} " in said
        assert said.endswith("  p pause  ? keys  q quit ")
