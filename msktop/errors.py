"""Everything that can go wrong for a person, each with a title and what to do next.

MsktopError
├── UsageError          64  wrong words on the command line, or in a configuration file
├── TargetError          2  the cluster cannot be reached
├── LocalError           1  the local MSK could not do it
├── RecordingError       1  a recording cannot be read or written
└── ActionError          1  a change of a cluster was refused or failed
"""

from __future__ import annotations


class MsktopError(Exception):
    """A failure that a person can read: `title` says what is wrong and where, `advice` what to do."""

    exit_code = 1

    def __init__(self, title: str, advice: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.advice = advice


class UsageError(MsktopError):
    """Wrong words on the command line, or a wrong line in a file."""

    exit_code = 64


class TargetError(MsktopError):
    """No broker of the cluster can be reached."""

    exit_code = 2


class LocalError(MsktopError):
    """The local MSK could not start, stop or act."""


class RecordingError(MsktopError):
    """A recording cannot be read or written."""


class ActionError(MsktopError):
    """A change of a cluster was refused or failed."""
