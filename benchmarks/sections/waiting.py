"""How long a view under the cursor waits for the step of a run that is under way."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator

import torch

from attention_surgery.analyses import InferRequest
from attention_surgery.engine.model import Model
from attention_surgery.runs.batches import Batches
from attention_surgery.runs.request import RunRequest
from benchmarks.measure import duration, table
from benchmarks.subjects import Subjects

TITLE = "Views during a run"
NOTE = (
    "A next-token view goes before a run, but waits for its step under way: at a random moment "
    "half of a step, longer ones weighing more. One thread's processor time, so that other work on "
    "the machine does not count; `python -m benchmarks.views_during_runs` asks a server over HTTP."
)
TARGET = "≤ 1.5"
RUNS = {
    "exact ablation": {"name": "importance", "method": "ablation"},
    "exact ablation, KL everywhere": {"name": "importance", "method": "ablation", "metric": "kl"},
    "patching": {"name": "patching"},
    "gradient": {"name": "importance", "method": "gradient"},
    "direct logit attribution": {"name": "attribution"},
}
VIEW = {
    "prompt": "When Mary and John went to the store, John gave a drink to",
    "ablations": [{"layer": 9, "head": 6}],
    "max_new_tokens": 0,
}


def measured(s: Subjects) -> str:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        rows = [row for model in (s.bundled, s.model) for row in _rows(model)]
    finally:
        torch.set_num_threads(threads)
    head = [
        "model",
        "run",
        "view alone",
        "mean wait",
        "ratio",
        "target",
        "longest step",
        "at worst",
    ]
    return table(head, rows)


def _rows(model: Model) -> Iterator[list[str]]:
    view = min(sum(_steps(InferRequest.ask(**VIEW).steps(model))) for _ in range(5))
    for name, analysis in RUNS.items():
        request = RunRequest.model_validate({"task": "ioi", "n": 8, "analysis": analysis})
        batches = Batches.of(request, request.drawn(model.tokenizer), model)
        steps = [_steps(batches.batch(batches.parts[0]).steps(model)) for _ in range(2)][1]
        wait = sum(step**2 for step in steps) / (2 * sum(steps))
        row = [model.name, name, duration(view), duration(wait), f"{1 + wait / view:.2f}", TARGET]
        row += [duration(max(steps)), f"{1 + max(steps) / view:.2f}"]
        print(" | ".join(row), flush=True)
        yield row


def _steps(work: Generator[object, None, object]) -> list[float]:
    """Processor seconds of this thread in each step."""
    taken = []
    while True:
        begin = time.thread_time()
        try:
            next(work)
        except StopIteration:
            return [*taken, time.thread_time() - begin]
        taken.append(time.thread_time() - begin)
