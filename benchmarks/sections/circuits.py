"""A test of a circuit and a step of a search, against hooked passes over the same items."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from functools import partial
from typing import Any

import torch
from torch import Tensor

from attention_surgery.analyses import CircuitRequest, CircuitSearchRequest
from attention_surgery.analyses.circuit_search import CircuitSearchProgress
from attention_surgery.analyses.named_circuits import GPT2_SMALL
from attention_surgery.engine.model import Model
from attention_surgery.interventions import head_name
from attention_surgery.tasks import Item
from benchmarks.measure import compare, products_alone
from benchmarks.peers import Head
from benchmarks.rows import Row, comparison
from benchmarks.subjects import Subjects

TITLE = "Circuits"
NOTE = (
    "30 items of 16 tokens; heads outside the circuit are replaced by the mean over the corrupt "
    "prompts. The peer passes all items as one batch for each circuit, with a hook in every layer, "
    "and is timed on a few circuits, times as many as ours measures: each pass costs the same. In "
    "the search step it gets the order of the candidates for nothing. The floor is the matrix "
    "products of ours, made again by themselves."
)
N_ITEMS, N_TOKENS, RANDOM, TRIED = 30, 16, 5, 16
SAMPLE = 4


def measured(s: Subjects) -> str:
    return comparison(_rows(s))


def _rows(s: Subjects) -> Iterable[Row]:
    items = _items()
    circuit = [(head.layer, head.head) for head in GPT2_SMALL[0].heads]
    loop = Loop(s, items)
    test = CircuitRequest.ask(
        heads=tuple(head_name(*head) for head in circuit),
        items=items,
        random=RANDOM,
        measures=("minimality",),
    )
    ours = partial(_afresh, s.model, test)
    n_circuits = test.run(s.model).passes.naive
    few = [frozenset(circuit[:n]) for n in range(SAMPLE)]
    result = compare(ours, partial(loop.means, few), runs=1, peer_scale=n_circuits / SAMPLE)
    name = f"{len(circuit)} heads: faithful and minimal, {RANDOM} random circuits"
    yield Row(name, "hooked passes", "≥ 2", result, products_alone(ours))

    search = CircuitSearchRequest.ask(items=items, target=0.0, tried=TRIED)
    step = partial(_first_step, s.model, search)
    result = compare(step, partial(loop.means, few), runs=1, peer_scale=(2 + TRIED) / SAMPLE)
    name = f"a step of a search: all heads estimated, {TRIED} tried"
    yield Row(name, "hooked passes", "≥ 1", result, products_alone(step))


def _items() -> tuple[Item, ...]:
    """Prompts of one length that differ in where two words stand."""
    made = []
    for number in range(N_ITEMS):
        places = [number % 13, (number // 2 + 5) % 13]
        prompt, corrupt = (
            "".join(" of" if place == other else " the" for place in range(N_TOKENS - 1))
            for other in (places[0], places[1] if places[1] != places[0] else 13)
        )
        made.append(Item(prompt, " the", " of", corrupt))
    return tuple(made)


def _afresh(model: Model, request: CircuitRequest) -> object:
    """Without what the last request has left."""
    model.left.clear()
    return request.run(model)


def _first_step(model: Model, request: CircuitSearchRequest) -> None:
    model.left.clear()
    steps: Generator[object, None, Any] = request.steps(model)
    while not isinstance(next(steps), CircuitSearchProgress):
        pass
    steps.close()


class Loop:
    """The notebook way: every head outside the circuit replaced in a pass over all items."""

    def __init__(self, s: Subjects, items: Iterable[Item]) -> None:
        self._stock, self._n_layers = s.stock, s.model.n_layers
        self._ids = torch.tensor([s.model.tokenize(item.prompt) for item in items])
        texts = dict.fromkeys(item.corrupt or "" for item in items)
        corrupt = torch.tensor([s.model.tokenize(text) for text in texts])
        with torch.inference_mode():
            _, cache = s.stock.run_with_cache(corrupt, names_filter=lambda name: "hook_z" in name)
        self._means = {name: cache[name].mean(0) for name in cache}
        self._words = [s.model.tokenize(word, prepend_bos=False)[0] for word in (" the", " of")]

    @torch.inference_mode()
    def means(self, circuits: Iterable[frozenset[Head]]) -> list[float]:
        """F of each circuit."""
        return [self._mean(circuit) for circuit in circuits]

    def _mean(self, circuit: frozenset[Head]) -> float:
        def replace(z: Tensor, hook: Any) -> Tensor:
            kept = [head for layer, head in circuit if layer == hook.layer()]
            mixed = self._means[hook.name].expand_as(z).clone()
            mixed[:, :, kept] = z[:, :, kept]
            return mixed

        hooks: Any = [(f"blocks.{layer}.attn.hook_z", replace) for layer in range(self._n_layers)]
        logits = self._stock.run_with_hooks(self._ids, fwd_hooks=hooks)
        answer, foil = self._words
        return float((logits[:, -1, answer] - logits[:, -1, foil]).mean())
