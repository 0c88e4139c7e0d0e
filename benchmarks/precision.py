"""What bfloat16 gains and what it costs in accuracy."""

from __future__ import annotations

from pathlib import Path

import torch

from attention_surgery.engine.generation import infer
from attention_surgery.engine.importance import importance
from attention_surgery.engine.model import BUNDLED_NAME, Model, load_model
from benchmarks.measure import compare, table
from benchmarks.rows import prompt_of

LENGTHS = (12, 64, 256)
HEADER = [
    "weights",
    "tokens",
    "speed of a KL sweep ÷ float32",
    "largest relative error of KL",
    "rank correlation of the heads",
    "top-1 agreement",
]


def precision_table(directory: Path) -> str:
    """Rows for GPT-2's shape and for the bundled model, trained weights."""
    lines = []
    for source, lengths in ((directory, LENGTHS), (BUNDLED_NAME, LENGTHS[:2])):
        full = load_model(source, device="cpu")
        half = load_model(source, device="cpu", precision="bfloat16")
        lines += [_line(full, half, n_tokens) for n_tokens in lengths]
    return table(HEADER, lines)


def _line(full: Model, half: Model, n_tokens: int) -> list[str]:
    prompt = prompt_of(full, n_tokens)
    result = compare(
        lambda: importance(half, prompt, "kl"), lambda: importance(full, prompt, "kl"), runs=3
    )
    exact, rough = (
        torch.tensor(importance(m, prompt, "kl").scores).flatten() for m in (full, half)
    )
    # Heads that matter at all: relative error of a divergence near 0 says nothing.
    large = exact > exact.max() / 100
    error = ((rough - exact).abs() / exact)[large].max().item()
    agreement = _top1_agreement(full, half, prompt)
    return [
        full.name,
        str(n_tokens),
        f"{result.ratio:.1f}",
        f"{error:.1%}",
        f"{_rank_correlation(exact, rough):.3f}",
        f"{agreement:.0%}",
    ]


def _rank_correlation(a: torch.Tensor, b: torch.Tensor) -> float:
    ranks = torch.stack([x.argsort().argsort().double() for x in (a, b)])
    return float(torch.corrcoef(ranks)[0, 1])


def _top1_agreement(full: Model, half: Model, prompt: str) -> float:
    """Share of greedy tokens, teacher-forced by neither, that come out the same."""
    texts = [infer(m, prompt, max_new_tokens=20).control.tokens for m in (full, half)]
    return sum(a.id == b.id for a, b in zip(*texts, strict=True)) / 20
