"""The other end of ProcessPump: `python -m msktop.sources.child [MODULE]`.

It imports MODULE, where its source will come from, while nobody waits for it yet.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import pickle
import sys
import threading

from msktop.model.samples import Sample
from msktop.recording.codec import encode
from msktop.sources.pump import run, write_frame

GRACE_S = 0.3
"""How long a source may take to end once the parent is gone."""


def main() -> None:
    """Read a source from standard input, write what it sees to standard output, end when input ends."""
    for module in sys.argv[1:]:
        importlib.import_module(module)
    try:
        source, clock = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our own parent, by a pipe, never a file
    except EOFError:  # it was not needed
        return
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a stray print must not land between frames
    stop = threading.Event()

    def hear_and_leave_with_parent() -> None:
        with contextlib.suppress(EOFError, pickle.UnpicklingError):
            while True:
                source.hear(pickle.load(sys.stdin.buffer))  # noqa: S301 - the same pipe
        stop.set()
        threading.Event().wait(GRACE_S)
        os._exit(0)

    threading.Thread(target=hear_and_leave_with_parent, daemon=True).start()

    def emit(sample: Sample) -> None:
        write_frame(out, encode((sample,)))

    try:
        run(source, emit, stop, clock)
    except (BrokenPipeError, KeyboardInterrupt):
        os._exit(0)


if __name__ == "__main__":
    main()
