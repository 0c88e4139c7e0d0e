"""Every head ablated, one at a time."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from attention_surgery.analyses import importance
from benchmarks import peers
from benchmarks.measure import compare
from benchmarks.rows import Row, comparison
from benchmarks.subjects import Subjects

TITLE = "Exact sweeps"
NOTE = "The peers' loops over heads are timed on every eighth head, times eight."
# Each pass costs the same.
EVERY = 8


def measured(s: Subjects) -> str:
    return comparison(_rows(s))


def _rows(s: Subjects) -> Iterator[Row]:
    loop = "TransformerLens hook loop"
    for n_tokens, last, target in (
        (12, False, 25),
        (64, False, 6),
        (256, False, 3),
        (64, True, 10),
    ):
        prompt, tokens = s.prompt(n_tokens), s.tokens(n_tokens)
        where = "last" if last else "all"

        def ours(prompt: str = prompt, where: str = where) -> object:
            return importance(s.model, prompt, "kl", positions=where)  # type: ignore[arg-type]

        def peer(tokens: torch.Tensor = tokens, last: bool = last) -> object:
            return peers.hook_loop(s.stock, tokens, s.all_heads[::EVERY], last)

        name = f"exact KL of {len(s.all_heads)} ablations, {n_tokens} tokens, {where} positions"
        result = compare(ours, peer, runs=3 if n_tokens <= 64 else 1, peer_scale=EVERY)
        yield Row(name, loop, f"≥ {target}", result, _floor(s, n_tokens, last))
    if (nnsight := peers.nnsight_loop(s.directory)) is not None:
        prompt, tokens = s.prompt(12), s.tokens(12)
        result = compare(
            lambda: importance(s.model, prompt, "kl"),
            lambda: nnsight(tokens, s.all_heads[::EVERY]),
            runs=3,
            peer_scale=EVERY,
        )
        name = f"exact KL of {len(s.all_heads)} ablations, 12 tokens, all positions"
        yield Row(name, "nnsight loop", "", result, _floor(s, 12, False))


def _floor(s: Subjects, n_tokens: int, last: bool) -> float:
    """Every row runs the MLP of its own layer and all of the later blocks, and is unembedded."""
    n_layers, n_heads = s.model.n_layers, s.model.n_heads
    mlp = s.block_flops * 2 // 3
    later = s.block_flops * n_layers * (n_layers - 1) // 2 + mlp * n_layers
    if last:  # the last block computes keys and values everywhere, the rest at one position
        saved = s.block_flops * 5 // 6 * (n_layers - 1) + mlp
        flops = n_heads * (n_tokens * later - (n_tokens - 1) * saved + n_layers * s.unembed_flops)
    else:
        flops = n_heads * n_tokens * (later + n_layers * s.unembed_flops)
    return flops / s.machine.gemm_flops
