"""Asks in a thread what may take long, and brings the answer into the app's own thread."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable
from typing import Any, Protocol, TypeVar, cast

from textual.app import App

from msktop.actions.perform import OutcomeUnknownError
from msktop.errors import MsktopError

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")


class _Host(Protocol):
    """What every app of ours has."""

    def call_from_anywhere(self, what: Callable[[], object]) -> None:
        """Have something done in the app's own thread."""


def in_a_thread(
    app: App[Any],
    work: Callable[[], Answer],
    then: Callable[[Answer | MsktopError], None],
    name: str,
    *,
    to_its_end: bool = False,
) -> None:
    """`then` is called in the app's thread with the answer, or with what went wrong.

    `to_its_end`: whoever leaves msktop leaves the screen at once, but the process waits for the answer.
    """
    host = cast("_Host", app)

    def run() -> None:
        answer: Answer | MsktopError
        try:
            answer = work()
        except MsktopError as error:
            answer = error
        except Exception as error:  # a fault of ours, which must not leave the person waiting
            log.exception("what a screen asked for failed")
            answer = OutcomeUnknownError(f"{type(error).__name__}: {error}", "The log has more.")
        with contextlib.suppress(RuntimeError):  # the app has ended
            host.call_from_anywhere(lambda: then(answer))

    threading.Thread(target=run, name=name, daemon=not to_its_end).start()
