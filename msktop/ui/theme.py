"""Palettes, glyphs, and the only place where a token becomes a Rich style.

Drawing code names no colour. It names a token and gets a style from a Look: `look.ink("crit b on:select")`.
It writes the Unicode glyphs below; a Canvas replaces them where the terminal cannot show them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, get_args

from rich.style import Style

if TYPE_CHECKING:
    from textual.theme import Theme  # not before the first picture, which needs none of Textual

PaletteName = Literal["night", "day", "ansi", "mono"]
Severity = Literal["ok", "warn", "crit", "heal", "none"]

NIGHT: dict[str, str] = {
    "bg": "#0d1117", "raised": "#161d27", "select": "#22303f", "rule": "#2a3542",
    "text": "#d3dae3", "strong": "#f2f5f9", "muted": "#8b98a9", "faint": "#566374",
    "accent": "#7ab7ff",
    "ok": "#35a88f", "warn": "#f2c14e", "crit": "#ff7a59", "heal": "#7dd0ff",
    "crit-bg": "#4a1a12", "warn-bg": "#3b2f0d", "heal-bg": "#0f3145",
    "s1": "#6ea8fe", "s2": "#b79bf2", "s3": "#8fa0b5", "spark": "#55789f",
    "q1": "#b79bf2", "q2": "#6ea8fe", "q3": "#3f6fb5", "q4": "#7d8ca0", "q5": "#4b586a",
}  # fmt: skip
"""Severities stay apart (ΔE ≥ 19) under deutan, protan and tritan simulation.
s1 to s3: Produce, FetchConsumer, FetchFollower. q1 to q5: where a request's time goes."""

DAY: dict[str, str] = {
    "bg": "#fbfbf9", "raised": "#f0f1ee", "select": "#d8e6f5", "rule": "#d0d4d6",
    "text": "#24303c", "strong": "#0b131b", "muted": "#5d6b78", "faint": "#8b959e",
    "accent": "#0b5cad",
    "ok": "#00796b", "warn": "#9c6b00", "crit": "#b01030", "heal": "#0046a0",
    "crit-bg": "#f9dde1", "warn-bg": "#fbeec4", "heal-bg": "#d7ecf8",
    "s1": "#2b6cb8", "s2": "#7a4fc0", "s3": "#6b7883", "spark": "#7fa3c8",
    "q1": "#7a4fc0", "q2": "#2b6cb8", "q3": "#8fb4de", "q4": "#8b959e", "q5": "#c3c9cd",
}  # fmt: skip

ANSI: dict[str, str] = {
    "bg": "default", "raised": "default", "select": "bright_black", "rule": "bright_black",
    "text": "default", "strong": "bright_white", "muted": "white", "faint": "bright_black",
    "accent": "bright_blue", "ok": "green", "warn": "yellow", "crit": "bright_red", "heal": "bright_cyan",
    "crit-bg": "red", "warn-bg": "yellow", "heal-bg": "blue",
    "s1": "bright_blue", "s2": "bright_magenta", "s3": "white",
    "s1-low": "blue", "s2-low": "magenta", "s3-low": "bright_black", "spark": "blue",
    "q1": "bright_magenta", "q2": "bright_blue", "q3": "blue", "q4": "white", "q5": "bright_black",
}  # fmt: skip
"""16 colours: the terminal's own palette on the terminal's own background."""

MONO: dict[str, str] = {
    "faint": "d", "rule": "d", "strong": "b", "accent": "u", "warn": "b", "crit": "br", "heal": "b",
    "q3": "d", "q5": "d", "s3": "d", "spark": "d",
    "select": "r", "crit-bg": "r", "warn-bg": "b", "heal-bg": "b",
}  # fmt: skip
"""No colour: attributes only. b bold, d dim, r reverse, u underline."""

PALETTES: Mapping[PaletteName, Mapping[str, str]] = {"night": NIGHT, "day": DAY, "ansi": ANSI, "mono": MONO}
PALETTE_NAMES: tuple[PaletteName, ...] = get_args(PaletteName)


