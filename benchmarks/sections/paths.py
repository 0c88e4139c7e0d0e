"""Path patching and self-repair, against the loops of hooked passes that define them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from attention_surgery.analyses import paths, self_repair
from attention_surgery.engine.sites import Receiver
from benchmarks import peers
from benchmarks.measure import compare
from benchmarks.rows import Row, comparison
from benchmarks.subjects import Subjects

TITLE = "Paths and self-repair"
NOTE = (
    "16 tokens; the prompts differ from the tenth on. The loops are timed on every sixteenth path, "
    "times sixteen: each pass costs the same."
)
EVERY = 16
N_TOKENS, FIRST = 16, 9
LAYER = 9  # of the receivers
ANSWER, FOIL = " the", " of"


def measured(s: Subjects) -> str:
    return comparison(_rows(s))


def _rows(s: Subjects) -> Iterator[Row]:
    prompt = s.prompt(N_TOKENS)
    corrupt = " the" * (FIRST - 1) + " of" + " the" * (N_TOKENS - FIRST - 1)
    both = [s.model.tokenize(text) for text in (prompt, corrupt)]
    assert len(both[0]) == len(both[1]) == N_TOKENS
    assert both[0][FIRST] != both[1][FIRST]
    loop = Loop(s.stock, *(torch.tensor([ids]) for ids in both))
    below = [head for head in s.all_heads if head[0] < LAYER]

    def repaired() -> object:
        return self_repair(s.model, prompt, ANSWER, FOIL)

    def told(receivers: Sequence[str]) -> object:
        return paths(s.model, prompt, corrupt, ANSWER, FOIL, receivers)

    result = compare(repaired, partial(loop.repairs, s.all_heads[::EVERY]), peer_scale=EVERY)
    name = f"self-repair, {len(s.all_heads)} heads, every later head, MLP and LayerNorm"
    yield Row(name, "cached passes", "≥ 20", result, _sweep_floor(s))

    result = compare(
        lambda: told(["logits"]), partial(loop.paths, s.all_heads[::EVERY], []), peer_scale=EVERY
    )
    name = f"direct paths, {len(s.all_heads)} heads to the logits"
    yield Row(name, "hooked passes", "≥ 250", result, _frozen_floor(s, s.model.n_layers, 1))

    receiver = Receiver(LAYER, 0, "q")
    result = compare(
        lambda: told([str(receiver)]),
        partial(loop.paths, below[::EVERY], [receiver]),
        runs=3,
        peer_scale=EVERY,
    )
    name = f"paths, {len(below)} heads to {receiver}"
    yield Row(name, "hooked passes", "≥ 30", result, _paths_floor(s, 1))

    inputs = [Receiver(LAYER, head, part) for head in range(4) for part in ("q", "k", "v")]
    result = compare(
        lambda: told([str(each) for each in inputs]),
        partial(loop.paths, below[::EVERY], [receiver]),
        runs=1,
        peer_scale=EVERY * len(inputs),
    )
    name = f"paths, {len(below)} heads to q, k and v of four heads of layer {LAYER}"
    yield Row(name, "hooked passes", "≥ 60", result, _paths_floor(s, len(inputs)))


class Loop:
    """The notebook way: each path by its own passes."""

    def __init__(self, model: peers.HookedTransformer, clean: Tensor, corrupt: Tensor) -> None:
        self._model, self._tokens = model, clean
        with torch.inference_mode():
            _, self._clean = model.run_with_cache(clean)
            _, self._corrupt = model.run_with_cache(corrupt)

    @torch.inference_mode()
    def paths(self, senders: Sequence[peers.Head], receivers: Sequence[Receiver]) -> None:
        for sender in senders:
            self._path(sender, receivers)

    def _path(self, sender: peers.Head, receivers: Sequence[Receiver]) -> None:
        seen: dict[str, Tensor] = {}

        def freeze(z: Tensor, hook: Any) -> Tensor:
            z[:] = self._clean[hook.name]
            if hook.layer() == sender[0]:
                z[:, :, sender[1]] = self._corrupt[hook.name][:, :, sender[1]]
            return z

        def keep(value: Tensor, hook: Any) -> None:
            seen[hook.name] = value

        def put(value: Tensor, hook: Any, head: int) -> Tensor:
            value[:, :, head] = seen[hook.name][:, :, head]
            return value

        points = [f"blocks.{layer}.attn.hook_z" for layer in range(self._model.cfg.n_layers)]
        inputs = [(f"blocks.{r.layer}.attn.hook_{r.input}", r.head) for r in receivers]
        hooks = [*((point, freeze) for point in points), *((name, keep) for name, _ in inputs)]
        self._model.run_with_hooks(self._tokens, fwd_hooks=hooks)
        if inputs:
            patches = [(name, partial(put, head=head)) for name, head in inputs]
            self._model.run_with_hooks(self._tokens, fwd_hooks=patches)

    @torch.inference_mode()
    def repairs(self, heads: Sequence[peers.Head]) -> None:
        kept = ("hook_z", "hook_mlp_out", "ln_final.hook_scale")
        for layer, head in heads:
            cut = (f"blocks.{layer}.attn.hook_pattern", peers.zero_head(head))
            with self._model.hooks(fwd_hooks=[cut]):
                self._model.run_with_cache(
                    self._tokens, names_filter=lambda name: name.endswith(kept)
                )


def _sweep_floor(s: Subjects) -> float:
    """A row a head: the MLP of its layer and all later blocks, one position in the last one."""
    n_layers, mlp = s.model.n_layers, s.block_flops * 2 / 3
    later = s.block_flops * n_layers * (n_layers - 1) / 2 + mlp * n_layers
    saved = s.block_flops * 5 / 6 * (n_layers - 1) + mlp
    flops = s.model.n_heads * (N_TOKENS * later - (N_TOKENS - 1) * saved)
    return flops / s.machine.gemm_flops


def _frozen_floor(s: Subjects, layers: int, positions: int) -> float:
    """An MLP a layer for the senders so far."""
    rows = s.model.n_heads * layers * (layers + 1) / 2
    return rows * positions * s.block_flops * 2 / 3 / s.machine.gemm_flops


def _paths_floor(s: Subjects, n_receivers: int) -> float:
    """The frozen rows, and for each path the receiver's MLP and the blocks after it."""
    positions, later = N_TOKENS - FIRST, s.model.n_layers - LAYER - 2
    of_path = positions * s.block_flops * (2 / 3 + later + 1 / 6) + s.block_flops * 5 / 6
    flops = s.model.n_heads * LAYER * n_receivers * of_path
    return _frozen_floor(s, LAYER, positions) + flops / s.machine.gemm_flops
