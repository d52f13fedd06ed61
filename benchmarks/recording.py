"""What a recording costs, and how fast one opens: a made-up hour of three healthy brokers."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from msktop.model.cluster import Cluster
from msktop.model.detect import detect
from msktop.model.incidents import Incidents
from msktop.model.reduce import reduce
from msktop.model.samples import Probed, Sample
from msktop.recording.codec import decode, encode
from msktop.recording.reader import Recording
from msktop.recording.writer import Recorder
from tests.recording.sessions import quiet_session

HOUR_S = 3600
PROBES = 50_000


def main() -> list[dict[str, Any]]:
    """Size and CPU of an hour's recording, CPU seconds to fold it again, probes through the codec."""
    samples = list(quiet_session(HOUR_S))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hour.msktop"
        write_s, size = _record(path, samples)
        fold_s = _refold(path)
    per_s = len(samples) / HOUR_S
    codec = _codec([s for s in samples if isinstance(s, Probed)][:PROBES])
    return [
        _claim("recording: CPU of one core", write_s / HOUR_S * 100, "%", 0.1, f"{per_s:.0f} samples/s"),
        _claim("recording: size", size / HOUR_S / 1000, "kB/s", 2.0, f"{size / 1e6:.1f} MB an hour"),
        _claim("replay: folding an hour again", fold_s, "s", 10.0, f"{len(samples) / fold_s:,.0f} samples/s"),
        _claim("codec: one probe there and back", 1e6 / codec, "µs", 10.0, f"{codec:,.0f} probes/s"),
    ]


def _claim(claim: str, value: float, unit: str, most: float, detail: str) -> dict[str, Any]:
    return {
        "claim": claim,
        "value": value,
        "unit": unit,
        "goal": f"<= {most:g}",
        "ok": value <= most,
        "detail": detail,
    }


def _record(path: Path, samples: Sequence[Sample]) -> tuple[float, int]:
    """CPU seconds and bytes of recording them, with a flush each second as in life."""
    began = time.process_time()
    recorder = Recorder(path, target="bench")
    for second in _seconds(samples):
        for sample in second:
            recorder.write(sample)
        recorder.flush()
    recorder.close()
    return time.process_time() - began, recorder.bytes


def _seconds(samples: Sequence[Sample]) -> Iterator[Iterator[Sample]]:
    for _, second in groupby(samples, key=lambda s: int(s.at)):
        yield second


def _refold(path: Path) -> float:
    """CPU seconds to read a recording and to fold all of it."""
    began = time.process_time()
    cluster, incidents = Cluster(), Incidents()
    with Recording(path) as recording:
        for sample in recording.samples():
            old, cluster = cluster, reduce(cluster, sample)
            incidents = detect(incidents, old, cluster)
    return time.process_time() - began


def _codec(probes: Sequence[Sample]) -> float:
    """Probes a second through the codec, one by one as they cross a pipe."""
    began = time.process_time()
    for probe in probes:
        decode(encode((probe,)))
    return len(probes) / (time.process_time() - began)