class Glyph:
    """Every sign that is drawn; each is one cell wide in every terminal that was looked at.

    Not used, because somewhere they are drawn as an emoji of two cells: U+23EA, U+23F8, U+26A0, U+2714,
    U+2716.
    """

    OK = "●"
    WARN = "▲"
    CRIT = "✕"
    HEAL = "◐"
    NONE = "○"
    CONTROLLER = "◆"
    PAUSED = "▮▮"
    REPLAY = "«"
    OPEN = "▾"
    SHUT = "▸"
    SELECTED = "▌"
    DOT = "·"
    UNKNOWN = "—"
    TO = "→"
    UP = "↑"
    DOWN = "↓"
    ENTER = "↵"
    ELLIPSIS = "…"
    RANGE = "–"
    RULE = "─"
    HEAVY = "━"
    WALL = "│"
    FIRST = "╭"
    LAST = "╰"
    FULL = "█"
    HALF = "▄"
    SPARKS = "▁▂▃▄▅▆"
    """Never full height: stacked rows would melt into a wall."""


TO_ASCII = str.maketrans({
    "●": "+", "▲": "!", "✕": "X", "◐": "~", "○": "?", "◆": "*", "▮": "|", "«": "<", "▾": "-", "▸": "+",
    "▌": ">", "·": "|", "—": "-", "→": ">", "←": "<", "↑": "^", "↓": "v", "↵": "^", "…": "~", "–": "-",
    "─": "-", "━": "=", "│": "|", "╭": "/", "╰": "\\", "╮": "\\", "╯": "/", "┊": ":", "┬": "+",
    "▁": "_", "▂": ".", "▃": ":", "▄": "-", "▅": "=", "▆": "*", "█": "#", "≤": "<", "≥": ">", "×": "x",
    "½": "h", "µ": "u",
})  # fmt: skip
"""One sign for one sign, so that nothing moves."""

_SIGNS: dict[Severity, str] = {
    "ok": Glyph.OK, "warn": Glyph.WARN, "crit": Glyph.CRIT, "heal": Glyph.HEAL, "none": Glyph.NONE,
}  # fmt: skip


def sign(severity: Severity) -> str:
    """The glyph that always goes with the colour of a severity."""
    return _SIGNS[severity]


def token(severity: Severity) -> str:
    """The colour token of a severity.

    >>> token("none"), token("crit")
    ('faint', 'crit')
    """
    return "faint" if severity == "none" else severity


@dataclass(frozen=True, slots=True)
class Look:
    """What the terminal can show: a palette, and whether only ASCII."""

    palette: PaletteName = "night"
    ascii: bool = False

    def ink(self, spec: str = "text") -> Style:
        """The style of a token spec.

        One colour token (`s1@60`: 60 % of s1 over the background), any of `b` `d` `u` `r`, one `on:TOKEN`.

        >>> Look("night").ink("crit b on:select").bold
        True
        """
        return _ink(self.palette, spec)

    @property
    def own_colors(self) -> bool:
        """Whether the terminal's own colours are used, on its own background."""
        return self.palette in ("ansi", "mono")

    @property
    def plain_bars(self) -> bool:
        """Whether bars of several parts need letters to be told apart."""
        return self.ascii or self.palette == "mono"


def look_for(
    environ: Mapping[str, str], encoding: str, *, ascii_only: bool = False, theme: PaletteName | None = None
) -> Look:
    """What this terminal can show, from its environment, its encoding and what was asked for.

    >>> look_for({"TERM": "linux"}, "utf-8")
    Look(palette='ansi', ascii=True)
    >>> look_for({"TERM": "xterm-256color", "NO_COLOR": "1"}, "utf-8")
    Look(palette='mono', ascii=False)
    >>> look_for({"TERM": "xterm-256color"}, "ANSI_X3.4-1968", theme="day")
    Look(palette='day', ascii=True)
    """
    term = environ.get("TERM", "")
    narrow = "utf" not in encoding.lower().replace("-", "") or term in ("linux", "dumb", "vt100", "vt220")
    palette: PaletteName = theme or "night"
    if environ.get("NO_COLOR") or term in ("dumb", "vt100", "vt220"):
        palette = "mono"
    elif theme is None and not _many_colours(environ, term):
        palette = "ansi"
    return Look(palette, ascii_only or narrow)


