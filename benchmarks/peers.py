"""Foreign programs that are compared with, each in an environment of its own, made on first use."""

from __future__ import annotations

import json
import subprocess
import venv
from pathlib import Path

PEERS = {"kaskade": "kaskade==5.1.0", "kafkatop": "kafkatop==1.16"}
_OUT = Path(__file__).parent / "out" / "peers"
_SWEEP_S = 300.0

_SWEEPS = {
    "kaskade": """
import asyncio
from kaskade.services import TopicService
service = TopicService({"bootstrap.servers": servers})
async def all_of_it():
    topics = await service.metadata()
    await service.enrich_offsets(topics)
    service.apply_groups(topics, await service.load_groups())
def sweep():
    asyncio.run(all_of_it())
""",
    "kafkatop": """
import kafkatop
client = kafkatop.AdminClient({"bootstrap.servers": servers})
wanted = dict.fromkeys(("kafka_group_exclude_pattern", "kafka_group_filter_pattern"))
wanted["kafka_show_empty_groups"] = True
def sweep():
    kafkatop.calc_lag(client, wanted)
""",
}
"""What each does to show the lag of all groups once, by its own client and code."""
_TIMED = """
import contextlib, json, statistics, sys, time
servers = sys.argv[1]
{sweep}
walls, cpus = [], []
with contextlib.redirect_stdout(sys.stderr):
    for _ in range(6):
        wall, cpu = time.perf_counter(), time.process_time()
        sweep()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
print(json.dumps([statistics.median(walls[1:]), statistics.median(cpus[1:])]))
"""


def program(name: str) -> Path | None:
    """A peer's command; None when it cannot be had."""
    home = _OUT / name
    found = home / "bin" / name
    if not found.exists():
        venv.create(home, with_pip=True, clear=True)
        pip = [str(home / "bin" / "python"), "-m", "pip", "--quiet", "install", PEERS[name]]
        if subprocess.run(pip, check=False).returncode != 0:
            return None
    return found if found.exists() else None


def sweep(name: str, servers: str) -> tuple[float, float] | None:
    """Wall and CPU seconds of a warm sweep by the peer's own client; None when there is none."""
    found = program(name)
    if found is None:
        return None
    code = _TIMED.replace("{sweep}", _SWEEPS[name])
    done = subprocess.run(
        [str(found.parent / "python"), "-c", code, servers],
        capture_output=True,
        text=True,
        timeout=_SWEEP_S,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{name}: {done.stderr.strip().splitlines()[-1:]}")
    wall_s, cpu_s = json.loads(done.stdout)
    return wall_s, cpu_s
