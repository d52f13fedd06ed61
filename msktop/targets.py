"""Which cluster is meant."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from msktop.aws.access import Access
from msktop.errors import UsageError
from msktop.logins import with_network, with_tokens
from msktop.saved import Saved, saved_targets
from msktop.settings import Auth, Endpoints, MskTarget, Target, parse_bootstrap
from msktop.wire.security import Security

LOCAL_SCRAPE_S = 10.0
LOCAL_REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class Words:
    """What the command line says of the cluster; None: nothing."""

    cluster: str | None = None
    """A saved target, an ARN, a local MSK that runs here, or an MSK cluster's name."""
    bootstrap_servers: str | None = None
    command_config: Path | None = None
    local_name: str | None = None
    client_rack: str | None = None
    profile: str | None = None
    region: str | None = None
    """One, or some with a comma between."""
    endpoint_url: str | None = None
    auth: Auth | None = None
    endpoints: Endpoints | None = None
    proxy: str | None = None
    dns_map: str | None = None
    write: bool | None = None
    read_only: bool | None = None
    write_probe: bool | None = None


def choose(words: Words) -> Target:
    """The target that the words mean; without any, the one local MSK that runs. Raises UsageError.

    The name of a local MSK means that one, unless AWS's region, profile or endpoint is given too.
    """
    name = words.cluster
    if words.local_name is not None and (other := words.bootstrap_servers or name) is not None:
        raise UsageError(f"--local {words.local_name} and {other} name two clusters", "Give one of them.")
    if name is not None and (saved := saved_targets().get(name)) is not None:
        found = from_saved(saved)
    elif name is not None and (name.startswith("arn:") or _asks_aws(words) or not _runs(name)):
        msk = msk_target(name, access_of(words))
        found = Target(name=name, bootstrap_servers="", kind="msk", msk=msk)
        if msk.ours:
            found = replace(found, scrape_period_s=LOCAL_SCRAPE_S)
    elif words.bootstrap_servers is None:
        found = local(name or words.local_name or _only_local())
    else:
        found = Target(name="", bootstrap_servers="")
    return with_words(found, words)


def access_of(words: Words) -> Access:
    """What was said about how to ask AWS."""
    return Access(profile=words.profile, regions=_regions(words.region), endpoint_url=words.endpoint_url)


def _regions(text: str | None) -> tuple[str, ...]:
    return tuple(r.strip() for r in (text or "").split(",") if r.strip())


def msk_target(cluster: str, access: Access) -> MskTarget:
    """A cluster by its name or ARN; an ARN says its region. Raises UsageError."""
    if cluster.startswith("arn:"):
        from msktop.aws.errors import AwsError
        from msktop.aws.session import region_of_arn

        try:
            access = replace(access, regions=(region_of_arn(cluster),))
        except AwsError as error:
            raise UsageError(error.title, error.advice) from error
    url = access.endpoint_url or _endpoint_of_environment()
    return MskTarget(cluster, access, ours=url is not None and url.rstrip("/") in _our_endpoints())


def from_saved(saved: Saved) -> Target:
    """The target that a saved one means. Raises UsageError."""
    msk = None
    if saved.arn is not None:
        access = Access(saved.profile, _regions(saved.region), saved.endpoint_url)
        msk = msk_target(saved.arn, access)
    return Target(
        name=saved.name,
        bootstrap_servers=parse_bootstrap(saved.bootstrap_servers) if saved.bootstrap_servers else "",
        security=_security(saved.command_config),
        security_given=saved.command_config is not None,
        msk=msk,
        write=saved.write,
        kind="msk" if msk is not None else "kafka",
        client_rack=saved.client_rack,
    )


def with_words(target: Target, words: Words) -> Target:
    """The target with what else the command line says of it, which outranks what was saved."""
    if words.bootstrap_servers is not None:
        servers = parse_bootstrap(words.bootstrap_servers)
        target = replace(target, bootstrap_servers=servers, name=target.name or servers.partition(",")[0])
    if words.command_config is not None:
        target = replace(target, security=_security(words.command_config), security_given=True)
    if target.msk is not None:
        msk = replace(target.msk, auth=words.auth, endpoints=words.endpoints or "private")
        target = replace(target, msk=msk)
    security = with_tokens(target.security, target.msk.access if target.msk else access_of(words))
    return replace(
        target,
        security=with_network(security, words.proxy, words.dns_map),
        client_rack=words.client_rack or target.client_rack,
        write=target.write or bool(words.write),
        write_given=bool(words.write),
        read_only=bool(words.read_only),
        write_probe=words.write_probe,
    )


def _security(command_config: Path | None) -> Security:
    return Security.from_properties(command_config) if command_config is not None else Security()


def _asks_aws(words: Words) -> bool:
    return access_of(words) != Access() or _endpoint_of_environment() is not None


