"""The terminal's output, counted: what a session costs its link."""

from __future__ import annotations

import time
from collections import deque

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

from msktop.ui.opening import ALTERNATE

_SPAN_S = 10.0


class LinkMeter:
    """Bytes written lately, and CPU time used meanwhile."""

    def __init__(self) -> None:
        self.total = 0
        self._cpu: deque[tuple[float, float]] = deque([(time.monotonic(), time.process_time())])
        self._lately: deque[tuple[float, int]] = deque()

    def add(self, size: int) -> None:
        """So many bytes were written now."""
        now = time.monotonic()
        self.total += size
        self._lately.append((now, size))
        while self._lately and now - self._lately[0][0] > _SPAN_S:
            self._lately.popleft()

    def per_s(self) -> float:
        """Bytes per second over the last ten seconds."""
        now = time.monotonic()
        return sum(size for at, size in self._lately if now - at <= _SPAN_S) / _SPAN_S

    def busy(self) -> float:
        """This process's share of a core (0 to 1) over about the last ten seconds; call it now and then."""
        now, used = time.monotonic(), time.process_time()
        self._cpu.append((now, used))
        while len(self._cpu) > 2 and now - self._cpu[0][0] > _SPAN_S:
            self._cpu.popleft()
        began, before = self._cpu[0]
        return (used - before) / max(now - began, 1e-9)


MAIN = "\x1b[?1049l"
"""Back to the main screen, as Textual writes it."""


class MonitorDriver(LinuxDriver):
    """Textual's driver for terminals, with its output counted and the mouse to be switched."""

    def __init__(
        self,
        app: App[object],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self.meter = LinkMeter()
        self._is_alternate = getattr(app, "first_picture", None) is not None

    def write(self, data: str) -> None:
        """Count and write; what comes after the end is dropped."""
        if self._is_alternate and data == ALTERNATE:  # a second time would clear the first picture
            self._is_alternate = False
        elif self._writer_thread is not None:
            if data == MAIN:  # some terminals that have grown would keep a part of it above the prompt
                data = f"\x1b[0m\x1b[2J{MAIN}"
            self.meter.add(len(data) if data.isascii() else len(data.encode()))
            super().write(data)

    @property
    def behind(self) -> int:
        """Pictures that wait for the terminal to take them: a slow link."""
        return 0 if self._writer_thread is None else self._writer_thread._queue.qsize()

    def set_mouse(self, on: bool) -> None:
        """Take the mouse, or leave it to the terminal's own selection."""
        if on:
            self._mouse = True
            self._enable_mouse_support()
        else:
            self._disable_mouse_support()
            self._mouse = False
        self.flush()
