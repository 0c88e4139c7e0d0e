"""Items of a task that share a pass, and those that do not."""

from __future__ import annotations

import time
from typing import Any

import torch

from attention_surgery.engine.model import Model
from attention_surgery.engine.preparation import plan
from attention_surgery.engine.reading import reading_of
from attention_surgery.engine.steps import drain
from attention_surgery.engine.sweep import effects_of_each_head
from attention_surgery.metrics import metric_named
from attention_surgery.runs.batches import Batches
from attention_surgery.runs.request import RunRequest
from benchmarks.measure import table
from benchmarks.subjects import Subjects

TITLE = "Evidence"
NOTE = (
    "Items of about 20 tokens (IOI) in a second of one thread's processor time, so that other work "
    "on the machine does not count. A run lets as many items share a pass as 128 tokens hold, "
    "about five of these; gradients of more have to compute blocks once more. The rows of exact "
    "ablation fill the machine by themselves: the rows of four items in one sweep take as long as "
    "four sweeps, so those items go alone."
)
ONE_PASS: dict[str, dict[str, Any]] = {
    "gradient": {"name": "importance", "method": "gradient"},
    "attribution patching": {"name": "importance", "method": "attribution"},
    "output norms": {"name": "importance", "method": "l2"},
    "direct logit attribution": {"name": "attribution"},
    "head types": {"name": "head_types", "kind": "induction"},
}
ABLATION = {"name": "importance", "method": "ablation"}
TOGETHER = (1, 8, 32)


def measured(s: Subjects) -> str:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return "\n\n".join([_together(s.bundled), _together(s.model)])
    finally:
        torch.set_num_threads(threads)


def batches_of(model: Model, analysis: dict[str, Any], n: int) -> Batches:
    """Of so many IOI items."""
    request = RunRequest.model_validate({"task": "ioi", "n": n, "analysis": analysis})
    return Batches.of(request, request.drawn(model.tokenizer), model)


def processor_seconds(batches: Batches, part: range, model: Model) -> float:
    """Of this thread, for items in one batch; the least of two, of many the only one."""
    batch = batches.batch(part)
    drain(batches.batch(part[:1]).steps(model))
    times = []
    for _ in range(1 if len(part) > 8 else 2):
        begin = time.thread_time()
        drain(batch.steps(model))
        times.append(time.thread_time() - begin)
    return min(times)


def _together(model: Model) -> str:
    rows = []
    for name, analysis in ONE_PASS.items():
        batches = batches_of(model, analysis, max(TOGETHER))
        parts = (batches.parts[0], *map(range, TOGETHER))
        run, alone, *more = (len(p) / processor_seconds(batches, p, model) for p in parts)
        rates = (f"{rate:.1f}" for rate in (alone, run, *more))
        rows.append([name, *rates, f"{run / alone:.1f}"])
        print(" | ".join(rows[-1]), flush=True)
    alone, four = (n / _sweep(model, n) for n in (1, 4))
    rows.append(
        ["exact ablation, and 4", f"{alone:.2f}", f"{four:.2f}", "", "", f"{four / alone:.1f}"]
    )
    head = [
        f"{model.name}: items a second",
        "alone",
        "as in a run",
        "8 together",
        "32",
        "run ÷ alone",
    ]
    return table(head, rows)


def _sweep(model: Model, times: int) -> float:
    """Processor seconds of a sweep in which every head has its turn so many times."""
    batches = batches_of(model, ABLATION, 1)
    (item,), (request,) = batches.task.items, batches.batch(range(1)).requests
    ids = model.tokenize(item.prompt)
    metric = metric_named("logit_difference")
    reading = reading_of(model, metric, ids, item.answer, item.foil, last_only=True)
    ready = drain(plan(model, request.turns(model), len(ids)).prepare(model)) * times
    begin = time.thread_time()
    for _ in effects_of_each_head(model, ids, ready, reading):
        pass
    return time.thread_time() - begin
