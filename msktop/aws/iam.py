"""Logins to brokers by IAM: a presigned `kafka-cluster:Connect`, in both forms that Amazon MSK takes.

Over OAUTHBEARER the token is the URL itself, as Amazon's signers for MSK make it; over AWS_MSK_IAM its parts
are a JSON object, as aws-msk-iam-auth makes it. Both hold for 15 minutes, which matters at the login only.
"""

from __future__ import annotations

import base64
import json
import re
import threading
import time
import weakref
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlsplit

from msktop import __version__
from msktop.aws.access import Access
from msktop.aws.errors import AwsError
from msktop.aws.session import AwsSession, Credentials

EXPIRES_S = 900
AGENT = f"msktop/{__version__}"
RENEW_BEFORE_S = 900.0
"""botocore renews what ends within 15 minutes as soon as it is asked for it."""
LOOK_S, LOOK_LEAST_S, AGAIN_S = 60.0, 2.0, 3.0
"""How often keys that say no end are read again; the least time between two renewals, and after a failure."""

_ACTION = "kafka-cluster:Connect"
_REGION = re.compile(r"\.kafka(?:-serverless)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$")


@dataclass(frozen=True, slots=True)
class Role:
    """A role to be taken on top of the profile's identity."""

    arn: str
    session_name: str = "msktop"
    external_id: str | None = None


@dataclass(frozen=True)
class IamTokens:
    """Signs for one identity. Picklable: what goes along is where credentials come from, never these.

    Credentials are fetched and renewed in a thread, from the first use on; `token` only signs (about 0.3 ms).
    """

    access: Access
    role: Role | None = None

    def ready(self, timeout_s: float) -> bool:
        """Wait for credentials, at most for so long; whether there are any. Raises AwsError."""
        keys = self._keys()
        keys.looked.wait(timeout_s)
        if not keys.looked.is_set():
            return False
        keys.current()
        return True

    def token(self, mechanism: str, host: str) -> bytes:
        """The client's first words in a login to `host`; at once. Raises AwsError."""
        keys = self._keys()
        region = region_of(host) or keys.region
        if mechanism == "AWS_MSK_IAM":
            return msk_iam(keys.current(), region, host)
        return bearer(keys.current(), region)

    def _keys(self) -> _Keys:
        keys: _Keys | None = self.__dict__.get("keys")
        if keys is None:
            keys = self.__dict__.setdefault("keys", _Keys(self.access, self.role))
            keys.start()
        return keys

    def __getstate__(self) -> dict[str, object]:
        return {"access": self.access, "role": self.role}


class _Keys:
    """The newest credentials, and the thread that keeps them new for as long as anybody holds this."""

    def __init__(self, access: Access, role: Role | None) -> None:
        self.looked = threading.Event()
        """Set once the first attempt has ended, either way."""
        self.region = access.regions[0] if access.regions else ""
        self._source = _Source(access, role)
        self._credentials: Credentials | None = None
        self._error: AwsError | None = None
        self._renew_at = 0.0
        self._started = threading.Lock()

    def start(self) -> None:
        """Begin, once."""
        if self._started.acquire(blocking=False):
            ended = threading.Event()
            held = weakref.ref(self, lambda _: ended.set())
            threading.Thread(target=_keep_new, args=(held, ended), name="credentials", daemon=True).start()

    def current(self) -> Credentials:
        """What there is now; raises AwsError where that is nothing, or has expired."""
        found = self._credentials
        if found is not None and (found.expires_at is None or found.expires_at > time.time()):
            return found
        raise self._error or AwsError(
            "expired", "the AWS credentials have expired", "They are being fetched again: see the profile."
        )

    def look(self) -> float:
        """Fetch or renew what is due; seconds until the next look."""
        now = time.time()
        if now < self._renew_at:
            return min(LOOK_S, self._renew_at - now)
        try:
            found = self._source.credentials()
            self.region = self.region or self._source.region()
            self._credentials, self._error = found, None
        except AwsError as error:
            self._error = error
            self._source.forget()
            return AGAIN_S
        finally:
            self.looked.set()
        self._renew_at = now + due_in(found, now)
        return min(LOOK_S, self._renew_at - now)


def due_in(credentials: Credentials, now: float) -> float:
    """Seconds until they are to be renewed.

    >>> due_in(Credentials("a", "s", "t", 3600.0), 0.0), due_in(Credentials("a", "s", "t", 600.0), 0.0)
    (2700.0, 150.0)
    """
    if credentials.expires_at is None:
        return LOOK_S
    left_s = credentials.expires_at - now
    return max(left_s - RENEW_BEFORE_S, left_s / 4, LOOK_LEAST_S)


def _keep_new(held: weakref.ref[_Keys], ended: threading.Event) -> None:
    pause_s = 0.0
    while not ended.wait(pause_s):
        keys = held()
        if keys is not None:
            pause_s = keys.look()
        del keys


class _Source:
    """Where the credentials come from: a session, and the role on top of it."""

    def __init__(self, access: Access, role: Role | None) -> None:
        self._session = AwsSession(access)
        self._role = role

    def credentials(self) -> Credentials:
        """Fetch, or renew; may take seconds. What says no end is read anew: somebody may have renewed it."""
        if self._role is None:
            found = self._session.credentials()
            if found.expires_at is None:
                self._session.forget()
            return found
        return self._session.assume(self._role.arn, self._role.session_name, self._role.external_id)

    def region(self) -> str:
        """The one that is configured."""
        return self._session.region

    def forget(self) -> None:
        """Begin anew at the next use."""
        self._session.forget()


# ------------------------------------------------------------------ signing


def region_of(host: str) -> str:
    """The region in the name of an MSK broker; empty where the name has none.

    >>> region_of("b-1.orders.abc123.c2.kafka.eu-west-1.amazonaws.com")
    'eu-west-1'
    >>> region_of("127.0.0.1")
    ''
    """
    found = _REGION.search(host.lower())
    return found[1] if found else ""


def bearer(credentials: Credentials, region: str) -> bytes:
    """The client's first words over OAUTHBEARER (RFC 7628): the token is the URL in base64url."""
    url = _presigned(credentials, region, f"kafka.{region}.amazonaws.com")
    url += f"&User-Agent={quote(AGENT, safe='')}"
    token = base64.urlsafe_b64encode(url.encode()).rstrip(b"=")
    return b"n,,\1auth=Bearer " + token + b"\1\1"


def msk_iam(credentials: Credentials, region: str, host: str) -> bytes:
    """The client's first words over AWS_MSK_IAM: the parts of the URL as JSON."""
    query = dict(parse_qsl(urlsplit(_presigned(credentials, region, host)).query))
    action = query.pop("Action")
    signed = {name.lower(): value for name, value in query.items()}
    payload = {"version": "2020_10_22", "host": host, "user-agent": AGENT, "action": action, **signed}
    return json.dumps(payload, separators=(",", ":")).encode()


def _presigned(credentials: Credentials, region: str, host: str) -> str:
    from botocore.auth import SigV4QueryAuth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import ReadOnlyCredentials

    keys = ReadOnlyCredentials(credentials.access_key, credentials.secret_key, credentials.token)
    request = AWSRequest(method="GET", url=f"https://{host}/", params={"Action": _ACTION})
    SigV4QueryAuth(keys, "kafka-cluster", region, expires=EXPIRES_S).add_auth(request)
    return str(request.url)
