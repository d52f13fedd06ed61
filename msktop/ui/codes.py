"""What a terminal is sent for a style."""

from __future__ import annotations

from functools import lru_cache

from rich.color import Color, ColorSystem
from rich.style import Style


@lru_cache(maxsize=4096)
def codes(style: Style, colors: ColorSystem | None) -> tuple[str, str, str]:
    """SGR codes of a style: foreground, background, attributes."""
    names = (style.bold, style.dim, style.italic, style.underline, style.reverse, style.strike)
    on = ";".join(code for code, is_on in zip("123479", names, strict=True) if is_on)
    if colors is None:
        return "", "", on
    return _color(style.color, colors, foreground=True), _color(style.bgcolor, colors, foreground=False), on


def _color(color: Color | None, colors: ColorSystem, *, foreground: bool) -> str:
    if color is None or color.is_default:
        return ""
    return ";".join(color.downgrade(colors).get_ansi_codes(foreground))
