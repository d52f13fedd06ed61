"""From a TCP connection to a broker that answers: proxy, TLS, SASL, ApiVersions, Metadata; timed apart."""

from __future__ import annotations

import ssl
from collections.abc import Generator

from msktop.errors import MsktopError
from msktop.wire import minimal
from msktop.wire.errors import Stage, WireError, ended, timed_out
from msktop.wire.link import Link
from msktop.wire.minimal import ApiVersions, Brokers
from msktop.wire.sasl import TOKEN_MECHANISMS, Conversation, conversation, one_token
from msktop.wire.security import Security
from msktop.wire.socks import Tunnel

_Script = Generator[tuple[Stage, bytes], bytes, None]

_UNSUPPORTED_MECHANISM = 33
_ILLEGAL_STATE = 34
_AUTHENTICATION_FAILED = 58


class Opening:
    """A connection in the making, without a socket. Times are nanoseconds of whatever clock the caller keeps.

    Connect to `way`, then `start`, then `receive` with what came until `done`; send what `outgoing` holds
    after each. Every failure is a WireError that names its stage.
    """

    def __init__(self, security: Security, host: str, context: ssl.SSLContext | None, port: int) -> None:
        self.security = security
        proxy, self.way = security.network.proxy, security.network.way(host, port)
        """Where to connect to: the broker, its address in another network, or the proxy."""
        self._tunnel: Tunnel | None = None
        if proxy is not None:
            self._tunnel = Tunnel(proxy, *self.way)
            self.way = proxy.host, proxy.port
        self.link = Link(context, host, with_certificate=security.has_certificate)
        self.stage: Stage = "api_versions"
        self.stages: list[tuple[Stage, float]] = []
        """Milliseconds of the stages that were passed."""
        self.done = False
        self.api_versions: ApiVersions | None = None
        self.brokers: Brokers | None = None
        self.session_lifetime_ms = 0
        """How long the login is good for; 0: for ever."""
        self._host = host
        self._heard = False
        self._tls = context is not None
        self._correlation = 0
        self._since_ns = 0
        self._script: _Script | None = None

    @property
    def proxied(self) -> bool:
        """Whether a proxy is in between: it has a stage of its own, instead of DNS and TCP."""
        return self._tunnel is not None

    @property
    def throttle_ms(self) -> int:
        """The longest time that a response on the way bade us wait."""
        return max((r.throttle_ms for r in (self.api_versions, self.brokers) if r is not None), default=0)

    def start(self, at_ns: int) -> None:
        """The TCP connection is there; with a proxy, `at_ns` is when it was begun to be made."""
        self._since_ns = at_ns
        if self._tunnel is not None:
            self.stage = "proxy"
            self._tunnel.start()
        else:
            self._secure()

    def outgoing(self) -> bytes:
        """Take what is to be sent now."""
        if self._tunnel is not None and (out := self._tunnel.outgoing()):
            return out
        return self.link.outgoing()

    def renew(self, at_ns: int) -> None:
        """Log in again on the open connection, before the session ends (KIP-368); go on as after `start`."""
        assert self.security.mechanism is not None
        self._since_ns = at_ns
        self.done = False
        self._script = self._login(self.security.mechanism)
        self._send(*next(self._script))

    def receive(self, data: bytes, at_ns: int) -> None:
        """Go on with what came at `at_ns`."""
        if self._tunnel is not None and not self._tunnel.done:
            rest = self._tunnel.receive(data)
            if rest is None:
                return
            data = rest
            self._lap(at_ns)
            self._secure()
        self._heard = self._heard or bool(data)
        frames = self.link.receive(data, self.stage)
        if self._script is None and self.link.secured:
            self._lap(at_ns)
            self._begin()
        for payload in frames:
            self._answer(payload, at_ns)

    def closed(self) -> WireError:
        """What it means that the other side closes now."""
        if self._tunnel is not None and not self._tunnel.done:
            return self._tunnel.closed()
        if self._tunnel is not None and not self._heard:
            return WireError(
                self.stage,
                "reset",
                "the proxy closed the connection before the broker said anything",
                "It may have no way to the broker (ssh -D tells it so), or the security.protocol is another.",
            )
        return ended(self.stage, tls=self._tls, login=self.security.mechanism is not None)

    def silent(self, waited_ms: float) -> WireError:
        """What it means that nothing has come for so long."""
        if self._tunnel is not None and not self._tunnel.done:
            return self._tunnel.proxy.silent(waited_ms, greeted=self._tunnel.greeted)
        return timed_out(self.stage, waited_ms)

    def in_its_place(self, error: WireError) -> WireError:
        """The error, said of the proxy where it was the connection to the proxy that failed."""
        if self._tunnel is not None and error.stage in ("dns", "tcp"):
            return self._tunnel.proxy.unreachable(error)
        if self._tunnel is not None and error.stage == "proxy" and error.outcome == "reset":
            return self._tunnel.closed()
        return error

    def _secure(self) -> None:
        if self._tls:
            self.stage = "tls"
            self.link.start()
        else:
            self._begin()

    def _begin(self) -> None:
        self._script = self._steps()
        self._send(*next(self._script))

    def _send(self, stage: Stage, payload: bytes) -> None:
        self.stage = stage
        self.link.send(payload)

    def _answer(self, payload: bytes, at_ns: int) -> None:
        if self._script is None or self.done:
            raise WireError(self.stage, "protocol", "the broker talks before it is asked")
        if len(payload) < 4 or minimal.correlation_id(payload) != self._correlation:
            raise WireError(
                self.stage,
                "protocol",
                "the answer belongs to no question of ours",
                "Is there a proxy in between?",
            )
        stage = self.stage
        try:
            step = self._script.send(payload)
        except StopIteration:
            self._lap(at_ns)
            self.done = True
            return
        if step[0] != stage:
            self._lap(at_ns)
        self._send(*step)

    def _lap(self, at_ns: int) -> None:
        self.stages.append((self.stage, (at_ns - self._since_ns) / 1e6))
        self._since_ns = at_ns

    def _next_id(self) -> int:
        self._correlation += 1
        return self._correlation

    def _steps(self) -> _Script:
        if self.security.mechanism is not None:
            yield from self._login(self.security.mechanism)
        answer = yield "api_versions", minimal.api_versions_request(self._next_id())
        self.api_versions = minimal.api_versions_response(answer)
        answer = yield "metadata", minimal.brokers_request(self._next_id(), self._metadata_version())
        self.brokers = minimal.brokers_response(answer)

    def _metadata_version(self) -> int:
        assert self.api_versions is not None
        low, high = self.api_versions.ranges.get(minimal.METADATA, (minimal.METADATA_VERSION,) * 2)
        if high < 5 or low > minimal.METADATA_VERSION:
            raise WireError(
                "metadata",
                "protocol",
                f"the broker speaks Metadata {low} to {high}, msktop 5 to {minimal.METADATA_VERSION}",
                "Kafka 1.0 or newer is needed.",
            )
        return min(high, minimal.METADATA_VERSION)

    def _login(self, mechanism: str) -> _Script:
        answer = yield "sasl", minimal.sasl_handshake_request(self._next_id(), mechanism)
        error_code, offered = minimal.sasl_handshake_response(answer)
        if error_code:
            raise _no_handshake(error_code, mechanism, offered)
        talk = self._talk(mechanism)
        token = next(talk)
        while True:
            answer = yield "sasl", minimal.sasl_authenticate_request(self._next_id(), token)
            step = minimal.sasl_authenticate_response(answer)
            if step.error_code:
                raise _refused(step, mechanism)
            self.session_lifetime_ms = step.lifetime_ms
            try:
                token = talk.send(step.token)
            except StopIteration:
                return

    def _talk(self, mechanism: str) -> Conversation:
        security = self.security
        if security.tokens is None:
            return conversation(mechanism, security.username, security.password)
        try:
            return one_token(security.tokens.token(mechanism, self._host))
        except MsktopError as error:
            raise WireError("sasl", "sasl", error.title, error.advice) from error


