"""How loudly each head speaks: the norm of what it writes to the residual stream."""

from __future__ import annotations

from collections.abc import Generator

import torch
from jaxtyping import Float
from torch import Tensor

from attention_surgery.engine.forward import by_head
from attention_surgery.engine.model import Model
from attention_surgery.engine.run import embedded, run


def head_output_norms(
    model: Model, ids: list[int]
) -> Generator[tuple[int, list[float] | None], None, None]:
    """Layer by layer: mean over positions of ‖o[l,h]‖₂, o = A V W_O[h] without `b_O`.

    Yields (layer, None) before a layer runs.
    """
    norms: list[list[float]] = []

    def measure(layer: int, z: Float[Tensor, "row pos head d_head"]) -> None:
        written = torch.einsum("phd,hdm->hpm", z[0].float(), by_head(model, layer).float())
        norms.append(written.norm(dim=-1).mean(-1).tolist())

    for layer in run(model, embedded(model, [ids]), watch={"attn.hook_z": measure}):
        if norms:
            yield layer - 1, norms[-1]
        yield layer, None
    yield model.n_layers - 1, norms[-1]
