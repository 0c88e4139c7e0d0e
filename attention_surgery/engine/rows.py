"""Prompts of different lengths that go through a model together, each under its own cuts.

Shorter ones are padded on the right. Attention looks back only, so that nothing before the padding
depends on it; whoever reads a row leaves its padding out.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from attention_surgery.engine.model import Model
from attention_surgery.engine.ready import Ready
from attention_surgery.engine.run import embedded, run
from attention_surgery.engine.surgery import Surgery, Watchers


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A prompt and what is cut in it."""

    ids: Sequence[int]
    cuts: Sequence[Ready] = ()

    def __len__(self) -> int:
        return len(self.ids)


def embedded_rows(model: Model, rows: Sequence[Row]) -> Float[Tensor, "row pos d_model"]:
    """The residual stream before layer 0."""
    return embedded(model, [row.ids for row in rows])


def surgery_on(model: Model, rows: Sequence[Row]) -> Surgery:
    """Each row's cuts."""
    return Surgery(model, [(slice(at, at + 1), row.cuts) for at, row in enumerate(rows)])


def run_rows(
    model: Model, rows: Sequence[Row], watch: Watchers
) -> Generator[object, None, Float[Tensor, "row pos d_model"]]:
    """The residual stream after the last block; see `engine.run`."""
    resid = embedded_rows(model, rows)
    return (yield from run(model, resid, surgery_on(model, rows), watch=watch))
