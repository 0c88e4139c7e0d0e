"""How the cost grows with prompt, model, pairs, items and users; docs/performance.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib as mpl

mpl.use("svg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from attention_surgery.analyses import importance, infer, interactions, logit_lens
from attention_surgery.engine.model import Model, load_model
from attention_surgery.engine.steps import drain
from attention_surgery.interventions import head_name
from attention_surgery.settings import BUNDLED_MODEL
from benchmarks.concurrency import Load, measure_users
from benchmarks.loops import ANSWER, FOIL
from benchmarks.measure import Machine, describe_machine, duration, seconds, table
from benchmarks.performance import (
    DOCS,
    WITH_ITEMS,
    WITH_MODEL,
    WITH_PAIRS,
    WITH_PROMPT,
    WITH_USERS,
    put,
)
from benchmarks.random_gpt2 import SIZES, save_random_gpt2
from benchmarks.sections.evidence import ABLATION, ONE_PASS, batches_of
from benchmarks.subjects import CUTS, prompt_of

LENGTHS = (8, 16, 64, 256, 1024)
USERS = (1, 2, 4, 8, 16, 32)
HEADS = (12, 36, 72, 144)
ITEMS = (1, 2, 4, 8, 16, 32)
CUT = CUTS

JOBS: dict[str, Callable[[Model, str], object]] = {
    "next-token view": lambda model, prompt: infer(model, prompt, CUT, max_new_tokens=0),
    "gradient": lambda model, prompt: importance(model, prompt, "gradient"),
    "logit lens, last position": lambda model, prompt: logit_lens(
        model, prompt, CUT, positions=[-1]
    ),
    "exact KL, last position": lambda model, prompt: importance(
        model, prompt, "kl", positions="last"
    ),
    "exact KL, all positions": lambda model, prompt: importance(model, prompt, "kl"),
}
RUNS = {
    "exact ablation": ABLATION,
    "gradient": ONE_PASS["gradient"],
    "direct logit attribution": ONE_PASS["direct logit attribution"],
}
Costs = dict[str, list[float]]
Sizes = dict[int, tuple[str, float, float]]


def write_performance_page(directory: Path) -> None:
    """Measure, draw and write docs/performance.md and docs/performance.svg."""
    machine = Machine.measured()
    users = {
        "bundled model": measure_users(USERS, models=BUNDLED_MODEL, seconds=4),
        "GPT-2 size": measure_users(USERS, models=f"random={directory}", seconds=4),
    }
    model = load_model(directory, device="cpu")
    pairs, items = by_pairs(model), by_items(model)
    heads, lengths = by_size(), by_length(directory)
    draw(lengths, heads, pairs, items, users)
    put(sections(machine, lengths, heads, pairs, items, users))
    print("written to docs/performance.md")


def by_pairs(model: Model) -> dict[int, float]:
    """Pairs of heads → seconds for all of them, 16 tokens; heads from all layers."""
    every = [(layer, head) for layer in range(model.n_layers) for head in range(model.n_heads)]
    prompt, found = prompt_of(model, 16), {}
    for n_heads in HEADS:
        names = [head_name(*head) for head in every[:: len(every) // n_heads]]
        n_pairs = n_heads * (n_heads - 1) // 2
        found[n_pairs] = seconds(
            lambda heads=names: interactions(model, prompt, answer=ANSWER, foil=FOIL, heads=heads)
        )
        print(n_pairs, "pairs", duration(found[n_pairs]), flush=True)
    return found


def by_items(model: Model) -> Costs:
    """Seconds of each analysis for so many items of a task, in the batches of a run."""
    costs: Costs = {name: [] for name in RUNS}
    for name, analysis in RUNS.items():
        for n in ITEMS:
            batches = batches_of(model, analysis, n)
            costs[name].append(
                sum(seconds(drain, batches.batch(part).steps(model)) for part in batches.parts)
            )
        print(name, [duration(cost) for cost in costs[name]], flush=True)
    return costs


def by_length(directory: Path) -> Costs:
    """Seconds of each job at each prompt length, GPT-2 Small's shape."""
    model = load_model(directory, device="cpu")
    costs: Costs = {name: [] for name in JOBS}
    for n_tokens in LENGTHS:
        prompt = prompt_of(model, n_tokens)
        for name, job in JOBS.items():
            repeats = 1 if n_tokens > 64 else 3
            costs[name].append(min(seconds(job, model, prompt) for _ in range(repeats)))
        print(n_tokens, {name: duration(cost[-1]) for name, cost in costs.items()}, flush=True)
    return costs


def by_size() -> Sizes:
    """Heads → (model, seconds of a 12-token KL sweep, of a next-token view)."""
    found: Sizes = {}
    for name, (n_layers, n_heads, d_model) in SIZES.items():
        with TemporaryDirectory() as folder:
            shape = {"n_layers": n_layers, "n_heads": n_heads, "d_model": d_model}
            model = load_model(save_random_gpt2(Path(folder) / name, **shape), device="cpu")
        prompt = prompt_of(model, 12)
        view = min(seconds(JOBS["next-token view"], model, prompt) for _ in range(3))
        sweep = seconds(JOBS["exact KL, all positions"], model, prompt)
        found[n_layers * n_heads] = (name, sweep, view)
        print(name, duration(sweep), duration(view), flush=True)
    return found


