"""Real commands, a real HTTP server on loopback, the local SNS: what arrives, and what becomes of trouble."""

from __future__ import annotations

import json
import socket
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from msktop.alerting.message import Alert, Message, grouped
from msktop.alerting.senders import CommandSender, SendError, SnsSender, TerminalSender
from msktop.alerting.webhook import Secret, WebhookSender
from msktop.aws.access import Access
from msktop.aws.session import AwsSession
from msktop.local.api.http import serve
from msktop.local.api.service import Service
from msktop.local.plane import names, sns
from msktop.local.plane.sns import Sns
from msktop.model.incidents import Incident, Kind
from tests.aws.server import HttpServer
from tests.support import wait_for

Json = Any


def incident(number: int = 1, **changes: Json) -> Incident:
    values: dict[str, Json] = {
        "id": number, "kind": Kind.DISK, "severity": "warn", "subject": "b-1", "began": 10.0,
        "detected": 11.0, "detail": "disk used 81 %", "rule": "disk_80", "broker": 1,
    }  # fmt: skip
    return Incident(**(values | changes))


def message(*alerts: Alert) -> Message:
    return grouped("orders", 12.0, alerts or (Alert("open", incident()),))


# ------------------------------------------------------------------ the document


def test_the_document_says_everything_of_each_alert_and_holds_no_escapes() -> None:
    evil = incident(2, subject="b-\x1b[31m2", detail="\u202eevil\n", severity="crit")
    from msktop.alerting.message import document

    found = document(message(Alert("open", incident()), Alert("worse", evil)))
    assert found["cluster"] == "orders"
    assert found["severity"] == "crit"
    assert [a["event"] for a in found["alerts"]] == ["open", "worse"]
    assert found["alerts"][0]["rule"] == "disk_80"
    assert "\x1b" not in json.dumps(found, ensure_ascii=False)
    assert "\u202e" not in json.dumps(found, ensure_ascii=False)


def test_a_flood_is_one_message_that_says_how_much_it_leaves_out() -> None:
    alerts = [Alert("open", incident(n)) for n in range(200)] + [
        Alert("open", incident(200, severity="crit"))
    ]
    found = grouped("orders", 1.0, alerts)
    assert len(found.alerts) == 50
    assert found.left_out == 151
    assert found.alerts[0].incident.severity == "crit"
    assert "and 200 more" in found.subject


# ------------------------------------------------------------------ a command


def script(folder: Path, body: str) -> str:
    file = folder / "told"
    file.write_text(f"#!{sys.executable}\n{body}\n")
    file.chmod(0o700)
    return str(file)


