"""The command line inside this process: starting Python and importing boto3 takes long on a busy machine."""

from __future__ import annotations

import io
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from msktop.cli import main


def run_here(*words: str) -> CompletedProcess[str]:
    """`msktop WORDS…` without a terminal, as `subprocess.run` would tell of it."""
    out, err = io.StringIO(), io.StringIO()
    with (
        Path(os.devnull).open(encoding="utf-8") as nobody,
        pytest.MonkeyPatch.context() as patch,
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        patch.setattr(sys, "argv", ["msktop", *words])
        patch.setattr(sys, "stdin", nobody)
        with pytest.raises(SystemExit) as ended:
            main()
    return CompletedProcess(list(words), int(ended.value.code or 0), out.getvalue(), err.getvalue())
