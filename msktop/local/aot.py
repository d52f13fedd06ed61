"""A cache of loaded and linked classes, which halves the CPU time that a JVM needs to start.

It is trained in the background once a cluster has been up for a while: one short run of Kafka that records
(broker and controller in one process, on an address of the cluster's own net), and one that writes the
cache. A run that ends meanwhile leaves nothing behind, and a JVM that cannot use a cache starts without it.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from msktop.errors import MsktopError
from msktop.local import config, health, java, paths
from msktop.local.companion import Companion
from msktop.local.jars import Jars
from msktop.local.plan import KAFKA_PORT, NodePlan, Plan
from msktop.local.settings import Settings

_MODULES = "--add-modules=java.instrument"
"""What the exporter's agent adds: training and use must agree in it."""

_RECORD_S, _CREATE_S, _SETTLE_S = 120.0, 240.0, 1.0
_HOST = 250


@dataclass(frozen=True, slots=True)
class Cache:
    """The cache of one Kafka version on one runtime; its name changes with everything that it depends on."""

    file: Path
    kafka_version: str

    def options(self) -> list[str]:
        """JVM options that use the cache, or none while there is no cache."""
        return [_MODULES, f"-XX:AOTCache={self.file}"] if self.file.exists() else []

    def forget(self) -> None:
        """Remove the cache, so that the next start does without."""
        self.file.unlink(missing_ok=True)


def cache(runtime: java.Runtime, jars: Jars, kafka_version: str) -> Cache:
    """Where the cache for these jars on this runtime is, made or not. A JVM also checks each jar's time."""
    stamps = [f"{path}:{path.stat().st_mtime_ns}" for path in (runtime.java, *jars.classpath)]
    text = "\n".join([jars.key, runtime.version, *java.LEAN, *stamps])
    key = hashlib.sha256(text.encode()).hexdigest()[:16]
    return Cache(paths.cache_root() / "aot" / f"kafka-{kafka_version}-{key}.aot", kafka_version)


@contextmanager
def only_trainer(wanted: Cache) -> Iterator[bool]:
    """Whether this process is the one to make this cache, inside the block; not when it is made already."""
    if wanted.file.exists():
        yield False
        return
    with paths.only_one(paths.private(wanted.file.parent) / ".lock") as mine:
        yield mine


async def train(
    wanted: Cache,
    runtime: java.Runtime,
    jars: Jars,
    plan: Plan,
    settings: Settings,
    trainer: Companion,
    folder: Path,
) -> bool:
    """Make the cache, using `folder` for what is passing. False when it did not work; never raises for that.

    KRaft only: in ZooKeeper mode it would take a server to train against, for a mode that is going away.
    """
    node = NodePlan(1, "controller", plan.zones[0], f"127.{plan.net}.1.{_HOST}")
    alone = Plan(plan.net, plan.zones[:1], (node,), (node,))
    recording, result = folder / "classes.aotconf", folder / "classes.aot"

    def words(*options: str) -> Sequence[str]:
        options = (_MODULES, f"-XX:AOTConfiguration={recording}", *options)
        properties, logging = folder / "server.properties", folder / "logging.properties"
        return java.command(runtime, jars, java.KAFKA, properties, logging=logging, options=options)

    try:
        shutil.rmtree(folder, ignore_errors=True)
        config.write_node(folder, node, alone, settings, config.kafka_uuid())
        config.make_combined(folder / "server.properties", node)
        async with asyncio.timeout(_RECORD_S):
            recorder = asyncio.ensure_future(trainer.once(words("-XX:AOTMode=record")))
            await _registered(node)
            await asyncio.sleep(_SETTLE_S)
            trainer.terminate()
            await recorder
        async with asyncio.timeout(_CREATE_S):
            exit_code = await trainer.once(words("-XX:AOTMode=create", f"-XX:AOTCache={result}"))
        if exit_code != 0 or not result.exists():
            return False
        _keep(result, wanted)
    except (OSError, TimeoutError, MsktopError):
        return False
    finally:
        trainer.kill()
        shutil.rmtree(folder, ignore_errors=True)
    return True


async def _registered(node: NodePlan) -> None:
    """Wait until the lone broker serves."""
    while True:
        with suppress(*health.NO_ANSWER):
            async with health.connection(node.address, KAFKA_PORT, 1.0) as streams:
                if node.id in await health.registered_brokers(streams, 5.0):
                    return
        await asyncio.sleep(0.2)


def _keep(result: Path, wanted: Cache) -> None:
    """Put the cache in its place in one step, and remove those that it replaces."""
    home = paths.private(wanted.file.parent)
    arriving = home / f".part-{os.getpid()}"
    try:
        shutil.copyfile(result, arriving)
        os.replace(arriving, wanted.file)
    finally:
        arriving.unlink(missing_ok=True)
    for older in home.glob(f"kafka-{wanted.kafka_version}-*.aot"):
        if older != wanted.file:
            older.unlink(missing_ok=True)
