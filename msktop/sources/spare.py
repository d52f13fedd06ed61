"""The process of a source, begun before there is a source: its start and imports run beside the screen's."""

from __future__ import annotations

import subprocess
import sys

Child = subprocess.Popen[bytes]


def spawn(module: str) -> Child:
    """Start a process that imports `module` and waits for a source from it; it ends with its standard input.

    Standard input takes what ProcessPump writes, standard output gives frames of samples, standard error what
    the process has to complain of.
    """
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "msktop.sources.child", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
