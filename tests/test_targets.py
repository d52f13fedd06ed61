"""Which cluster the words of the command line mean."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from msktop.aws.errors import AwsError
from msktop.aws.session import AwsSession
from msktop.errors import UsageError
from msktop.targets import Words, choose

ARN = "arn:aws:kafka:eu-west-1:123456789012:cluster/orders/7b1c-2"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No configuration, no local cluster, no AWS."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in [n for n in os.environ if n.startswith("AWS_")]:
        monkeypatch.delenv(name)
    return tmp_path


def runs_here(home: Path, name: str, **more: object) -> None:
    folder = home / "state" / "msktop" / "local" / name
    folder.mkdir(parents=True)
    state = {"supervisor_pid": os.getpid(), "bootstrap_servers": "127.1.1.1:9092", **more}
    (folder / "state.json").write_text(json.dumps(state))


def configured(home: Path, text: str) -> None:
    folder = home / "config" / "msktop"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(text)


def test_a_name_is_an_msk_cluster_where_nothing_else_has_it() -> None:
    target = choose(Words(cluster="orders", region="eu-west-1, us-east-1", profile="shop", auth="tls"))
    assert target.msk is not None
    assert (target.kind, target.bootstrap_servers, target.msk.cluster) == ("msk", "", "orders")
    assert (target.msk.access.regions, target.msk.access.profile) == (("eu-west-1", "us-east-1"), "shop")
    assert (target.msk.auth, target.msk.endpoints) == ("tls", "private")


def test_whether_to_write_is_left_open_where_nobody_said() -> None:
    assert choose(Words(bootstrap_servers="b:9092")).write_probe is None
    assert choose(Words(bootstrap_servers="b:9092", write_probe=False)).write_probe is False


def test_an_arn_says_its_region_itself() -> None:
    target = choose(Words(cluster=ARN))
    assert target.msk is not None
    assert target.msk.access.regions == ("eu-west-1",)


def test_a_local_cluster_is_meant_by_its_name_unless_aws_is_asked_for(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs_here(home, "demo", endpoint_url="http://127.5.0.2:4566")
    assert choose(Words(cluster="demo")).kind == "local"
    assert choose(Words(cluster="demo", region="eu-west-1")).kind == "msk"
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.5.0.2:4566/")
    target = choose(Words(cluster="demo"))
    assert target.msk is not None
    assert target.msk.ours, "its API has no limits to share"
    elsewhere = choose(Words(cluster="demo", endpoint_url="http://127.0.0.1:4566"))
    assert elsewhere.msk is not None
    assert not elsewhere.msk.ours


def test_kafka_addresses_may_be_given_beside_the_cluster() -> None:
    target = choose(Words(cluster="orders", bootstrap_servers="127.0.0.1:9092"))
    assert (target.name, target.bootstrap_servers) == ("orders", "127.0.0.1:9092")
    assert target.msk is not None


def test_a_saved_target_is_what_its_lines_say_and_the_command_line_outranks_it(home: Path) -> None:
    configured(
        home,
        f"""
        [targets.shop]
        arn = "{ARN}"
        profile = "prod"
        client_rack = "euw1-az1"
        write = true
        [targets.lab]
        bootstrap_servers = "lab:9094"
        command_config = "lab.properties"
        """,
    )
    (home / "config" / "msktop" / "lab.properties").write_text("security.protocol=SSL\n")
    shop = choose(Words(cluster="shop", client_rack="euw1-az2"))
    assert shop.msk is not None
    assert (shop.msk.cluster, shop.msk.access.profile, shop.write) == (ARN, "prod", True)
    assert shop.client_rack == "euw1-az2"
    lab = choose(Words(cluster="lab"))
    assert (lab.name, lab.bootstrap_servers, lab.kind, lab.msk) == ("lab", "lab:9094", "kafka", None)
    assert (lab.security.protocol, lab.security_given) == ("SSL", True)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[targets.x", "is not TOML"),
        ("[targets.x]\nwrite = 1\narn = 'a'", "write must be true or false"),
        ("[targets.x]\nregion = 'eu-west-1'", "names no cluster"),
        ("[targets.x]\nbootstrap_server = 'a:1'", "'bootstrap_server' is not known"),
        ("targets = 3", "is not a table"),
    ],
)
def test_a_wrong_line_is_named_with_its_file(home: Path, text: str, says: str) -> None:
    configured(home, text)
    with pytest.raises(UsageError, match=says) as caught:
        choose(Words(cluster="x"))
    assert "config.toml" in caught.value.title


@pytest.mark.parametrize(
    ("words", "write", "read_only"),
    [
        (Words("shop"), True, False),
        (Words("shop", read_only=True), True, True),
        (Words("other"), False, False),
        (Words("other", write=True), True, False),
    ],
)
def test_a_saved_target_and_the_command_line_may_let_it_be_changed(
    home: Path, words: Words, write: bool, read_only: bool
) -> None:
    configured(home, f"[targets.shop]\narn = '{ARN}'\nwrite = true\n[targets.other]\narn = '{ARN}'")
    target = choose(words)
    assert (target.write, target.read_only) == (write, read_only)


def test_two_clusters_at_once_are_refused() -> None:
    with pytest.raises(UsageError, match="two clusters"):
        choose(Words(cluster="orders", local_name="demo"))


def test_a_local_cluster_has_an_api_too_and_its_own_keys_for_it(home: Path) -> None:
    runs_here(home, "demo", endpoint_url="http://127.5.0.2:4566")
    target = choose(Words(local_name="demo"))
    assert target.msk is not None
    assert target.ours
    assert target.msk.access.endpoint_url == "http://127.5.0.2:4566"
    keys = home / "state" / "msktop" / "local" / "demo" / "plane.json"
    with pytest.raises(AwsError, match="has no keys yet"):
        AwsSession(target.msk.access).credentials()
    keys.write_text(json.dumps({"credentials": {"access_key_id": "AKIA1", "secret_access_key": "s"}}))
    assert AwsSession(target.msk.access).credentials().access_key == "AKIA1"


def test_a_local_cluster_that_an_api_made_is_changed_through_that_one(home: Path) -> None:
    runs_here(home, "demo", endpoint_url="http://127.5.0.2:4566")
    runs_here(home, "shop", owner_pid=os.getpid())
    target = choose(Words(local_name="shop"))
    assert target.msk is not None
    assert (target.msk.cluster, target.msk.ours) == ("shop", True)
    assert target.msk.access.endpoint_url == "http://127.5.0.2:4566"
    assert target.msk.access.keys_file == home / "state" / "msktop" / "local" / "demo" / "plane.json"
