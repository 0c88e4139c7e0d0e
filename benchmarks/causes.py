"""What the causal analyses cost with the prompt; a section of docs/performance.md."""

from __future__ import annotations

from collections.abc import Callable

from attention_surgery.analyses import attribution, patching, paths, self_repair
from attention_surgery.engine.model import Model
from benchmarks.loops import ANSWER, FOIL, texts
from benchmarks.measure import Machine, describe_machine, duration, seconds, table
from benchmarks.subjects import Subjects

LENGTHS = (8, 16, 64, 128)
Pair = tuple[str, str]


def _patching(model: Model, pair: Pair) -> object:
    return patching(model, *pair, ANSWER, FOIL)


JOBS: dict[str, Callable[[Model, Pair], object]] = {
    "direct attribution": lambda model, pair: attribution(model, pair[0], ANSWER, FOIL),
    "paths to the logits": lambda model, pair: paths(model, *pair, ANSWER, FOIL),
    "paths to L9H0q": lambda model, pair: paths(model, *pair, ANSWER, FOIL, ["L9H0q"]),
    "patching z": _patching,
    "self-repair": lambda model, pair: self_repair(model, pair[0], ANSWER, FOIL),
}
LATE = "patching z, second half differs"


def measured(s: Subjects) -> str:
    rows = []
    for n_tokens in LENGTHS:
        early, late = (texts(s, first, n_tokens) for first in (1, n_tokens // 2))
        runs = 1 if n_tokens > 16 else 3
        asked = [*((job, early) for job in JOBS.values()), (_patching, late)]
        costs = [min(seconds(job, s.model, pair) for _ in range(runs)) for job, pair in asked]
        rows.append([str(n_tokens), *map(duration, costs)])
        print(" | ".join(rows[-1]), flush=True)
    return _told(table(["tokens", *JOBS, LATE], rows), s.machine)


def _told(costs: str, machine: Machine) -> str:
    return f"""GPT-2 Small's shape, float32; the prompts differ in one token: the second, and in the
last column the middle one.

{costs}

Each is exact, and none makes a pass for a number:

* **Patching** a component of all heads costs heads × layers/2 × the work of one block × the tokens
  from the first one in which the prompts differ: a patch is felt in the layers behind it alone, and
  what both runs share is not computed again. So two components cost twice as much, and a late
  difference little. By position it costs that for every position, each with the tokens behind it:
  it grows with the square of the prompt.
* **Direct attribution** is one pass, whatever is asked.
* **Paths**: with all other heads frozen, attention is known and positions go by themselves, so a
  sender crosses a layer for the price of its MLP, two thirds of a block. To the logits the last
  position is enough, whence a row that hardly grows with the prompt. A receiver costs, for every
  sender in a layer before it, the layers from its own on: q of a late head is cheap, the map of all
  is senders × receivers × three inputs.
* **Self-repair** is a sweep that looks on: the price of cutting each head once.
* **Pairs** cost heads²/2 × what follows the second head, a third of the layers in the mean.
* **Circuits**: a set of heads costs the layers from the first on in which it differs from one that
  is known. A test of the bundled model's four heads for `ioi` beside 20 random circuits takes 106
  sets of heads, worth 69 passes; once one head is out, 83 sets worth 19, and with one more, 120
  worth 43, because the random ones are nearly those of before. What was measured stays with the
  model, for up to about a hundred items of the bundled one; the runs themselves do not.

What it comes to on the page, from a key or a press until the numbers stand there, is
[below](#on-the-patch-page), and for circuits printed by
`npm run measure:circuit -- http://localhost:8000` in `frontend/`.

Of 16 tokens 60 to 95 % of the time are products of matrices, made once again by themselves as
the floors of [RESULTS.md](../benchmarks/RESULTS.md): there is no faster way but fewer products. The
same page has each beside the loop of hooked passes that defines it.

{describe_machine(machine)}"""
