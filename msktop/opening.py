"""From what the command line says to the cluster that is opened: named, chosen, logged in to."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from msktop.settings import Look, Target
from msktop.targets import Words, access_of, choose, msk_target, only_local_can_be_meant, with_words

if TYPE_CHECKING:
    from msktop.choices import TargetChoice
    from msktop.ui.acting import Actor


def named(words: Words) -> Target:
    """The cluster that the words mean; asks for what its credentials need before a screen opens."""
    return _logged_in(choose(words))


def named_or_picked(words: Words, look: Look) -> Target | None:
    """The cluster that the words mean, or that the person chooses; None where they leave."""
    return named(words) if _is_named(words) else _picked(words, look)


def _is_named(words: Words) -> bool:
    """Whether it is said which cluster; or nobody is there to choose, or nothing but a local one is."""
    is_said = any((words.cluster, words.bootstrap_servers, words.local_name))
    is_asked = any((words.profile, words.region, words.endpoint_url))
    is_terminal = sys.stdin.isatty() and sys.stderr.isatty()
    return is_said or not is_terminal or (not is_asked and only_local_can_be_meant())


def _picked(words: Words, look: Look) -> Target | None:
    from msktop.choices import list_targets
    from msktop.ui.terminal import pick

    access = access_of(words)
    chosen = pick(
        lambda stop: list_targets(access, stop=stop),
        look.ascii_only,
        look.theme,
        look.log_file,
        lambda choice: _creator(words, choice),
    )
    return None if chosen is None else _logged_in(with_words(chosen.target, words))


def _creator(words: Words, choice: TargetChoice | None) -> Actor:
    """Who makes a cluster: on the local MSK under the cursor, else in the account that was asked."""
    from msktop.actions.guard import Permit
    from msktop.actor import MskActor
    from msktop.aws.session import AwsSession

    local = choice.target.msk if choice is not None and choice.origin == "local" else None
    msk = local or msk_target("new", access_of(words))
    said = Permit(write=bool(words.write), read_only=bool(words.read_only), ours=msk.ours)
    return MskActor(AwsSession(msk.access), said)


def _logged_in(target: Target) -> Target:
    if target.msk is not None:
        from msktop.aws.session import log_in

        log_in(target.msk.access)
    return target