def draw(
    lengths: Costs,
    heads: Sizes,
    pairs: dict[int, float],
    items: Costs,
    users: Mapping[str, list[Load]],
) -> None:
    figure = plt.figure(figsize=(13, 8))
    grid = figure.add_gridspec(2, 6)
    top = [figure.add_subplot(grid[0, 2 * i : 2 * i + 2]) for i in range(3)]
    low = [figure.add_subplot(grid[1, 3 * i : 3 * i + 3]) for i in range(2)]
    for name, costs in lengths.items():
        top[0].plot(LENGTHS, costs, marker="o", markersize=3, label=name)
    for place, (name, mark) in enumerate((("exact KL", "o"), ("next-token view", "s")), 1):
        top[1].plot(list(heads), [row[place] for row in heads.values()], marker=mark, label=name)
    top[2].plot(list(pairs), list(pairs.values()), marker="o", label="interactions")
    for name, costs in items.items():
        low[0].plot(ITEMS, costs, marker="o", markersize=3, label=name)
    for name, loads in users.items():
        for quantile, style in (("p50", "o-"), ("p95", "s--")):
            waits = [getattr(load, quantile) for load in loads]
            low[1].plot(USERS, waits, style, label=f"{quantile}, {name}")
    _finish(top[0], "GPT-2 Small", "prompt tokens")
    _finish(top[1], "GPT-2 sizes, 12 tokens", "heads")
    _finish(top[2], "GPT-2 Small, 16 tokens", "pairs of heads")
    _finish(low[0], "GPT-2 Small, IOI items of about 20 tokens", "items")
    _finish(low[1], "next-token views over HTTP", "concurrent users")
    figure.tight_layout()
    figure.savefig(DOCS / "performance.svg", metadata={"Date": None})


def _finish(axes: Axes, title: str, x: str) -> None:
    axes.set(title=title, xlabel=x, ylabel="seconds", xscale="log", yscale="log")
    axes.grid(visible=True, alpha=0.3)
    axes.legend(fontsize=8)


def sections(
    machine: Machine,
    lengths: Costs,
    heads: Sizes,
    pairs: dict[int, float],
    items: Costs,
    users: Mapping[str, list[Load]],
) -> dict[str, str]:
    by_tokens = [
        [str(n), *(duration(costs[i]) for costs in lengths.values())] for i, n in enumerate(LENGTHS)
    ]
    by_heads = [
        [name, str(count), duration(sweep), duration(view)]
        for count, (name, sweep, view) in heads.items()
    ]
    paired = [
        [str(n_heads), f"{n_pairs:,}", duration(cost), duration(cost / n_pairs)]
        for n_heads, (n_pairs, cost) in zip(HEADS, pairs.items(), strict=True)
    ]
    by_number = [
        [str(n), *(duration(costs[i]) for costs in items.values())] for i, n in enumerate(ITEMS)
    ]
    by_users = [
        [name, str(u.users), f"{u.per_second:.0f}", duration(u.p50), duration(u.p95)]
        for name, loads in users.items()
        for u in loads
    ]
    where = describe_machine(machine)
    return {
        WITH_PROMPT: f"""GPT-2 Small's shape, float32, four heads cut.

{table(["tokens", *lengths], by_tokens)}

Short prompts are bound by memory: every weight is read once, whatever the prompt, so a next-token
view of 8 tokens costs about what 16 tokens cost. From some 30 tokens on the products are bound by
arithmetic and the cost is proportional to the tokens. Attention costs tokens² × d_model: as much as
the products at 12 d_model tokens, of GPT-2 Small 9,216, and at its longest prompt, of 1,024, a
ninth. A sweep is bound by arithmetic from the start, because the heads of a layer share one batch:
12 rows for each layer, which run only the layers after the cut. Reading the last position alone
saves the unembedding of all others, which is about half of the work.

{where}""",
        WITH_PAIRS: f"""GPT-2 Small's shape, 16 tokens, heads of all layers.

{table(["heads", "pairs", "all pairs", "a pair"], paired)}

Proportional to the pairs, heads²/2: of each pair what follows its second head is computed, a third
of the layers in the mean, and the first heads are carried once for all their partners. Rows are
finished as they are made, so memory does not grow with the pairs, and arithmetic is the limit
throughout.

{where}""",
        WITH_MODEL: f"""Random weights in the shapes of the published sizes, 12 tokens.

{table(["model", "heads", "exact KL of all heads", "next-token view"], by_heads)}

A sweep costs heads × layers/2 × the work of one block: it grows faster than the number of heads,
because larger models are also deeper and wider. A view is proportional to the weights, which are
read once. What ends first is memory: four bytes a weight, 6.2 GB for gpt2-xl.

{where}""",
        WITH_ITEMS: f"""GPT-2 Small's shape, IOI items of about 20 tokens, in the batches of a run.

{table(["items", *items], by_number)}

Proportional to the items. What takes one pass or two for an item shares it with others, some five
of this length: there the first items cost more than later ones, until the products are bound by
arithmetic. A sweep is so from its first item. Keeping an item takes some milliseconds of the one
process that hands them out: that takes over beyond some hundred cores
([RESULTS.md](../benchmarks/RESULTS.md), Workers).

{where}""",
        WITH_USERS: f"""Served by one process; each user asks for a next-token view of a prompt
nobody asked for before, and again as soon as the last answer has come.

{table(["model", "users", "answers a second", "p50", "p95"], by_users)}

Views that wait go through the model together, up to 16. The weights are then read once for all, so
that answers a second rise with the users until the products are bound by arithmetic, of views of 16
tokens from a few users on; from there on the wait is proportional to the users. On the bundled
model, whose passes are short, tokenising, encoding and HTTP take as long as the model does, and
that is what ends the rise. People pause: see [deploy.md](deploy.md) for what that means for a
class.

{where}""",
    }
