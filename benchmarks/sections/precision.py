"""What bfloat16 gains and what it costs in accuracy."""

from __future__ import annotations

import torch

from attention_surgery.analyses import importance, logit_lens
from attention_surgery.engine.model import BUNDLED_NAME, Model, load_model
from benchmarks.measure import compare, table
from benchmarks.subjects import Subjects

TITLE = "bfloat16"
NOTE = '`precision="bfloat16"` against float32 on the same weights.'

LENGTHS = (12, 64)
PASSAGE = (
    "When Mary and John went to the store, John gave a drink to Mary. The Eiffel Tower is located "
    "in Paris, and the Colosseum is in Rome. It was late in the evening when the old man came to "
    "the door of the house, and nobody knew what he wanted there. "
)
HEADER = [
    "weights",
    "tokens",
    "speed of a KL sweep ÷ float32",
    "largest relative error of KL (heads above 5% of the largest)",
    "rank correlation of the heads",
    "top-1 agreement",
]


def measured(s: Subjects) -> str:
    """Rows for GPT-2's shape and for the bundled model, trained weights."""
    lines = []
    for source, full in ((s.directory, s.model), (BUNDLED_NAME, s.bundled)):
        half = load_model(source, device="cpu", precision="bfloat16")
        lines += [_line(full, half, n_tokens) for n_tokens in LENGTHS]
    return table(HEADER, lines)


def _line(full: Model, half: Model, n_tokens: int) -> list[str]:
    prompt = text_of(full, n_tokens)
    result = compare(
        lambda: importance(half, prompt, "kl"), lambda: importance(full, prompt, "kl"), runs=3
    )
    exact, rough = (
        torch.tensor(importance(m, prompt, "kl").scores).flatten() for m in (full, half)
    )
    # Heads that matter: the relative error of a divergence near 0 says nothing.
    large = exact > exact.max() / 20
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
    """Share of positions of the same text where both have the same likeliest token."""
    exact, rough = (
        torch.tensor(logit_lens(m, prompt, top_k=1).control.top_ids[-1]) for m in (full, half)
    )
    return (exact == rough).float().mean().item()


def text_of(model: Model, n_tokens: int) -> str:
    """So many tokens of running text, the beginning-of-text token included."""
    ids = model.tokenize(PASSAGE * 4, prepend_bos=False)
    return model.decode(ids[: n_tokens - 1])
