"""Notifiers of a file, their mistakes, and `msktop alert test`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from msktop.alerting.notifiers_file import Notifier, notifiers_of
from msktop.alerting.senders import CommandSender, SnsSender, TerminalSender
from msktop.alerting.toml_tables import parse
from msktop.alerting.webhook import WebhookSender
from msktop.errors import UsageError
from tests.alerting.test_senders import script
from tests.aws.server import HttpServer
from tests.command import run_here

ALL = """
[notifiers.bell]
type = "terminal"
desktop = "osc9"

[notifiers.pager]
type = "command"
command = ["/usr/local/bin/page", "--team", "kafka"]
timeout = "5s"
environment = ["TEAM"]
severity = "crit"
kinds = ["disk*", "broker_*"]
planned = false

[notifiers.hook]
type = "webhook"
url_file = "hook-url"
headers = { X-Team = "kafka" }
headers_file = { Authorization = "/etc/msktop/token" }
group = "30s"
at_most = 5
within = "10m"

[notifiers.topic]
type = "sns"
topic_arn = "arn:aws:sns:eu-west-1:123456789012:alarms"
clusters = ["orders"]
"""


def of(text: str) -> tuple[Notifier, ...]:
    return notifiers_of(parse(text, Path("/etc/rules.toml")))


def test_every_type_is_read_with_whom_it_tells_what() -> None:
    bell, pager, hook, topic = of(ALL)
    assert isinstance(bell.sender, TerminalSender)
    assert isinstance(pager.sender, CommandSender)
    assert pager.sender.command == ("/usr/local/bin/page", "--team", "kafka")
    assert (pager.severity, pager.kinds, pager.planned) == ("crit", ("disk*", "broker_*"), False)
    assert isinstance(hook.sender, WebhookSender)
    assert hook.sender.url.file == Path("/etc/hook-url"), "beside the file"
    assert [name for name, _ in hook.sender.headers] == ["X-Team", "Authorization"]
    assert (hook.group_s, hook.at_most, hook.within_s) == (30.0, 5, 600.0)
    assert isinstance(topic.sender, SnsSender)
    assert topic.sender.region == "eu-west-1"


WRONG = {
    "[notifiers.a]\n": (1, 12, "has no type"),
    "[notifiers.a]\ntype = 'mail'\n": (2, 8, "'mail' is no type"),
    "[notifiers.a]\ntype = 'terminal'\ncommand = ['x']\n": (3, 1, "'command' is not known"),
    "[notifiers.a]\ntype = 'terminal'\ndesktop = 'osc52'\n": (3, 11, "'osc52' is no desktop"),
    "[notifiers.a]\ntype = 'command'\n": (1, 12, "needs command"),
    "[notifiers.a]\ntype = 'command'\ncommand = 'page kafka'\n": (3, 11, "must be a list of strings"),
    "[notifiers.a]\ntype = 'command'\ncommand = ['x']\ntimeout = '10m'\n": (4, 11, "at most 60 s"),
    "[notifiers.a]\ntype = 'command'\ncommand = ['x']\nenvironment = ['AWS_PROFILE']\n": (4, 15, "a secret"),
    "[notifiers.a]\ntype = 'command'\ncommand = ['x']\nenvironment = ['A=b']\n": (4, 15, "no name"),
    "[notifiers.a]\ntype = 'command'\ncommand = ['x']\nat_most = 0.5\n": (4, 11, "whole number"),
    "[notifiers.a]\ntype = 'webhook'\n": (1, 12, "needs one of url, url_file, url_env"),
    "[notifiers.a]\ntype = 'webhook'\nurl = 'https://x'\nurl_env = 'X'\n": (4, 1, "needs one of"),
    "[notifiers.a]\ntype = 'webhook'\nurl = 'file:///etc/passwd'\n": (3, 7, "none of http or https"),
    "[notifiers.a]\ntype = 'webhook'\nurl = 'https://x/'\nheaders = { 'X Y' = 'z' }\n": (4, 13, "a header"),
    "[notifiers.a]\ntype = 'sns'\n": (1, 12, "needs topic_arn"),
    "[notifiers.a]\ntype = 'sns'\ntopic_arn = 'alarms'\n": (3, 13, "no ARN of a topic"),
}  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_a_mistake_is_told_with_file_line_column_and_what_was_expected(text: str) -> None:
    line, column, words = WRONG[text]
    with pytest.raises(UsageError) as raised:
        of(text)
    assert words in raised.value.title
    if "header" not in words:
        assert raised.value.title.startswith(f"/etc/rules.toml, line {line}, column {column}: ")
    assert raised.value.advice


def test_a_test_tries_each_and_tells_how_it_went(tmp_path: Path) -> None:
    file, out = tmp_path / "rules.toml", tmp_path / "out"
    page = script(tmp_path, f"import sys; open({str(out)!r}, 'w').write(sys.stdin.read())")
    with HttpServer(lambda request: (200 if request.path == "/good" else 500, "sorry")) as server:
        file.write_text(
            f"[notifiers.good]\ntype = 'webhook'\nurl = '{server.url}/good'\n"
            f"[notifiers.bad]\ntype = 'webhook'\nurl = '{server.url}/bad'\n"
            f"[notifiers.run]\ntype = 'command'\ncommand = ['{page}']\n"
        )
        done = run_here("alert", "test", "--rules", str(file))
        assert done.returncode == 1
        lines = done.stdout.splitlines()
        assert lines[0].startswith("good  webhook  told in ")
        assert lines[1] == "bad  webhook  failed: 127.0.0.1 answered 500: sorry"
        assert lines[2].startswith("run  command  told in ")
        assert run_here("alert", "test", "good", "--rules", str(file)).returncode == 0
        assert run_here("alert", "test", "other", "--rules", str(file)).returncode == 64
    told = json.loads(out.read_text())
    assert told["alerts"][0]["event"] == "test"
    assert "this is a test" in told["text"]
    assert run_here("alert", "test").returncode == 64, "there are none"