def test_a_command_gets_the_document_its_arguments_and_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.json"
    for name in ("AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "SASL_PASSWORD", "KAFKA_KEY", "TEAM", "OTHER"):
        monkeypatch.setenv(name, "told")
    body = (
        "import json, os, sys\n"
        f"json.dump([sys.argv[1:], dict(os.environ), json.load(sys.stdin)], open({str(out)!r}, 'w'))"
    )
    CommandSender((script(tmp_path, body), "$(id); a b"), 20.0, ("TEAM",)).send(message())
    arguments, environment, document = json.loads(out.read_text())
    assert arguments == ["$(id); a b"], "no shell reads it"
    assert document["alerts"][0]["detail"] == "disk used 81 %"
    assert environment["TEAM"] == "told"
    assert not {"AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "SASL_PASSWORD", "KAFKA_KEY", "OTHER"} & set(
        environment
    )


def test_a_command_that_fails_says_why(tmp_path: Path) -> None:
    body = "import sys\nsys.exit('no such pager \\x1b[31m')"
    with pytest.raises(SendError, match="ended with 1: no such pager") as raised:
        CommandSender((script(tmp_path, body),), 20.0).send(message())
    assert "\x1b" not in raised.value.title
    assert not raised.value.passing
    with pytest.raises(SendError, match="cannot be run"):
        CommandSender((str(tmp_path / "away"),)).send(message())


def test_a_command_that_hangs_is_killed_with_its_children(tmp_path: Path) -> None:
    body = (
        "import os, subprocess, sys, time\n"
        f"f = open({str(tmp_path / 'pids')!r}, 'w')\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(os.getpid(), child.pid, file=f, flush=True)\n"
        "time.sleep(600)"
    )
    with pytest.raises(SendError, match="killed"):
        CommandSender((script(tmp_path, body),), 3.0).send(message())
    pids = (tmp_path / "pids").read_text().split()
    assert len(pids) == 2
    wait_for(lambda: not any(alive(pid) for pid in pids), 10.0, "both are dead")


def alive(pid: str) -> bool:
    try:
        return (Path("/proc") / pid / "stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


# ------------------------------------------------------------------ a webhook


@contextmanager
def odd_server(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """A server that answers as a test wants, redirects and drips included."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer(self)

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/hook?team=a"
    finally:
        server.shutdown()
        server.server_close()


def test_a_webhook_gets_the_document_with_headers_from_files_and_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token").write_text("Bearer s3cret\n")
    monkeypatch.setenv("HOOK_TEAM", "kafka")
    with HttpServer(lambda _: (204, "")) as server:
        headers = (
            ("Authorization", Secret(file=tmp_path / "token")),
            ("X-Team", Secret(variable="HOOK_TEAM")),
        )
        WebhookSender(Secret(text=f"{server.url}/hook?a=b"), headers).send(message())
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/hook?a=b")
    assert (request.headers["authorization"], request.headers["x-team"]) == ("Bearer s3cret", "kafka")
    assert request.headers["content-type"] == "application/json"
    assert json.loads(request.body)["alerts"][0]["kind"] == "disk"


@pytest.mark.parametrize(
    ("status", "passing"), [(500, True), (503, True), (429, True), (404, False), (400, False)]
)
def test_which_answers_are_worth_another_try(status: int, passing: bool) -> None:
    said = HttpServer(lambda _: (status, "no \x1b[31m"))
    with said as server, pytest.raises(SendError, match=str(status)) as raised:
        WebhookSender(Secret(text=f"{server.url}/s3cret")).send(message())
    assert raised.value.passing is passing
    assert "s3cret" not in raised.value.title + raised.value.advice
    assert "\x1b" not in raised.value.title


def test_a_redirect_is_not_followed() -> None:
    with HttpServer(lambda _: (200, "")) as elsewhere:

        def redirect(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(307)
            handler.send_header("Location", elsewhere.url)
            handler.send_header("Content-Length", "0")
            handler.end_headers()

        with odd_server(redirect) as url, pytest.raises(SendError, match="not followed") as raised:
            WebhookSender(Secret(text=url)).send(message())
    assert not raised.value.passing
    assert not elsewhere.requests


def test_an_answer_drop_by_drop_is_ended() -> None:
    over = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        while not over.wait(0.05):
            with suppress(OSError):
                handler.wfile.write(b"H")

    with odd_server(drip) as url:
        with pytest.raises(SendError) as raised:
            WebhookSender(Secret(text=url), timeout_s=0.4).send(message())
        over.set()
    assert raised.value.passing


def test_nobody_there_and_a_secret_that_is_not_there_are_told(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
    with pytest.raises(SendError, match="cannot be reached") as raised:
        WebhookSender(Secret(text=url)).send(message())
    assert raised.value.passing
    for secret in (Secret(file=tmp_path / "away"), Secret(variable="NOT_SET_ANYWHERE")):
        with pytest.raises(SendError):
            WebhookSender(secret).send(message())
    (tmp_path / "two").write_text("a\nb\n")
    with pytest.raises(SendError, match="nothing usable"):
        WebhookSender(Secret(text=url), (("X-A", Secret(file=tmp_path / "two")),)).send(message())


# ------------------------------------------------------------------ SNS


@pytest.fixture(scope="module")
def service() -> Service:
    return Service("sns", None)


def test_a_topic_gets_the_document_with_a_subject_that_sns_takes(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.handler = Sns(tmp_path)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AK")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    topic = f"arn:aws:sns:{names.REGION}:{names.ACCOUNT}:alarms"
    with serve([service], "127.0.0.1", 0, {"AK": "secret"}) as server:
        session = AwsSession(Access(regions=(names.REGION,), endpoint_url=server.url))
        long = incident(detail="päth " * 40)
        SnsSender(session, topic, names.REGION).send(message(Alert("open", long)))
        with pytest.raises(SendError):
            SnsSender(session, "arn:aws:sns:us-east-1:1:x", names.REGION).send(message())
    (line,) = (tmp_path / sns.FILE).read_text().splitlines()
    published = json.loads(line)
    assert published["topic_arn"] == topic
    assert published["subject"].isascii()
    assert len(published["subject"]) == 100
    assert published["attributes"] == {"severity": "warn"}
    assert json.loads(published["message"])["alerts"][0]["subject"] == "b-1"
    assert stat.S_IMODE((tmp_path / sns.FILE).stat().st_mode) == 0o600


# ------------------------------------------------------------------ the terminal


def test_a_terminal_rings_and_shows_what_cannot_end_the_sequence() -> None:
    sender = TerminalSender(desktop="osc777")
    sender.send(message(Alert("open", incident(subject="b;\x1b\\\x07\u009c2"))))
    told = sender.take()
    assert told.startswith("\a\x1b]777;notify;msktop;")
    assert told.endswith("\x1b\\")
    inner = told[len("\a\x1b]777;notify;msktop;") : -2]
    assert inner.isprintable()
    assert ";" not in inner
    assert sender.take() == ""
    quiet = TerminalSender(bell=False, desktop="none")
    quiet.send(message())
    assert quiet.take() == ""
