"""The default chain: where region and credentials come from, and what is asked before a screen opens."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from msktop.aws.access import Access
from msktop.aws.errors import AwsError
from msktop.aws.session import AwsSession, log_in, wants_code
from tests.aws.server import Answer, HttpServer, Request

IDENTITY = """<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::123456789012:user/ann</Arn><UserId>A</UserId><Account>123456789012</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>"""
ASSUMED = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
<Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
<Expiration>{expires}</Expiration></Credentials><AssumedRoleUser><AssumedRoleId>A</AssumedRoleId>
<Arn>arn:aws:sts::123456789012:assumed-role/ops/x</Arn></AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>"""


def configure(home: Path, text: str) -> None:
    (home / ".aws").mkdir(exist_ok=True)
    (home / ".aws" / "config").write_text(text)


# ------------------------------------------------------------------ regions


def test_the_region_is_the_one_asked_for_else_of_the_environment_else_of_the_profile(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(home, "[profile p]\nregion=eu-west-3\n")
    assert AwsSession(Access("p")).regions == ("eu-west-3",)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-2")
    assert AwsSession(Access("p")).region == "us-east-2"
    monkeypatch.setenv("AWS_REGION", "us-west-1")
    assert AwsSession(Access("p")).region == "us-west-1"
    assert AwsSession(Access("p", ("sa-east-1", "eu-west-1"))).regions == ("sa-east-1", "eu-west-1")


def test_on_an_instance_without_a_region_its_own_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    def metadata(request: Request) -> Answer:
        if request.method == "PUT":
            return 200, "secret-token"
        allowed = request.headers.get("x-aws-ec2-metadata-token") == "secret-token"
        return (200, "ap-south-1") if allowed else (401, "")

    with HttpServer(metadata) as server:
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url)
        monkeypatch.delenv("AWS_EC2_METADATA_DISABLED")
        assert AwsSession(Access()).region == "ap-south-1"


def test_no_region_anywhere_is_said() -> None:
    with pytest.raises(AwsError) as caught:
        AwsSession(Access()).client("kafka")
    assert caught.value.kind == "no_region"


# ------------------------------------------------------------------ credentials


def test_no_credentials_anywhere_is_said() -> None:
    with pytest.raises(AwsError) as caught:
        AwsSession(Access(regions=("eu-west-1",))).credentials()
    assert caught.value.kind == "no_credentials"


def test_a_profile_that_is_not_there_is_named() -> None:
    with pytest.raises(AwsError, match="nobody"):
        AwsSession(Access("nobody", ("eu-west-1",))).client("kafka")


def test_keys_written_anew_are_taken_after_forget(home: Path) -> None:
    def keys(name: str) -> None:
        configure(home, f"[default]\naws_access_key_id={name}\naws_secret_access_key=s\n")

    keys("AKIAOLD")
    session = AwsSession(Access(regions=("eu-west-1",)))
    assert session.credentials().access_key == "AKIAOLD"
    keys("AKIANEW")
    assert session.credentials().access_key == "AKIAOLD"
    session.forget()
    assert session.credentials().access_key == "AKIANEW"


@pytest.mark.parametrize(
    ("says", "kind", "title"),
    [
        ("/none/such", "no_credentials", "/none/such"),
        ("/bin/echo hello", "no_credentials", "does not answer in JSON"),
        ("/bin/false", "no_credentials", "could not be had"),
        ("/bin/echo '{EXPIRED}'", "expired", "the new ones have expired as well"),
    ],
)
def test_a_credential_process_that_fails_is_told_in_each_way(
    says: str, kind: str, title: str, home: Path
) -> None:
    keys = {"AccessKeyId": "A", "SecretAccessKey": "s", "Expiration": "2020-01-01T00:00:00Z", "Version": 1}
    command = says.replace("{EXPIRED}", json.dumps(keys))
    configure(home, f"[profile p]\ncredential_process = {command}\n")
    with pytest.raises(AwsError) as caught:
        AwsSession(Access("p", ("eu-west-1",))).credentials()
    assert caught.value.kind == kind
    assert title in caught.value.title


def test_secrets_are_not_in_the_repr(home: Path) -> None:
    configure(home, "[default]\naws_access_key_id=AKIA\naws_secret_access_key=hush\naws_session_token=pst\n")
    text = repr(AwsSession(Access(regions=("eu-west-1",))).credentials())
    assert "AKIA" in text
    assert "hush" not in text
    assert "pst" not in text


# ------------------------------------------------------------------ prompts


def sts(codes: list[str]) -> HttpServer:
    def answer(request: Request) -> Answer:
        if "Action=AssumeRole" not in request.body:
            return 200, IDENTITY
        codes.append(request.body)
        expires = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
        return 200, ASSUMED.format(expires=expires)

    return HttpServer(answer)


MFA = """
[profile base]
aws_access_key_id = AKIABASE
aws_secret_access_key = s
[profile ops]
region = eu-west-1
role_arn = arn:aws:iam::123456789012:role/ops
source_profile = base
mfa_serial = arn:aws:iam::123456789012:mfa/ann
"""


def test_a_code_is_asked_for_before_the_screen_opens_and_serves_later_sessions(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(home, MFA)
    codes: list[str] = []
    questions: list[str] = []

    def typed(question: str) -> str:
        questions.append(question)
        return "123456"

    monkeypatch.setattr("getpass.getpass", typed)
    with sts(codes) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", server.url)
        log_in(Access("ops"))
        assert "mfa/ann" in questions[0]
        assert "TokenCode=123456" in codes[0]
        later = AwsSession(Access("ops"))  # another process does the same: it asks nobody
        assert later.credentials().access_key == "ASIAROLE"
        assert later.identity().account == "123456789012"
        assert (len(questions), len(codes)) == (1, 1)
    cached = list((home / ".aws" / "cli" / "cache").iterdir())
    assert [file.stat().st_mode & 0o077 for file in cached] == [0]


def test_while_the_screen_is_open_a_code_becomes_an_advice(home: Path) -> None:
    configure(home, MFA)
    with pytest.raises(AwsError) as caught:
        AwsSession(Access("ops")).credentials()
    assert caught.value.kind == "login"
    assert "another terminal" in caught.value.advice


def test_other_profiles_are_not_kept_waiting(home: Path) -> None:
    configure(home, MFA + "[profile plain]\nregion=eu-west-1\n[profile on-top]\nsource_profile=ops\n")
    assert [wants_code(name) for name in ("ops", "on-top", "plain", "base", None)] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_an_ended_sso_session_says_how_to_log_in(home: Path) -> None:
    configure(
        home,
        "[profile s]\nregion=eu-west-1\nsso_session=corp\nsso_account_id=123456789012\nsso_role_name=ops\n"
        "[sso-session corp]\nsso_region=eu-west-1\nsso_start_url=https://corp.example/start\n",
    )
    with pytest.raises(AwsError) as caught:
        AwsSession(Access("s")).credentials()
    assert caught.value.kind == "login"
    assert "aws sso login" in caught.value.advice


# ------------------------------------------------------------------ leaf


def test_nothing_of_aws_is_loaded_before_it_is_used() -> None:
    code = (
        "import sys, json, msktop.aws.session, msktop.aws.errors, msktop.aws.policy, msktop.aws.imds;"
        "s = msktop.aws.session.AwsSession(msktop.aws.session.Access());"
        "print(json.dumps([m for m in sys.modules if m.startswith(('boto', 'textual'))]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, timeout=30)
    assert json.loads(done.stdout) == []
