"""Random tokens told twice: what a model can only know by looking back."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Int
from torch import Tensor

from attention_surgery.engine.forward import unembed
from attention_surgery.engine.model import Model
from training.measures.forward import Cut, read

PERIOD = 40
ROWS = 100


@dataclass(frozen=True, slots=True)
class Copying:
    """How the second copy is predicted: share of right likeliest tokens, mean probability."""

    accuracy: float
    probability: float


def repeated_rows(
    model: Model, period: int = PERIOD, n_rows: int = ROWS, seed: int = 0
) -> Int[Tensor, "row pos"]:
    """Rows of the beginning-of-text token and two copies of `period` random tokens.

    Tokens are uniform over all ids but the beginning-of-text token's.
    """
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(model.d_vocab - 1, (n_rows, period), generator=generator)
    ids += ids >= model.bos_id
    return torch.cat([torch.full((n_rows, 1), model.bos_id), ids, ids], dim=1)


@torch.inference_mode()
def copying(model: Model, rows: Int[Tensor, "row pos"], cut: Cut = ()) -> Copying:
    """How well the second copy's tokens are predicted, but its first, which nothing announces."""
    start = second_copy(rows)
    targets = rows[:, start + 1 :]
    normalized = read(model, rows, cut)[:, start:-1]
    hits, probabilities = [], []
    for states, wanted in zip(normalized, targets, strict=True):
        logits = unembed(model, states).cpu()
        hits.append(logits.argmax(-1) == wanted)
        probabilities.append(logits.softmax(-1).gather(-1, wanted[:, None]))
    return Copying(
        accuracy=torch.stack(hits).float().mean().item(),
        probability=torch.stack(probabilities).mean().item(),
    )


def second_copy(rows: Int[Tensor, "row pos"]) -> int:
    """Where the second copy begins."""
    return (rows.shape[1] + 1) // 2
