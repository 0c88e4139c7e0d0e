"""How loudly each head speaks: the norm of what it writes to the residual stream."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import torch
from torch import Tensor

from attention_surgery.engine.forward import by_head
from attention_surgery.engine.model import Model
from attention_surgery.engine.rows import Row, run_rows
from attention_surgery.engine.steps import RowScores


def head_output_norms(model: Model, rows: Sequence[Row]) -> Generator[object, None, None]:
    """Mean over a row's positions of ‖o[l,h]‖₂, o = z W_O[h] without `b_O`, layer by layer."""
    norms: list[list[list[float]]] = []

    def measure(layer: int, z: Tensor) -> None:
        written = torch.einsum("rphd,hdm->rhpm", z.float(), by_head(model, layer).float())
        found = zip(written.norm(dim=-1), rows, strict=True)
        norms.append([of_row[:, : len(row)].mean(-1).tolist() for of_row, row in found])

    steps = run_rows(model, rows, {"attn.hook_z": measure})
    next(steps)
    for layer in range(model.n_layers):
        next(steps, None)
        yield RowScores(layer, norms[-1])
