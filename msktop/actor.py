"""Makes the changes that the monitor's forms ask for, by the same path as `msktop cluster`.

Everything is imported when it is first needed: a monitor that changes nothing pays nothing for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msktop.actions.guard import Permit
from msktop.errors import ActionError

if TYPE_CHECKING:
    from msktop.actions.facts import Facts
    from msktop.actions.offers import Offers
    from msktop.actions.perform import Sent
    from msktop.actions.plan import Plan
    from msktop.aws.session import AwsSession


class MskActor:
    """One identity of AWS's, what its person has allowed, and the cluster that is watched, if any.

    What asks AWS may take as long as AWS does, and raises MsktopError: it is for threads of its own.
    """

    def __init__(
        self,
        session: AwsSession,
        said: Permit,
        cluster: str | None = None,
        sent: Callable[[], object] = lambda: None,
        *,
        creating: Permit | None = None,
    ) -> None:
        """`said` of the cluster that is watched, `creating` of new ones where that is another word."""
        self._session = session
        self._said = said
        self._creating = creating or said
        self._cluster = cluster
        self._sent = sent
        """Called when something was sent, whatever came of it."""

    def hindrance(self, *, creating: bool) -> str:
        """Why nothing may be sent; empty where it may."""
        return (self._creating if creating else self._said).hindrance

    def facts(self) -> Facts:
        """The cluster that is watched, read anew."""
        from msktop.actions import facts

        if self._cluster is None:
            raise ActionError("no cluster is open", "Open one first.")
        found = facts.facts(self._session, self._cluster)
        self._cluster = found.arn
        return found

    def offers(self, *, creating: bool) -> Offers:
        """What the account has to choose from, for a change or for a new cluster."""
        from msktop.actions import offers

        region = self._region()
        return (offers.for_creation if creating else offers.for_update)(self._session, region)

    def send(self, plan: Plan, typed: str, again: Callable[[Facts], Plan] | None = None) -> Sent:
        """Send it, if it is allowed and still what would be planned; `again` plans it from new facts."""
        from msktop.actions.audit import Audit
        from msktop.actions.guard import permit
        from msktop.actions.perform import perform

        said = self._creating if plan.operation == "CreateClusterV2" else self._said
        permit(plan, said, lambda _: typed)
        if again is not None and again(self.facts()) != plan:
            raise ActionError(
                f"not sent: {plan.cluster} has changed since it was looked at", "Look at it again."
            )
        try:
            return perform(plan, self._session, self._region(), Audit())
        finally:
            self._sent()

    def _region(self) -> str:
        from msktop.aws.session import region_of_arn

        cluster = self._cluster or ""
        return region_of_arn(cluster) if cluster.startswith("arn:") else self._session.region
