"""A model read from disk."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Comparison
from benchmarks.rows import Row, comparison
from benchmarks.subjects import Subjects

TITLE = "Loading"
RUNS = 3


def measured(s: Subjects) -> str:
    return comparison(_rows(s))


def _rows(s: Subjects) -> Iterator[Row]:
    """In processes of their own: seconds without imports, and the peak of the whole process."""
    sides = [[_load_once(side, s.directory) for side in ("ours", "peer")] for _ in range(RUNS)]
    middle = len(sides) // 2
    (ours, ours_peak), (peer, peer_peak) = (
        tuple(sorted(run[i][j] for run in sides)[middle] for j in range(2)) for i in range(2)
    )
    path = "HF → HookedTransformer → processed"
    result = Comparison(ours, peer, ours_peak, peer_peak)
    yield Row("loading from disk, time", path, "≥ 3", result, None)
    peaks = Comparison(ours_peak, peer_peak, ours_peak, peer_peak)
    yield Row("loading from disk, peak MB of the process", path, "≥ 1.5", peaks, None)


_LOADER = """
import json, pathlib, re, sys, time
side, directory = sys.argv[1], pathlib.Path(sys.argv[2])
if side == "ours":
    from attention_surgery.engine.model import load_model
    load = lambda: load_model(directory, device="cpu")
else:
    from benchmarks import peers
    load = lambda: peers.transformer_lens(directory, process=True)
started = time.perf_counter()
load()
seconds = time.perf_counter() - started
status = pathlib.Path("/proc/self/status").read_text()
print(json.dumps([seconds, int(re.search(r"VmHWM:\\s+(\\d+) kB", status)[1]) / 1000]))
"""


def _load_once(side: str, directory: Path) -> tuple[float, float]:
    result = subprocess.run(
        [sys.executable, "-c", _LOADER, side, str(directory)],
        capture_output=True,
        text=True,
        check=True,
    )
    elapsed, peak = json.loads(result.stdout.splitlines()[-1])
    return elapsed, peak
