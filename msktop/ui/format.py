"""Numbers in a fixed width, so that columns never jump. Unknown is a dash, never 0."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size

from msktop.model.text import plain

UNKNOWN = "—"
_STEPS = ((1e3, "k"), (1e6, "M"), (1e9, "G"), (1e12, "T"), (1e15, "P"))


def num(value: float | None, width: int = 5) -> str:
    """Three significant digits in five cells.

    >>> num(812), num(4213), num(42_130), num(421_300), num(4_213_000), num(None)
    ('  812', '4.21k', '42.1k', ' 421k', '4.21M', '    —')
    """
    if value is None:
        return UNKNOWN.rjust(width)
    size = abs(value)
    if size < 999.5:
        return f"{value:.0f}".rjust(width)
    scale, suffix = next((s for s in _STEPS if size < s[0] * 999.5), _STEPS[-1])
    return (_three(value / scale) + suffix).rjust(width)


def dec(value: float | None, width: int = 5) -> str:
    """Three significant digits without a suffix, for values below 100,000.

    >>> dec(0.84), dec(1.821), dec(14.2), dec(142.4), dec(None)
    (' 0.84', ' 1.82', ' 14.2', '  142', '    —')
    """
    return UNKNOWN.rjust(width) if value is None else _three(value).rjust(width)


def _three(value: float) -> str:
    size = abs(value)
    return f"{value:.2f}" if size < 9.995 else f"{value:.1f}" if size < 99.95 else f"{value:.0f}"


def rate(value: float | None, width: int = 5) -> str:
    """Something per second: decimals below 1,000, a suffix from there.

    >>> rate(0.4), rate(38), rate(702), rate(4210), rate(0)
    (' 0.40', ' 38.0', '  702', '4.21k', '    0')
    """
    if value == 0:
        return "0".rjust(width)
    return num(value, width) if value is None or abs(value) >= 999.5 else dec(value, width)


def ms(value: float | None, width: int = 8) -> str:
    """A latency given in milliseconds, with its unit, in eight cells.

    >>> ms(1.82), ms(142), ms(1420), ms(None)
    (' 1.82 ms', '  142 ms', ' 1.42 s ', '    —   ')
    """
    if value is None:
        return (UNKNOWN.rjust(5) + "   ").rjust(width)
    return (dec(value) + " ms" if value < 999.5 else dec(value / 1000) + " s ").rjust(width)


def megabytes(per_s: float | None, width: int = 5) -> str:
    """Bytes per second as MB/s (10⁶), without the unit.

    >>> megabytes(4_230_000), megabytes(None)
    (' 4.23', '    —')
    """
    return rate(None if per_s is None else per_s / 1e6, width)


def size(value: float | None, width: int = 8) -> str:
    """Bytes in binary units.

    >>> size(512), size(45_678), size(440 * 2**30), size(None)
    ('   512 B', '44.6 KiB', ' 440 GiB', '       —')
    """
    if value is None:
        return UNKNOWN.rjust(width)
    if value < 1024:
        return f"{value:.0f} B".rjust(width)
    power = next((n for n in range(1, 5) if value < 999.5 * 1024**n), 5)
    return f"{_three(value / 1024**power)} {'KMGTP'[power - 1]}iB".rjust(width)


def dur(seconds: float | None, width: int = 7) -> str:
    """A finished duration in seven cells.

    >>> dur(0.04), dur(8.1), dur(192), dur(3840), dur(183_600), dur(None)
    ('  40 ms', '  8.1 s', ' 3m 12s', ' 1h 04m', ' 2d 03h', '      —')
    """
    if seconds is None:
        return UNKNOWN.rjust(width)
    if 0 < seconds < 0.0995:
        return f"{seconds * 1000:.0f} ms".rjust(width)
    if seconds < 59.95:
        return f"{seconds:.1f} s".rjust(width)
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02d}s".rjust(width)
    if whole < 86400:
        return f"{whole // 3600}h {whole % 3600 // 60:02d}m".rjust(width)
    return f"{whole // 86400}d {whole % 86400 // 3600:02d}h".rjust(width)


def age(seconds: float | None) -> str:
    """How old something is, short and without width.

    >>> age(0.4), age(11.2), age(90), age(7300), age(None)
    ('now', '11 s', '1 min', '2 h', '—')
    """
    if seconds is None:
        return UNKNOWN
    if seconds < 0.95:
        return "now"
    if seconds < 89.5:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds // 60:.0f} min"
    return f"{seconds // 3600:.0f} h" if seconds < 172_800 else f"{seconds // 86400:.0f} d"


def old(seconds: float | None) -> str:
    """The same as a word of its own.

    >>> old(0.4), old(11.2), old(None)
    ('0 s old', '11 s old', '— old')
    """
    word = age(seconds)
    return f"{'0 s' if word == 'now' else word} old"


def watch(seconds: float) -> str:
    """A running stopwatch; tenths always shown below an hour.

    >>> watch(9.44), watch(59.99), watch(3725)
    ('00:09.4', '00:59.9', '1:02:05')
    """
    tenths = max(0, int(seconds * 10 + 1e-6))
    if tenths >= 36_000:
        return f"{tenths // 36_000}:{tenths // 600 % 60:02d}:{tenths // 10 % 60:02d}"
    return f"{tenths // 600:02d}:{tenths // 10 % 60:02d}.{tenths % 10}"


def clock(at: float | None) -> str:
    """Time of day in UTC, eight cells.

    >>> clock(1_763_908_322.7)
    '14:32:02'
    """
    if at is None:
        return UNKNOWN.rjust(8)
    t = int(at)
    return f"{t // 3600 % 24:02d}:{t // 60 % 60:02d}:{t % 60:02d}"


def pct(fraction: float | None, width: int = 4) -> str:
    """A fraction of one as percent, four cells.

    >>> pct(0.43), pct(None)
    (' 43%', '   —')
    """
    return (UNKNOWN if fraction is None else f"{fraction * 100:.0f}%").rjust(width)


def count(value: int | None, width: int = 3) -> str:
    """A small whole number.

    >>> count(7), count(None)
    ('  7', '  —')
    """
    return (UNKNOWN if value is None else str(value)).rjust(width)


def foreign(text: str, width: int | None = None) -> str:
    r"""A string that came from elsewhere, made harmless; with `width`, cut to that many cells.

    >>> foreign("orders", 4), foreign("注文履歴", 5), foreign("a\x1b[2J")
    ('ord…', '注文…', 'a\ufffd[2J')
    """
    text = plain(text)
    return text if width is None else cut(text, width)


def cut(text: str, width: int) -> str:
    """At most `width` cells, with an ellipsis where something was left out.

    >>> cut("use1-az1", 8), cut("use1-az1", 5), cut("x", 0)
    ('use1-az1', 'use1…', '')
    """
    if (len(text) if text.isascii() else cell_len(text)) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…" if width > 0 else ""


def fit(text: str, width: int) -> str:
    """Exactly `width` cells: cut or filled with blanks at the right.

    >>> fit("ab", 4), fit("abcdef", 4)
    ('ab  ', 'abc…')
    """
    text = cut(text, width)
    return text + " " * (width - cell_len(text))
