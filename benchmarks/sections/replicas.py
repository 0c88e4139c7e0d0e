"""Answers a second of one and two replicas, and by arithmetic what more people need."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import psutil
import torch

from attention_surgery.settings import BUNDLED_MODEL
from benchmarks.concurrency import ask
from benchmarks.concurrency import measured as load_of
from benchmarks.measure import duration, table
from benchmarks.memory import PATIENCE, server, wait_for
from benchmarks.sections.evidence import ABLATION, batches_of, processor_seconds
from benchmarks.subjects import Subjects

TITLE = "Replicas"
USERS = 8
WORK = {"next-token views": (0, 3.0), "texts of 20 tokens": (20, 5.0)}
# What somebody at work asks for: seconds from one to the next.
EVERY = {"view": 5.0, "text": 15.0, "sweep": 120.0}
PEOPLE = {"a class of 30": 30, "a course of 300": 300, "a public demo of 3,000": 3000}
# A core that is asked for more than this lets people wait.
FULL = 0.7
NOTE = (
    f"{USERS} busy users over HTTP, each with a prompt of its own and one cut; each replica "
    "computes on one thread. One replica is the plain server, two are behind the front "
    "(`attention-surgery serve --replicas 2`), and share this machine's cores with it and with the "
    "users. Processor time, of all processes of a kind, does not depend on that. The last table is "
    f"arithmetic: of people who are all at work at once, each asks for a view every "
    f"{EVERY['view']:g} s, a text of 20 tokens every {EVERY['text']:g} s and the exact sweep of "
    f"144 heads every {EVERY['sweep']:g} s; cores are {FULL:.0%} in use."
)


@dataclass(frozen=True)
class Rate:
    """Of one kind of work, what so many replicas gave.

    Attributes:
        answers: a second, by the clock.
        replica, front: seconds of their processors an answer.
    """

    answers: float
    replica: float
    front: float


@dataclass(frozen=True)
class Serving:
    """A server with so many replicas.

    Attributes:
        rates: by kind of work.
        own: MB of a replica that no other process shares.
        ray: MB of what else runs, the front included.
    """

    rates: dict[str, Rate]
    own: float
    ray: float


def measured(s: Subjects) -> str:
    rows, of_gpt2 = [], None
    for name, model in (("bundled", BUNDLED_MODEL), ("GPT-2 size", f"random={s.directory}")):
        one, two = _serving(model, 1), _serving(model, 2)
        for what in WORK:
            rows.append([f"{what}, {name}", *_row(one.rates[what], two.rates[what])])
            print(" | ".join(rows[-1]), flush=True)
        of_gpt2 = two
    head = ["what", "1 replica", "2 replicas", "ratio", "processor: replica", "front"]
    assert of_gpt2 is not None
    memory = (
        f"A replica of GPT-2 Small's size holds {of_gpt2.own:.0f} MB of its own; the front and Ray "
        f"together {of_gpt2.ray:.0f} MB."
    )
    return "\n\n".join([table(head, rows), memory, _needed(s, of_gpt2)])


def _row(one: Rate, two: Rate) -> Iterator[str]:
    yield f"{one.answers:.1f}/s"
    yield f"{two.answers:.1f}/s"
    yield f"{two.answers / one.answers:.2f}"
    yield duration(two.replica)
    yield f"{1000 * two.front:.1f} ms"


def _serving(model: str, replicas: int) -> Serving:
    given = {"CACHE_BYTES": "0", "THREADS": "1", "REPLICAS": str(replicas)}
    with server(model, **given) as (client, pid):
        _wait_for_all(client, replicas)
        for number in range(4):
            ask(client, f"warm up {number}", 0)
        rates = {}
        for what, (new, seconds) in WORK.items():
            with _processors(pid) as spent:
                load = load_of(str(client.base_url), USERS, seconds, new)
            answers = load.per_second * spent["wall"]
            rates[what] = Rate(
                load.per_second, spent["replica"] / answers, spent["front"] / answers
            )
        sizes = {_kind(each): 0.0 for each in _processes(pid)}
        for each in _processes(pid):
            sizes[_kind(each)] += each.memory_full_info().uss / 1e6
        own = sizes.pop("replica", 0.0) / replicas
        return Serving(rates, own, sum(sizes.values()))


def _wait_for_all(client: httpx.Client, replicas: int) -> None:
    wait_for(client, "/health/ready")
    ready = re.compile(r'attention_surgery_replicas\{.*state="ready"\} (\d)')
    deadline = time.monotonic() + PATIENCE
    while replicas > 1 and time.monotonic() < deadline:
        found = ready.search(client.get("/metrics").text)
        if found and int(found[1]) == replicas:
            return
        time.sleep(0.2)


@contextmanager
def _processors(pid: int) -> Iterator[dict[str, float]]:
    """Seconds that each kind of process computes within this context, and those of the clock."""
    spent = {"replica": 0.0, "front": 0.0, "Ray": 0.0}
    begin = time.perf_counter()
    before = {each: sum(each.cpu_times()[:2]) for each in _processes(pid)}
    yield spent
    spent["wall"] = time.perf_counter() - begin
    for each, had in before.items():
        spent[_kind(each)] += sum(each.cpu_times()[:2]) - had


def _processes(pid: int) -> list[psutil.Process]:
    front = psutil.Process(pid)
    return [front, *front.children(recursive=True)]


def _kind(process: psutil.Process) -> str:
    words = " ".join(process.cmdline())
    if words.startswith("ray::Replica"):
        return "replica"
    return "front" if "attention_surgery.api:app" in words else "Ray"


def _needed(s: Subjects, serving: Serving) -> str:
    """Cores and memory for GPT-2 Small."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    sweep = processor_seconds(batches_of(s.model, ABLATION, 1), range(1), s.model)
    torch.set_num_threads(threads)
    view, text = (serving.rates[what] for what in WORK)
    costs = {"view": view.replica, "text": text.replica, "sweep": sweep}
    each = sum(costs[what] / seconds for what, seconds in EVERY.items())
    front = sum(view.front / seconds for seconds in EVERY.values())
    rows = []
    for who, people in PEOPLE.items():
        cores = math.ceil(people * each / FULL)
        memory = (cores * serving.own + serving.ray) / 1000
        fronts = people * front / FULL
        rows.append([who, f"{people * each:.1f}", f"{cores}", f"{memory:.0f} GB", f"{fronts:.2f}"])
    head = ["all at work", "cores computing", "replicas of one thread", "memory", "cores of front"]
    told = ", ".join(f"a {what} {duration(seconds)}" for what, seconds in costs.items())
    return table(head, rows) + f"\n\nOf a core, GPT-2 Small's size: {told}."
