"""Attention patterns of both runs."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from attention_surgery.engine.model import Model
from attention_surgery.engine.ready import Ready
from attention_surgery.engine.run import embedded, run
from attention_surgery.engine.surgery import Surgery


def patterns(
    model: Model,
    ids: Sequence[int],
    cuts: Sequence[Ready],
    layers: range,
    heads: Sequence[int],
) -> Generator[object, None, Float[Tensor, "run layer head query key"]]:
    """The patterns of some heads as they are used: control and, if anything is cut, ablated."""
    surgery = Surgery(model, [(slice(1, None), cuts)])
    n_runs = 1 if surgery.first_layer is None else 2
    wanted = list(heads)
    found: list[Tensor] = []

    def keep(_layer: int, pattern: Tensor) -> None:
        found.append(pattern[:, wanted].cpu())

    resid = embedded(model, [ids]).expand(n_runs, -1, -1)
    resid = yield from run(model, resid, surgery, layers=range(layers.start))
    yield from run(model, resid, surgery, layers=layers, watch={"attn.hook_pattern": keep})
    return torch.stack(found, dim=1)
