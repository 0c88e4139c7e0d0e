"""How the cost grows with the prompt, the model and the number of users; docs/performance.md."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib as mpl

mpl.use("svg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from attention_surgery.analyses import importance, infer, logit_lens
from attention_surgery.engine.model import Model, load_model
from benchmarks.concurrency import Load, measure_users
from benchmarks.measure import Machine, describe_machine, duration, seconds, table
from benchmarks.performance import DOCS, WITH_MODEL, WITH_PROMPT, WITH_USERS, put
from benchmarks.random_gpt2 import SIZES, save_random_gpt2
from benchmarks.subjects import CUTS, prompt_of

LENGTHS = (8, 16, 64, 256, 1024)
USERS = (1, 2, 4, 8, 16)
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
Costs = dict[str, list[float]]


def write_performance_page(directory: Path) -> None:
    """Measure, draw and write docs/performance.md and docs/performance.svg."""
    machine = Machine.measured()
    users, heads, lengths = measure_users(USERS, seconds=5), by_size(), by_length(directory)
    draw(lengths, heads, users)
    put(sections(machine, lengths, heads, users))
    print("written to docs/performance.md")


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


def by_size() -> dict[int, tuple[str, float, float]]:
    """Heads → (model, seconds of a 12-token KL sweep, of a next-token view)."""
    found: dict[int, tuple[str, float, float]] = {}
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


def draw(lengths: Costs, heads: dict[int, tuple[str, float, float]], users: list[Load]) -> None:
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(13, 4))
    for name, costs in lengths.items():
        left.plot(LENGTHS, costs, marker="o", markersize=3, label=name)
    middle.plot(
        list(heads), [sweep for _, sweep, _ in heads.values()], marker="o", label="exact KL"
    )
    middle.plot(
        list(heads), [view for _, _, view in heads.values()], marker="s", label="next-token view"
    )
    for name, style in (("p50", "o-"), ("p95", "s--")):
        right.plot([u.users for u in users], [getattr(u, name) for u in users], style, label=name)
    _finish(left, "GPT-2 Small", "prompt tokens")
    _finish(middle, "GPT-2 sizes, 12 tokens", "heads")
    _finish(right, "bundled model over HTTP", "concurrent users")
    figure.tight_layout()
    figure.savefig(DOCS / "performance.svg", metadata={"Date": None})


def _finish(axes: Axes, title: str, x: str) -> None:
    axes.set(title=title, xlabel=x, ylabel="seconds", xscale="log", yscale="log")
    axes.grid(visible=True, alpha=0.3)
    axes.legend(fontsize=8)


def sections(
    machine: Machine,
    lengths: Costs,
    heads: dict[int, tuple[str, float, float]],
    users: list[Load],
) -> dict[str, str]:
    by_tokens = [
        [str(n), *(duration(costs[i]) for costs in lengths.values())] for i, n in enumerate(LENGTHS)
    ]
    by_heads = [
        [name, str(count), duration(sweep), duration(view)]
        for count, (name, sweep, view) in heads.items()
    ]
    by_users = [
        [str(u.users), f"{u.per_second:.0f}", duration(u.p50), duration(u.p95)] for u in users
    ]
    where = describe_machine(machine)
    return {
        WITH_PROMPT: f"""GPT-2 Small's shape, float32, four heads cut.

{table(["tokens", *lengths], by_tokens)}

Short prompts are bound by memory: every weight is read once, whatever the prompt, so a next-token
view of 8 tokens costs about what 16 tokens cost. From some 30 tokens on the products are bound by
arithmetic and the cost is proportional to the tokens; attention's square is not yet felt at 1,024.
A sweep is bound by arithmetic from the start, because the heads of a layer share one batch: 12 rows
for each layer, which run only the layers after the cut. Reading the last position alone saves the
unembedding of all others, which is about half of the work.

{where}""",
        WITH_MODEL: f"""Random weights in the shapes of the published sizes, 12 tokens.

{table(["model", "heads", "exact KL of all heads", "next-token view"], by_heads)}

A sweep costs heads × layers/2 × the work of one block: it grows faster than the number of heads,
because larger models are also deeper and wider.

{where}""",
        WITH_USERS: f"""The bundled model, served by one process; each user asks for a next-token
view of a prompt nobody asked for before, and again as soon as the last answer has come.

{table(["users", "answers a second", "p50", "p95"], by_users)}

One thread runs the model, so the throughput is that of one user who never pauses, and waiting grows
with the users in front. People pause: see [deploy.md](deploy.md) for what that means for a class.

{where}""",
    }
