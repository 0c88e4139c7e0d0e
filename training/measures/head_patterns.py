"""Where heads look on repeated random tokens: previous-token, induction, duplicate-token heads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from attention_surgery.analyses import HeadScore
from attention_surgery.engine.model import Model
from attention_surgery.interventions import Intervention, Zero
from training.measures.forward import Cut, read
from training.measures.repeats import second_copy


@dataclass(frozen=True, slots=True)
class HeadPatterns:
    """Mean attention of every head, 0 to 1, by what it looks at.

    Args:
        previous: the token before, from every position whose token before is not the first.
        induction: the token after the previous occurrence, from the second copy.
        duplicate: the previous occurrence of the same token, from the second copy.

    Source: Olsson et al. 2022, arXiv:2209.11895
    """

    previous: Float[Tensor, "layer head"]
    induction: Float[Tensor, "layer head"]
    duplicate: Float[Tensor, "layer head"]


def head_patterns(model: Model, rows: Int[Tensor, "row pos"], cut: Cut = ()) -> HeadPatterns:
    """Where every head looks on rows of two copies after a beginning-of-text token."""
    start = second_copy(rows)
    period = start - 1

    def looks(pattern: Tensor) -> Tensor:
        return torch.stack(
            [
                _looks_back(pattern, 1, since=2),
                _looks_back(pattern, period - 1, since=start),
                _looks_back(pattern, period, since=start),
            ]
        )

    scores: list[Tensor] = []

    def watch(_layer: int, pattern: Tensor) -> None:
        scores.append(looks(pattern))

    read(model, rows, cut, {"attn.hook_pattern": watch})
    return HeadPatterns(*torch.stack(scores, dim=1))


def _looks_back(
    pattern: Float[Tensor, "row head query key"], distance: int, since: int
) -> Float[Tensor, " head"]:
    """Mean attention to the key `distance` back, over rows and queries from `since` on."""
    diagonal = pattern.diagonal(-distance, dim1=-2, dim2=-1)
    return diagonal[..., since - distance :].mean((0, -1)).cpu()


def ranked(scores: Float[Tensor, "layer head"]) -> list[HeadScore]:
    """All heads, the largest score first."""
    heads = [
        HeadScore(layer, head, value)
        for layer, row in enumerate(scores.tolist())
        for head, value in enumerate(row)
    ]
    return sorted(heads, key=lambda head: -head.score)


def cut_of(heads: Sequence[HeadScore]) -> list[Intervention]:
    """Zero ablation of these heads."""
    return [Zero(layer=head.layer, head=head.head) for head in heads]