def _no_handshake(error_code: int, mechanism: str, offered: tuple[str, ...]) -> WireError:
    if error_code == _UNSUPPORTED_MECHANISM:
        return WireError(
            "sasl",
            "sasl",
            f"this listener does not offer {mechanism}",
            f"It offers {', '.join(offered) or 'nothing'}: set sasl.mechanism.",
            error_code=error_code,
        )
    if error_code == _ILLEGAL_STATE:
        return WireError(
            "sasl",
            "sasl",
            "this listener has no login",
            "Set security.protocol without SASL_ (SSL or PLAINTEXT).",
            error_code=error_code,
        )
    return WireError("sasl", "sasl", f"the login failed (error {error_code})", error_code=error_code)


def _refused(step: minimal.SaslAnswer, mechanism: str) -> WireError:
    if mechanism in TOKEN_MECHANISMS:
        said = f": {step.message}" if step.message else ""
        return WireError(
            "sasl",
            "sasl",
            f"IAM refused the login (error {step.error_code}{said})",
            "Allow kafka-cluster:Connect on the cluster; `msktop doctor` says whose credentials these are.",
            error_code=step.error_code,
        )
    if step.error_code == _AUTHENTICATION_FAILED:
        return WireError(
            "sasl",
            "sasl",
            "user or password refused",
            "Check sasl.jaas.config, and that the user exists on this cluster.",
            error_code=step.error_code,
        )
    said = f": {step.message}" if step.message else ""
    return WireError(
        "sasl", "sasl", f"the login failed (error {step.error_code}{said})", error_code=step.error_code
    )
