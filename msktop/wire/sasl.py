"""The client's side of a login: what to say next, given what the broker said. No sockets.

PLAIN is RFC 4616, SCRAM is RFC 5802 and 7677, OAUTHBEARER is RFC 7628. Faults of the broker's proof
are WireErrors of stage `sasl`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Generator
from typing import Protocol

from msktop.wire.errors import WireError

Conversation = Generator[bytes, bytes, None]
"""Yields a token to send, is sent the broker's token."""

PASSWORD_MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
TOKEN_MECHANISMS = ("OAUTHBEARER", "AWS_MSK_IAM")
"""Both are Amazon MSK's IAM: a signed token of the SASL standard's, and MSK's own first form of the same."""
MECHANISMS = PASSWORD_MECHANISMS + TOKEN_MECHANISMS

_MOST_ITERATIONS = 1_000_000
"""A broker asks for 4,096 by default; a hostile one could keep us busy for hours."""


class TokenProvider(Protocol):
    """Makes the tokens of IAM logins. Picklable; what it needs is fetched beside us, never while we wait.

    Both raise MsktopError, which says what is wrong with the credentials.
    """

    def ready(self, timeout_s: float) -> bool:
        """Wait until a token can be made, at most for so long; whether it can."""

    def token(self, mechanism: str, host: str) -> bytes:
        """What the client says in a login to `host`; at once."""


def conversation(mechanism: str, username: str, password: str) -> Conversation:
    """The login of `mechanism`, one of PASSWORD_MECHANISMS."""
    if mechanism == "PLAIN":
        return plain(username, password)
    return scram(mechanism.removeprefix("SCRAM-").replace("-", "").lower(), username, password)


def one_token(token: bytes) -> Conversation:
    r"""A token that says all. A broker that does not like it may say why: then it wants to hear a byte more.

    >>> talk = one_token(b"token")
    >>> next(talk), talk.send(b'{"status":"invalid_token"}')
    (b'token', b'\x01')
    """
    while (yield token).startswith(b'{"status"'):
        token = b"\1"


def plain(username: str, password: str) -> Conversation:
    r"""One token with both.

    >>> next(plain("ann", "secret"))
    b'\x00ann\x00secret'
    """
    yield f"\0{username}\0{password}".encode()


def scram(algorithm: str, username: str, password: str, nonce: str = "") -> Conversation:
    """Prove the password without sending it, and have the broker prove that it knows it.

    `algorithm` is sha256 or sha512, `nonce` only given to repeat a known conversation (RFC 7677, section 3):

    >>> talk = scram("sha256", "user", "pencil", "rOprNGfwEbeRWgbNEkqO")
    >>> next(talk)
    b'n,,n=user,r=rOprNGfwEbeRWgbNEkqO'
    >>> server = b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
    >>> talk.send(server)[-46:]
    b'p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ='
    """
    nonce = nonce or secrets.token_urlsafe(24)
    name = username.replace("=", "=3D").replace(",", "=2C")
    first_bare = f"n={name},r={nonce}"
    server_first = yield f"n,,{first_bare}".encode()

    fields = _fields(server_first)
    try:
        salt = base64.b64decode(fields["s"], validate=True)
        iterations = int(fields["i"])
        both = fields["r"]
    except (KeyError, ValueError, binascii.Error) as error:
        raise _odd("its challenge is no SCRAM") from error
    if not both.startswith(nonce):
        raise _odd("it answers to another nonce than ours")
    if not 0 < iterations <= _MOST_ITERATIONS:
        raise _odd(f"it asks for {iterations:,} iterations")

    salted = hashlib.pbkdf2_hmac(algorithm, password.encode(), salt, iterations)
    without_proof = f"c=biws,r={both}"
    message = f"{first_bare},{server_first.decode()},{without_proof}".encode()
    client_key = hmac.digest(salted, b"Client Key", algorithm)
    signature = hmac.digest(hashlib.new(algorithm, client_key).digest(), message, algorithm)
    proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
    server_final = yield f"{without_proof},p={base64.b64encode(proof).decode()}".encode()

    expected = hmac.digest(hmac.digest(salted, b"Server Key", algorithm), message, algorithm)
    given = _fields(server_final).get("v", "")
    if not hmac.compare_digest(base64.b64encode(expected).decode(), given):
        raise _odd("it does not know our password")


def _fields(message: bytes) -> dict[str, str]:
    try:
        parts = message.decode().split(",")
    except UnicodeDecodeError as error:
        raise _odd("its answer is no text") from error
    return {part[0]: part[2:] for part in parts if part[1:2] == "="}


def _odd(what: str) -> WireError:
    return WireError(
        "sasl",
        "sasl",
        f"the broker's side of the login is wrong: {what}",
        "Somebody else may answer at this address: check it, and prefer SASL_SSL.",
    )
