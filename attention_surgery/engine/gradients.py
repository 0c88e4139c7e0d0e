"""How a metric reacts to what a run computes inside: one backward pass, a block at a time.

Of long prompts the residual stream before each block is all that is kept of the forward pass. Going
back, a block is computed once more, this time recording, differentiated, and forgotten, so that one
layer's patterns are in memory and a job can pause between any two blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from attention_surgery.engine.forward import run_block
from attention_surgery.engine.model import Model
from attention_surgery.engine.reading import TokenReading
from attention_surgery.engine.rows import Row, embedded_rows, surgery_on
from attention_surgery.engine.shape import RECORDED_POSITIONS
from attention_surgery.engine.steps import RowScores
from attention_surgery.engine.surgery import hooks, watching

Pattern = Float[Tensor, "row head query key"]
Score = Callable[[Pattern, Pattern], Float[Tensor, "row head"]]


def gradient_norm(_pattern: Pattern, gradient: Pattern) -> Float[Tensor, "row head"]:
    """Frobenius norm of ∂metric/∂A over the keys a query may attend to."""
    norms: Tensor = torch.linalg.vector_norm(gradient.tril(), dim=(-2, -1))
    return norms


def attribution(pattern: Pattern, gradient: Pattern) -> Float[Tensor, "row head"]:
    """−Σ A ⊙ ∂metric/∂A over the keys a query may attend to."""
    return -torch.tril(pattern * gradient).sum((-2, -1))


def pattern_scores(
    model: Model, rows: Sequence[Row], score: Score, readings: Sequence[TokenReading]
) -> Generator[object, None, None]:
    """`score(A, ∂metric/∂A)` of each head, as `RowScores` from the last layer on.

    A is the pattern as the run uses it, under its cuts. Nothing of a row depends on what is padded:
    the slope there is zero.
    """
    for step in slopes(model, rows, "attn.hook_pattern", readings):
        if isinstance(step, LayerSlope):
            scores: list[list[float]] = score(step.value, step.slope).tolist()
            yield RowScores(step.layer, scores)
        else:
            yield step


@dataclass(frozen=True, slots=True, eq=False)
class LayerSlope:
    """What a hook point of one layer shows, and ∂metric/∂ that of each row's own metric, in the
    shape of the point.
    """

    layer: int
    value: Tensor
    slope: Tensor


def slopes(
    model: Model, rows: Sequence[Row], point: str, readings: Sequence[TokenReading]
) -> Generator[object, None, None]:
    """`LayerSlope` of a hook point within each block, from the last layer on.

    Args:
        readings: the metric of each row.
    """
    recorder = _Recorder(model, rows, point)
    resid, below = embedded_rows(model, rows).clone(), None
    records = resid.shape[0] * resid.shape[1] <= RECORDED_POSITIONS
    blocks: list[_Recording | tuple[Tensor, Tensor | None]] = []
    for layer in range(model.n_layers):
        recording = recorder.record(layer, resid, below)
        blocks.append(recording if records else (resid, below))
        resid, below = recording.after.detach(), recording.raw_detached
        del recording
        yield layer
    slope, slope_of_raw = torch.zeros_like(resid), None
    for at, (row, reading) in enumerate(zip(rows, readings, strict=True)):
        if at:
            yield model.n_layers
        own = (slice(at, at + 1), slice(len(row)))
        slope[own] = reading.slope(model, resid[own])
    for layer in reversed(range(model.n_layers)):
        block = blocks.pop()
        recording = block if isinstance(block, _Recording) else recorder.record(layer, *block)
        gradient, slope, slope_of_raw = recording.differentiate(slope, slope_of_raw)
        value = recording.shown.detach()
        del block, recording
        yield LayerSlope(layer, value, gradient)


@dataclass(frozen=True, slots=True)
class _Recording:
    """One block with its graph.

    Attributes:
        before, after: the residual stream.
        below: the patterns one layer below before surgery, where a cut here takes one of them.
        shown: what the hook point shows, as the block uses it.
        raw: the patterns before surgery, where a cut one layer above takes one of them.
    """

    before: Float[Tensor, "row pos d_model"]
    below: Float[Tensor, "row head query key"] | None
    shown: Tensor
    raw: Float[Tensor, "row head query key"] | None
    after: Float[Tensor, "row pos d_model"]

    @property
    def raw_detached(self) -> Tensor | None:
        return None if self.raw is None else self.raw.detach()

    def differentiate(
        self, slope: Tensor, slope_of_raw: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        """∂metric/∂ shown, before and below, given ∂metric/∂ after and raw."""
        outputs, slopes = [self.after], [slope]
        if self.raw is not None and self.raw.requires_grad and slope_of_raw is not None:
            outputs.append(self.raw)
            slopes.append(slope_of_raw)
        inputs = [self.shown]
        inputs += [self.before] if self.before.requires_grad else []
        inputs += [self.below] if self.below is not None else []
        found = torch.autograd.grad(outputs, inputs, slopes, materialize_grads=True)
        by_below = None if self.below is None else found[-1]
        return found[0], found[min(1, len(found) - 1)], by_below


class _Recorder:
    """Records blocks under the cuts of each row."""

    def __init__(self, model: Model, rows: Sequence[Row], point: str) -> None:
        self._model, self._rows, self._point = model, rows, point
        device = model.weights.embed.device
        self._positions = torch.arange(max(map(len, rows)), device=device)[None]
        cuts = (ready.intervention for row in rows for ready in row.cuts)
        self._copying = {cut.layer for cut in cuts if cut.needs_below}

    @torch.enable_grad()
    def record(self, layer: int, resid: Tensor, below: Tensor | None) -> _Recording:
        model, seen = self._model, {}
        surgery = surgery_on(model, self._rows)
        before = resid.detach().requires_grad_(layer > 0)
        if below is not None:
            below = surgery.pattern = below.detach().requires_grad_()

        def watch(_layer: int, value: Tensor) -> Tensor:
            # An alias, apart from what a cut one layer above may take.
            used = value.view_as(value)
            seen["shown"] = used if used.requires_grad else used.detach().requires_grad_()
            return seen["shown"]

        with (
            surgery.at(layer, self._positions),
            hooks(model, layer, watching({self._point: watch}, layer)),
        ):
            after = run_block(model, layer, before)
        raw = surgery.pattern if layer + 1 in self._copying else None
        return _Recording(before, below, seen["shown"], raw, after)
