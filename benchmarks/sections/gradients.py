"""Gradient-based scores of every head."""

from __future__ import annotations

from collections.abc import Iterator

from attention_surgery.analyses import importance
from benchmarks import peers
from benchmarks.measure import compare
from benchmarks.rows import Row, comparison
from benchmarks.subjects import Subjects

TITLE = "Gradients"


def measured(s: Subjects) -> str:
    return comparison(_rows(s))


def _rows(s: Subjects) -> Iterator[Row]:
    prompt, tokens = s.prompt(64), s.tokens(64)
    # Forward, and once more backward: gradients of activations, none of weights.
    flops = 2 * 64 * (s.block_flops * s.model.n_layers + s.unembed_flops)
    for method in ("gradient", "attribution"):
        result = compare(
            lambda method=method: importance(s.model, prompt, method),
            lambda: peers.pattern_gradients(s.stock, tokens),
        )
        name = f"{method} of all heads, 64 tokens"
        yield Row(name, "autograd, stock model", "≥ 3", result, flops / s.machine.gemm_flops)
