"""Control and ablated text, side by side."""

from __future__ import annotations

from collections.abc import Iterator

from attention_surgery.analyses import infer
from benchmarks import peers
from benchmarks.measure import Work, compare
from benchmarks.rows import Row, comparison
from benchmarks.subjects import CUTS, Subjects

TITLE = "Generation"


def measured(s: Subjects) -> str:
    return comparison(_rows(s))


def _rows(s: Subjects) -> Iterator[Row]:
    new, prompt, tokens = 50, s.prompt(12), s.tokens(12)
    others: tuple[tuple[str, str, Work], ...] = (
        (
            "2 × TransformerLens generate",
            "≥ 10",
            lambda: peers.two_generations(s.stock, tokens, CUTS, new),
        ),
        (
            "2 × Hugging Face generate (no ablation)",
            "≥ 1.7",
            lambda: peers.two_huggingface_generations(s.original, tokens, new),
        ),
    )
    for name, target, peer in others:
        result = compare(lambda: infer(s.model, prompt, CUTS, max_new_tokens=new), peer, runs=3)
        floor = new * s.weight_bytes / s.machine.bandwidth
        yield Row(f"control + ablated, {new} new tokens", name, target, result, floor)
