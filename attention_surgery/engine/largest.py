"""The few largest of many numbers."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor

GROUP = 128


def largest(
    values: Float[Tensor, "*rows n"], k: int
) -> tuple[Float[Tensor, "*rows k"], Int[Tensor, "*rows k"]]:
    """`values.topk(k)`, some ten times as fast for the few likeliest tokens of a vocabulary.

    Among the k largest are members of no more than k groups, and those have the largest maxima:
    only their members, and what fills no group, are sorted.
    """
    groups = values.shape[-1] // GROUP
    if groups < 4 * k:
        return torch.topk(values, k)
    whole = values[..., : groups * GROUP].unflatten(-1, (groups, GROUP))
    chosen = whole.amax(-1).topk(k, sorted=False).indices[..., None]
    members = whole.gather(-2, chosen.expand(*chosen.shape[:-1], GROUP)).flatten(-2)
    where = torch.arange(values.shape[-1], device=values.device)
    places = (chosen * GROUP + where[:GROUP]).flatten(-2)
    rest = where[groups * GROUP :].expand(*places.shape[:-1], -1)
    found, at = torch.cat([members, values[..., groups * GROUP :]], -1).topk(k)
    return found, torch.cat([places, rest], -1).gather(-1, at)
