"""What boto3 and the AWS CLI need to reach a local MSK, as lines for a shell."""

from __future__ import annotations

import shlex

from msktop.errors import LocalError
from msktop.local import paths
from msktop.local.plane import registry
from msktop.local.plane.names import REGION
from msktop.local.state import State


def variables(found: State) -> dict[str, str]:
    """The environment variables. Raises LocalError where no API is served."""
    document = registry.read(paths.folders(found.name).state / registry.FILE)
    if found.endpoint_url is None or document is None:
        raise LocalError(f"the local cluster {found.name!r} serves no API")
    return {
        "AWS_ENDPOINT_URL": found.endpoint_url,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": document.credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": document.credentials.secret_access_key,
    }


HIDING = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN")
"""Variables that would have boto3 use other credentials."""


def shell(found: State) -> str:
    """The same as commands for `eval`."""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in variables(found).items()]
    return "\n".join([*lines, f"unset {' '.join(HIDING)}"])
