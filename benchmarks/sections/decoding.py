"""Where the milliseconds of a decoding step go."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import torch
from torch import Tensor

from attention_surgery.analyses import infer
from attention_surgery.engine import forward, generation
from attention_surgery.engine.cache import KeyValueCache
from attention_surgery.engine.drawing import Draw
from attention_surgery.engine.model import Model, load_model
from attention_surgery.engine.surgery import Surgery
from benchmarks.measure import Work, products_alone, seconds, table
from benchmarks.subjects import CUTS, Subjects

TITLE = "A decoding step"

NOTE = (
    "Milliseconds of one step of `infer`, the mean of some after a prompt of 12 tokens; each part "
    "less the parts within it. One row where nothing is cut; with four heads cut two until the "
    "texts part, then three, and one less in the layers before the first cut. Below: all products "
    "of the step, made again by themselves, and the step as a multiple of those with one row of "
    "plain weights (goal: 1.3). *Packed*: with `packed=True`. One thread's processor time, so that "
    "other work on the machine counts little."
)

STEPS, RUNS = 20, 2
WHAT = {
    "nothing cut": (),
    "one text": ("L2H1*0.001", "L5H5*0.001", "L9H6*0.001", "L10H0*0.001"),
    "two texts": CUTS,
}
# The functions whose own time a part is; of products, of which weights.
PARTS: dict[str, tuple[tuple[Any, str], ...]] = {
    "LayerNorms": ((forward, "layer_norm"),),
    "keys and values kept": ((KeyValueCache, "append"),),
    "attention": ((forward, "attend"),),
    "surgery": ((Surgery, "_replace"),),
    "log-probabilities, KL": ((generation, "_compared"),),
    "tokens and metrics told": ((Draw, "alone"),),
}
PRODUCTS = ("W_QKV", "W_O", "W_in, GELU", "W_out", "unembedding")
REST, WHOLE, ALONE = "what puts them together", "step", "products alone"


class Stopwatch:
    """Own seconds of functions that call each other.

    Attributes:
        seconds: part → so many.
    """

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self._within = [0.0]

    def timed(self, part: Callable[..., str], work: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, timed; its part may depend on what it is given."""

        def measured(*given: Any, **named: Any) -> Any:
            self._within.append(0.0)
            started = time.thread_time()
            try:
                return work(*given, **named)
            finally:
                took = time.thread_time() - started
                self.seconds[part(*given, **named)] += took - self._within.pop()
                self._within[-1] += took

        return measured

    @contextmanager
    def watching(self, model: Model) -> Iterator[None]:
        """Within this context the parts of a step are timed."""
        d, d_mlp, d_vocab = model.d_model, model.config.d_mlp, model.d_vocab
        shapes = ((3 * d, d), (d, d), (d_mlp, d), (d, d_mlp), (d_vocab, d))
        names = dict(zip(shapes, PRODUCTS, strict=True))

        def product(_x: Tensor, weight: Tensor, *_: Any, **__: Any) -> str:
            return names[tuple(weight.shape)]

        with ExitStack() as stack:
            for part, functions in PARTS.items():
                for owner, name in functions:
                    watched = self.timed(lambda *_, part=part, **__: part, getattr(owner, name))
                    stack.enter_context(patch.object(owner, name, watched))
            watched = self.timed(product, forward.linear)
            stack.enter_context(patch.object(forward, "linear", watched))
            yield


def measured(s: Subjects) -> str:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        packed = load_model(s.directory, device="cpu", packed=True)
        columns = [
            _step(model, cuts, s.prompt(12))
            for model in (s.model, packed)
            for cuts in WHAT.values()
        ]
    finally:
        torch.set_num_threads(threads)
    parts = (*PRODUCTS, *PARTS, REST, WHOLE, ALONE)
    lines = [[part, *(f"{step[part] * 1e3:.2f}" for step in columns)] for part in parts]
    ratios = (f"{step[WHOLE] / columns[0][ALONE]:.2f}" for step in columns)
    lines.append(["step ÷ one row's products", *ratios])
    return table(["ms of a step", *WHAT, *(f"packed: {what}" for what in WHAT)], lines)


def _step(model: Model, cuts: Any, prompt: str) -> Counter[str]:
    """Seconds of one step by part: of a text less those of one without steps."""

    def none() -> None:
        infer(model, prompt, cuts, max_new_tokens=1)

    def all_() -> None:
        infer(model, prompt, cuts, max_new_tokens=1 + STEPS)

    all_()
    watches = Stopwatch(), Stopwatch()
    for watch, work in zip(watches, (none, all_), strict=True):
        with watch.watching(model):
            work()
    before, after = (watch.seconds for watch in watches)
    step = Counter({part: (after[part] - before[part]) / STEPS for part in after})
    step[WHOLE] = (_least(all_) - _least(none)) / STEPS
    step[REST] = step[WHOLE] - sum(step[part] for part in (*PRODUCTS, *PARTS))
    of_all, of_none = (products_alone(work, time.thread_time) for work in (all_, none))
    step[ALONE] = (of_all - of_none) / STEPS
    return step


def _least(work: Work) -> float:
    return min(seconds(work, clock=time.thread_time) for _ in range(RUNS))
