"""STS: who one is."""

from __future__ import annotations

from msktop.local.api.messages import Call, Members
from msktop.local.plane.names import ACCOUNT

USER = f"arn:aws:iam::{ACCOUNT}:user/local"
"""The one user of the pretended account."""


class Sts:
    """The operations."""

    def get_caller_identity(self, call: Call) -> Members:
        """The account and the user of the credentials."""
        return {"Account": ACCOUNT, "UserId": call.access_key, "Arn": USER}
