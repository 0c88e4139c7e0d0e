"""How loudly each head speaks: the norm of what it writes to the residual stream."""

from __future__ import annotations

from collections.abc import Generator

import torch
from torch import Tensor

from attention_surgery.engine.forward import by_head, embed, mix_heads, mlp, write_heads
from attention_surgery.engine.model import Model


def head_output_norms(
    model: Model, ids: list[int]
) -> Generator[tuple[int, list[float]], None, None]:
    """Layer by layer: mean over positions of ‖o[l,h]‖₂, o = A V W_O[h] without `b_O`."""
    resid = _embedded(model, ids)
    for layer in range(model.n_layers):
        norms, resid = _norms_of_layer(model, layer, resid)
        yield layer, norms.tolist()


@torch.inference_mode()
def _norms_of_layer(model: Model, layer: int, resid: Tensor) -> tuple[Tensor, Tensor]:
    z = mix_heads(model, layer, resid)
    w_o = by_head(model, layer).float()
    written = torch.einsum("phd,hdm->hpm", z[0].float(), w_o)
    resid = write_heads(model, layer, resid, z)
    return written.norm(dim=-1).mean(-1), resid + mlp(model, layer, resid)


@torch.inference_mode()
def _embedded(model: Model, ids: list[int]) -> Tensor:
    return embed(model, torch.tensor([ids], device=model.weights.embed.device))