def _endpoint_of_environment() -> str | None:
    return os.environ.get("AWS_ENDPOINT_URL_KAFKA") or os.environ.get("AWS_ENDPOINT_URL")


def _runs(name: str) -> bool:
    """Whether a local MSK of this name runs here."""
    return "/" not in name and not name.startswith(".") and _read(_folder() / name / "state.json") is not None


def local_names() -> list[str]:
    """The local clusters that run here."""
    return sorted(p.parent.name for p in _folder().glob("*/state.json") if _read(p) is not None)


@dataclass(frozen=True, slots=True)
class LocalMsk:
    """A local cluster that runs here, as its state file describes it."""

    target: Target
    state: str | None
    kafka_version: str | None
    broker_count: int
    zones: tuple[str, ...]
    started_at: float | None


def local_clusters() -> list[LocalMsk]:
    """All of them, by name."""
    found = []
    for name in local_names():
        path = state_file(name)
        state = _read(path)
        if state is not None:  # it may have ended just now
            nodes = [n for n in state.get("nodes", ()) if n.get("role") == "broker"]
            found.append(
                LocalMsk(
                    target=_local_target(name, path, state),
                    state=state.get("state"),
                    kafka_version=state.get("kafka_version"),
                    broker_count=len(nodes),
                    zones=tuple(zone["id"] for zone in state.get("zones", ())),
                    started_at=min((n["started_at"] for n in nodes if n.get("started_at")), default=None),
                )
            )
    return found


def only_local_can_be_meant() -> bool:
    """Whether one local MSK runs, and nothing on this machine speaks of AWS or of other clusters."""
    variables = ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_ROLE_ARN", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
    speaks = any(os.environ.get(name) for name in variables) or (Path.home() / ".aws").exists()
    return len(local_names()) == 1 and not speaks and not saved_targets()


def _our_endpoints() -> set[str]:
    states = (_read(_folder() / name / "state.json") for name in local_names())
    return {str(s["endpoint_url"]).rstrip("/") for s in states if s and s.get("endpoint_url")}


def is_ours(cluster_id: str | None) -> bool:
    """Whether a supervisor of this user runs the Kafka with this id now."""
    states = (_read(_folder() / name / "state.json") for name in local_names())
    return cluster_id is not None and any(s is not None and s.get("cluster_id") == cluster_id for s in states)


def local(name: str) -> Target:
    """A local MSK by its name, from its documented state file (docs/local.md). Raises UsageError."""
    path = state_file(name)
    state = _read(path)
    if state is None:
        raise UsageError(
            f"no local MSK named {name!r} runs here", f"Start it: msktop local start --name {name}"
        )
    return _local_target(name, path, state)


def _local_target(name: str, path: Path, state: dict[str, Any]) -> Target:
    return Target(
        name=name,
        bootstrap_servers=parse_bootstrap(state["bootstrap_servers"]),
        kind="local",
        state_file=path,
        scrape_period_s=LOCAL_SCRAPE_S,
        msk=_local_api(name, path, state),
    )


def _local_api(name: str, path: Path, state: dict[str, Any]) -> MskTarget | None:
    """The API that the local MSK serves, or that it was made by, with its keys; None where there is none."""
    url, keys = state.get("endpoint_url"), path.with_name("plane.json")
    if not isinstance(url, str):
        owner = _owner(state)
        if owner is None:
            return None
        url, keys = owner
    return MskTarget(name, Access(regions=(LOCAL_REGION,), endpoint_url=url, keys_file=keys), ours=True)


def _owner(state: dict[str, Any]) -> tuple[str, Path] | None:
    """Endpoint and keys of the local MSK whose API made this one, while that runs."""
    for name in local_names() if state.get("owner_pid") else ():
        path = state_file(name)
        other = _read(path)
        if other and other.get("supervisor_pid") == state["owner_pid"] and other.get("endpoint_url"):
            return str(other["endpoint_url"]), path.with_name("plane.json")
    return None


def _folder() -> Path:
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(home) / "msktop" / "local"


def state_file(name: str) -> Path:
    """Where the supervisor of a local MSK keeps its state."""
    if not name or "/" in name or name.startswith("."):
        raise UsageError(f"{name!r} is not a name of a local MSK")
    return _folder() / name / "state.json"


def _read(path: Path) -> dict[str, Any] | None:
    try:
        state = json.loads(path.read_bytes())
        os.kill(int(state["supervisor_pid"]), 0)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return state if isinstance(state, dict) else None


def _only_local() -> str:
    names = local_names()
    if len(names) == 1:
        return names[0]
    if names:
        raise UsageError(
            f"{len(names)} local clusters run here: {', '.join(names)}", "Name one: msktop --local NAME"
        )
    raise UsageError(
        "which cluster?",
        "msktop --bootstrap-servers HOST:PORT watches any Kafka; msktop demo starts one here and watches it.",
    )
