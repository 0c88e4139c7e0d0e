"""Two implementations timed side by side, and what the machine could do at best."""

from __future__ import annotations

import ctypes
import platform
import statistics
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from unittest.mock import patch

import psutil
import torch
from torch import Tensor

from attention_surgery.engine import kernels
from attention_surgery.engine.cores import available_cpus
from attention_surgery.engine.kernels import linear

Work = Callable[[], object]
Clock = Callable[[], float]


@dataclass(frozen=True)
class Comparison:
    """Median seconds of both sides over alternating runs, and memory added at the peak."""

    ours: float
    peer: float
    ours_megabytes: float
    peer_megabytes: float

    @property
    def ratio(self) -> float:
        return self.peer / self.ours


def compare(ours: Work, peer: Work, *, runs: int = 5, peer_scale: float = 1.0) -> Comparison:
    """Warm both up, then run them in turns.

    Args:
        peer_scale: the peer's work stands for this many times as much of it.
    """
    ours_megabytes, peer_megabytes = added_megabytes(ours), added_megabytes(peer)
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs):
        times[0].append(seconds(ours))
        times[1].append(seconds(peer) * peer_scale)
    return Comparison(
        statistics.median(times[0]), statistics.median(times[1]), ours_megabytes, peer_megabytes
    )


def seconds(
    work: Callable[..., object], *arguments: object, clock: Clock = time.perf_counter
) -> float:
    started = clock()
    work(*arguments)
    return clock() - started


def added_megabytes(work: Work) -> float:
    """Resident memory at the peak of one run, above what was resident before."""
    process = psutil.Process()
    release_freed_memory()
    before = process.memory_info().rss
    highest, done = before, threading.Event()

    def watch() -> None:
        nonlocal highest
        while not done.wait(0.002):
            highest = max(highest, process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    work()
    done.set()
    watcher.join()
    return (highest - before) / 1e6


def products_alone(work: Work, clock: Clock = time.perf_counter) -> float:
    """Seconds that the matrix products of some work take, made again by themselves."""
    made: list[tuple[torch.Size, Tensor, Tensor | None]] = []

    def recorded(x: Tensor, weight: Tensor, bias: Tensor | None, gelu: bool = False) -> Tensor:
        made.append((x.shape, weight, bias))
        return kernel(x, weight, bias, gelu)

    kernel = kernels._onednn
    with patch.object(kernels, "_onednn", recorded):
        work()
    inputs = {(shape, weight.dtype) for shape, weight, _ in made}
    filled = {(shape, dtype): torch.randn(shape, dtype=dtype) for shape, dtype in inputs}

    def again() -> None:
        for shape, weight, bias in made:
            kernel(filled[shape, weight.dtype], weight, bias)

    with torch.inference_mode():
        return min(seconds(again, clock=clock) for _ in range(2))


def release_freed_memory() -> None:
    """Give freed heap back to the system, so that resident memory means used memory."""
    if sys.platform == "linux":
        ctypes.CDLL("libc.so.6").malloc_trim(0)


@dataclass(frozen=True)
class Machine:
    """The ceilings of this machine, measured now."""

    gemm_flops: float  # float32 products per second, the kernel the engine uses
    bandwidth: float  # bytes read per second from memory

    @classmethod
    def measured(cls) -> Machine:
        x, weight = torch.randn(1024, 768), torch.randn(3072, 768)
        memory = torch.ones(64_000_000)
        with torch.inference_mode():
            product = min(seconds(lambda: linear(x, weight)) for _ in range(50))
            reading = min(seconds(memory.sum) for _ in range(20))
        return cls(2 * 1024 * 768 * 3072 / product, memory.nbytes / reading)


def describe_machine(machine: Machine) -> str:
    """Machine, versions and date, as a paragraph."""
    packages = ("torch", "transformer-lens", "transformers", "attention-surgery")
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{processor()}, {available_cpus()} cores, {memory:.0f} GiB, "
        f"{torch.get_num_threads()} threads; Python {platform.python_version()}, {versions}; "
        f"{datetime.now(UTC):%Y-%m-%d}. Measured ceilings: {machine.gemm_flops / 1e9:.0f} GFLOP/s "
        f"in float32 products, {machine.bandwidth / 1e9:.0f} GB/s read from memory."
    )


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "")


def table(header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table, columns aligned."""
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    lines = [header, ["-" * width for width in widths], *rows]
    return "\n".join(
        "| " + " | ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)) + " |"
        for line in lines
    )


def duration(value: float) -> str:
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.0f} ms"
