"""Another program keeps one core busy: a text and a sweep, on threads that mind it or do not."""

from __future__ import annotations

import multiprocessing
import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager

from attention_surgery.analyses import importance, infer
from attention_surgery.engine.cores import use_threads
from benchmarks.measure import Work, duration, seconds, table
from benchmarks.subjects import CUTS, Subjects

TITLE = "Beside another program"

NOTE = (
    "A process that does nothing but count is bound to one of the cores while ours computes. "
    "*Fixed* leaves as many threads as there are cores; ours notices and goes on with one "
    "(`engine/cores.py`). Goal: at most 2.5 times as long as alone."
)

HEADER = ["what", "alone", "ours beside", "÷ alone", "fixed beside", "÷ alone"]
RUNS = 3


def measured(s: Subjects) -> str:
    prompt = s.prompt(12)
    works: dict[str, Work] = {
        "control + ablated, 50 new tokens": lambda: infer(s.model, prompt, CUTS, max_new_tokens=50),
        "exact KL of 144 heads, 12 tokens": lambda: importance(s.model, prompt, method="kl"),
    }
    lines = []
    try:
        for name, work in works.items():
            lines.append(_line(name, work))
            print(" | ".join(lines[-1]), flush=True)
    finally:
        use_threads()
    return table(HEADER, lines)


def _line(name: str, work: Work) -> list[str]:
    use_threads()
    alone = _median(work)
    with another_program():
        ours = _median(work)
        use_threads(os.cpu_count())
        fixed = _median(work)
    beside = [cell for time in (ours, fixed) for cell in (duration(time), f"{time / alone:.1f}")]
    return [name, duration(alone), *beside]


def _median(work: Work) -> float:
    return statistics.median(seconds(work) for _ in range(RUNS))


@contextmanager
def another_program() -> Iterator[None]:
    """Keep the last of the cores busy."""
    other = multiprocessing.get_context("spawn").Process(target=_count, daemon=True)
    other.start()
    time.sleep(1.0)  # until it counts
    try:
        yield
    finally:
        other.kill()
        other.join()


def _count() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    while True:
        pass
