"""How loudly each head speaks: the norm of what it writes to the residual stream."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import torch
from torch import Tensor

from attention_surgery.engine.forward import by_head
from attention_surgery.engine.model import Model
from attention_surgery.engine.run import embedded, run
from attention_surgery.engine.steps import LayerScores
from attention_surgery.engine.surgery import Ready, Surgery


def head_output_norms(
    model: Model, ids: Sequence[int], base_cuts: Sequence[Ready] = ()
) -> Generator[object, None, None]:
    """Mean over positions of ‖o[l,h]‖₂, o = z W_O[h] without `b_O`, layer by layer."""
    norms: list[list[float]] = []

    def measure(layer: int, z: Tensor) -> None:
        written = torch.einsum("phd,hdm->hpm", z[0].float(), by_head(model, layer).float())
        norms.append(written.norm(dim=-1).mean(-1).tolist())

    surgery = Surgery(model, [(slice(None), base_cuts)])
    for layer in run(model, embedded(model, [ids]), surgery, watch={"attn.hook_z": measure}):
        if norms:
            yield LayerScores(layer - 1, norms[-1])
    yield LayerScores(model.n_layers - 1, norms[-1])
