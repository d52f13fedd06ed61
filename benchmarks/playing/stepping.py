"""msktop with a wall clock that SIGUSR1 steps: `python -m benchmarks.playing.stepping ARGS…`."""

from __future__ import annotations

import signal
import time

from msktop.cli import main

STEP_S = 90.0


def steppable() -> None:
    """From here on SIGUSR1 steps this process's `time.time`."""
    real = time.time
    steps: list[float] = []
    signal.signal(signal.SIGUSR1, lambda *_: steps.append(STEP_S))
    time.time = lambda: real() + sum(steps)


if __name__ == "__main__":
    steppable()
    main()
