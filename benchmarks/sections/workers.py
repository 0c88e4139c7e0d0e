"""A run on one process, on workers of a cluster, and by arithmetic on many more."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import torch

from attention_surgery.cluster.pool import Pool
from attention_surgery.engine.model import Model
from attention_surgery.engine.steps import drain
from attention_surgery.runs.batches import Batches
from attention_surgery.runs.plan import planned
from attention_surgery.store.database import Database
from attention_surgery.store.kept_runs import Lease
from attention_surgery.store.runs import Runs
from benchmarks.measure import duration, table
from benchmarks.sections.evidence import ABLATION, batches_of, processor_seconds
from benchmarks.subjects import Subjects

TITLE = "Workers"
NOTE = (
    "Exact ablation of 144 heads of the bundled model on IOI prompts of about 20 tokens, a thread "
    "each; the workers are those of a Ray cluster on this machine. Items a second are by the "
    "clock; processor seconds count all processes, and what is not model time is what they take "
    "beside the loop. The last table is arithmetic: items × processor seconds of an item ÷ cores, "
    "but no less than the time in which the one process that hands out and keeps items can do that."
)
ITEMS = 60
CORES, TASK_ITEMS = (1, 10, 100, 1000), 10_000


def measured(s: Subjects) -> str:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        workers = _workers(s.bundled)
        needed = processor_seconds(batches_of(s.model, ABLATION, 1), range(1), s.model)
        memory = _memory(s.model)
    finally:
        torch.set_num_threads(threads)
    return "\n\n".join([_workers_table(workers), memory, _scaling(needed, workers)])


@dataclass(frozen=True)
class Way:
    """What a way of working on a run takes, in seconds an item.

    Attributes:
        each: by the clock.
        own: of the processor, by the process that hands out and keeps.
        all: of the processors, by it and its workers.
    """

    name: str
    each: float
    own: float
    all: float


def _workers(model: Model) -> list[Way]:
    batches = batches_of(model, ABLATION, ITEMS)
    ways = [
        _way("a loop in one process", partial(_looped, model, batches, ITEMS // 5)),
        _way("kept in SQLite", partial(_kept, model, batches, ITEMS // 5)),
    ]
    for cores in (1, 2):
        ways.append(_on_ray(model, batches, cores))
        print(ways[-1], flush=True)
    return ways


def _way(name: str, work: partial[int]) -> Way:
    cpu, begin = time.process_time(), time.perf_counter()
    n = work()
    each, own = (time.perf_counter() - begin) / n, (time.process_time() - cpu) / n
    return Way(name, each, own, own)


def _looped(model: Model, batches: Batches, n: int) -> int:
    for part in batches.parts[:n]:
        drain(batches.batch(part).steps(model))
    return n


def _kept(model: Model, batches: Batches, n: int) -> int:
    with _store(model, batches) as (runs, lease):
        for part in batches.parts[:n]:
            scores = drain(batches.batch(part).steps(model))
            runs.keep(lease, part, scores, 1.0)
    return n


@contextmanager
def _store(model: Model, batches: Batches) -> Iterator[tuple[Runs, Lease]]:
    with TemporaryDirectory() as folder:
        database = Database(str(Path(folder) / "store.sqlite"))
        runs = Runs(database, None)
        runs.add(planned(batches.request, model, lambda _: None), "benchmark")
        lease = runs.claim({model.name: model.revision})
        assert lease is not None
        yield runs, lease
        database.close()


def _on_ray(model: Model, batches: Batches, cores: int) -> Way:
    with (
        _ray(cores),
        closing(Pool(model, batches.parts, batches.batch)) as pool,
        _store(model, batches) as (runs, lease),
    ):
        parts = iter(batches.parts)
        while pool.n_workers < cores:  # they load their model
            pool(next(parts), lambda: False)
        ahead, begin = pool.ahead, time.perf_counter()
        cpu, of_workers = time.process_time(), _processor_of_workers()
        left = list(parts)
        for part in left:
            runs.keep(lease, *pool(part, lambda: False), 1.0)
        n, seconds = len(left) - ahead, time.perf_counter() - begin
        own = (time.process_time() - cpu) / len(left)
        workers = (_processor_of_workers() - of_workers) / n
    name = f"Ray, {cores} worker{'s' * (cores > 1)}, kept in SQLite"
    return Way(name, seconds / n, own, own + workers)


def _processor_of_workers() -> float:
    """Seconds that the workers of this process have computed so far."""
    return sum(sum(each.cpu_times()[:2]) for each in _our_workers())


@contextmanager
def _ray(cores: int) -> Iterator[None]:
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
    import ray

    own = {"_node_ip_address": "127.0.0.1", "include_dashboard": False, "log_to_driver": False}
    ray.init("local", num_cpus=cores, logging_level="ERROR", **own)
    try:
        yield
    finally:
        ray.shutdown()


def _workers_table(ways: list[Way]) -> str:
    loop = ways[0].all
    rows = [
        [
            way.name,
            f"{1 / way.each:.2f}",
            duration(way.all),
            f"{max(0.0, 1 - loop / way.all):.0%}",
            duration(way.own),
        ]
        for way in ways
    ]
    head = ["", "items a second", "processor, an item", "not model time", "of who keeps, an item"]
    return table(head, rows)


def _memory(model: Model) -> str:
    """What two workers hold for themselves of a model whose weights they share."""
    batches = batches_of(model, ABLATION, 20)
    with _ray(2), closing(Pool(model, batches.parts, batches.batch)) as pool:
        for part in batches.parts:
            pool(part, lambda: False)
            if pool.n_workers == 2:
                break
        own = [each.memory_full_info().uss / 1e6 for each in _our_workers()]
    weights = 4 * model.n_parameters / 1e6
    told = ", ".join(f"{each:.0f} MB" for each in own)
    return (
        f"The weights of {model.name} are {weights:.0f} MB, once a machine; beside them its two "
        f"workers have {told} of their own, the libraries included."
    )


def _our_workers() -> list[psutil.Process]:
    ours = psutil.Process().children(recursive=True)
    return [each for each in ours if any("ray::Worker" in word for word in each.cmdline())]


def _scaling(needed: float, ways: list[Way]) -> str:
    keeping = ways[2].own  # one worker: whatever this process does for an item
    rows = []
    for cores in CORES:
        took = max(TASK_ITEMS * needed / cores, TASK_ITEMS * keeping)
        used = TASK_ITEMS * needed / cores / took
        rows.append([f"{cores:,}", _long(took), f"{used:.0%}"])
    head = [f"cores for {TASK_ITEMS:,} IOI items × 144 heads on GPT-2 Small", "time", "in use"]
    return (
        table(head, rows)
        + f"\n\nAn item takes a core {duration(needed)} and the keeping process "
        + f"{duration(keeping)}: beyond {needed / keeping:,.0f} cores more do not help."
    )


def _long(value: float) -> str:
    if value < 120:
        return f"{value:.0f} s"
    return f"{value / 60:.0f} min" if value < 7200 else f"{value / 3600:.1f} h"