def _many_colours(environ: Mapping[str, str], term: str) -> bool:
    return environ.get("COLORTERM", "") in ("truecolor", "24bit") or "256" in term or "direct" in term


def _mix(back: str, front: str, share: float) -> str:
    """`share` of `front` over `back`."""
    pairs = ((int(back[i : i + 2], 16), int(front[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(b + (f - b) * share):02x}" for b, f in pairs)


@dataclass(frozen=True, slots=True)
class _Spec:
    """A token spec, taken apart."""

    color: str
    back: str
    attributes: frozenset[str]
    fade: int

    @classmethod
    def of(cls, spec: str) -> _Spec:
        color, back, attributes, fade = "text", "bg", set[str](), 100
        for part in spec.split():
            if part in ("b", "d", "u", "r"):
                attributes.add(part)
            elif part.startswith("on:"):
                back = part[3:]
            else:
                color, *fades = part.split("@")
                for percent in fades:
                    fade = fade * int(percent) // 100
        return cls(color, back, frozenset(attributes), fade)


@lru_cache(maxsize=4096)
def _ink(palette: PaletteName, spec: str) -> Style:
    parts = _Spec.of(spec)
    if palette == "mono":
        return _mono(parts)
    if palette == "ansi":
        return _ansi(parts)
    colors = PALETTES[palette]
    fore = colors[parts.color]
    if parts.fade < 100:
        fore = _mix(colors["bg"], fore, parts.fade / 100)
    return Style(
        color=fore,
        bgcolor=colors[parts.back],
        bold="b" in parts.attributes,
        underline="u" in parts.attributes,
        reverse="r" in parts.attributes,
    )


def _mono(parts: _Spec) -> Style:
    attributes = set(parts.attributes) | set(MONO.get(parts.color, "")) | set(MONO.get(parts.back, ""))
    return Style(
        bold="b" in attributes,
        dim="d" in attributes and "r" not in attributes,
        underline="u" in attributes,
        reverse="r" in attributes,
    )


def _ansi(parts: _Spec) -> Style:
    if parts.back in ("crit-bg", "warn-bg", "heal-bg"):
        fore = "black" if parts.back == "warn-bg" else "bright_white"
        return Style(color=fore, bgcolor=ANSI[parts.back], bold=True)
    fore = ANSI[parts.color]
    if parts.back == "select" and parts.color in ("faint", "muted", "rule"):
        fore = "bright_white"
    if parts.fade < 60:
        fore = ANSI.get(parts.color + "-low", fore)
    return Style(
        color=fore, bgcolor=ANSI[parts.back], bold="b" in parts.attributes, underline="u" in parts.attributes
    )


def themes() -> list[Theme]:
    """The four looks as Textual themes, `msk-night` to `msk-mono`; tokens are variables `$msk-…`."""
    return [_rich_theme("night"), _rich_theme("day"), _terminal_theme("ansi"), _terminal_theme("mono")]


def _rich_theme(name: PaletteName) -> Theme:
    from textual.theme import Theme

    p = PALETTES[name]
    return Theme(
        name=f"msk-{name}",
        dark=name == "night",
        primary=p["accent"],
        accent=p["accent"],
        success=p["ok"],
        warning=p["warn"],
        error=p["crit"],
        foreground=p["text"],
        background=p["bg"],
        surface=p["raised"],
        panel=p["raised"],
        variables={f"msk-{key}": value for key, value in p.items()},
    )


def _terminal_theme(name: PaletteName) -> Theme:
    from textual.theme import BUILTIN_THEMES, Theme

    return Theme(
        name=f"msk-{name}",
        dark=True,
        ansi=True,
        primary="ansi_blue",
        foreground="ansi_default",
        background="ansi_default",
        surface="ansi_default",
        panel="ansi_default",
        variables={
            **BUILTIN_THEMES["ansi-dark"].variables,
            **{f"msk-{key}": "ansi_default" for key in NIGHT},
        },
    )
