"""How a metric reacts to each head's attention pattern: one backward pass, a block at a time.

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
from attention_surgery.engine.run import embedded
from attention_surgery.engine.steps import LayerScores
from attention_surgery.engine.surgery import Ready, Surgery, hooks, watching

Pattern = Float[Tensor, "head query key"]
Score = Callable[[Pattern, Pattern], Float[Tensor, " head"]]

# Up to this length blocks are recorded on the way forward: at most 12 MB each for GPT-2 Small.
RECORDED_POSITIONS = 128


def gradient_norm(_pattern: Pattern, gradient: Pattern) -> Float[Tensor, " head"]:
    """Frobenius norm of ∂metric/∂A over the keys a query may attend to."""
    norms: Tensor = torch.linalg.vector_norm(gradient.tril(), dim=(1, 2))
    return norms


def attribution(pattern: Pattern, gradient: Pattern) -> Float[Tensor, " head"]:
    """−Σ A ⊙ ∂metric/∂A over the keys a query may attend to."""
    return -torch.tril(pattern * gradient).sum((1, 2))


def pattern_scores(
    model: Model,
    ids: Sequence[int],
    score: Score,
    reading: TokenReading,
    base_cuts: Sequence[Ready] = (),
) -> Generator[object, None, None]:
    """`score(A, ∂metric/∂A)` of each head, as `LayerScores` from the last layer on.

    A is the pattern as the run uses it, under the cuts of the base.
    """
    recorder = _Recorder(model, base_cuts, len(ids))
    resid, below = embedded(model, [ids]).clone(), None
    blocks: list[_Recording | tuple[Tensor, Tensor | None]] = []
    for layer in range(model.n_layers):
        recording = recorder.record(layer, resid, below)
        blocks.append(recording if len(ids) <= RECORDED_POSITIONS else (resid, below))
        resid, below = recording.after.detach(), recording.raw_detached
        del recording
        yield layer
    reading.start(model, resid)
    slope, slope_of_raw = reading.slope(model, resid), None
    for layer in reversed(range(model.n_layers)):
        block = blocks.pop()
        recording = block if isinstance(block, _Recording) else recorder.record(layer, *block)
        gradient, slope, slope_of_raw = recording.differentiate(slope, slope_of_raw)
        scores: list[float] = score(recording.pattern.detach()[0], gradient[0]).tolist()
        del block, recording
        yield LayerScores(layer, scores)


@dataclass(frozen=True, slots=True)
class _Recording:
    """One block with its graph.

    Attributes:
        before, after: the residual stream.
        below: the patterns one layer below before surgery, where a cut here takes one of them.
        pattern: as the block uses it.
        raw: the patterns before surgery, where a cut one layer above takes one of them.
    """

    before: Float[Tensor, "1 pos d_model"]
    below: Float[Tensor, "1 head query key"] | None
    pattern: Float[Tensor, "1 head query key"]
    raw: Float[Tensor, "1 head query key"] | None
    after: Float[Tensor, "1 pos d_model"]

    @property
    def raw_detached(self) -> Tensor | None:
        return None if self.raw is None else self.raw.detach()

    def differentiate(
        self, slope: Tensor, slope_of_raw: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        """∂metric/∂ pattern, before and below, given ∂metric/∂ after and raw."""
        outputs, slopes = [self.after], [slope]
        if self.raw is not None and self.raw.requires_grad and slope_of_raw is not None:
            outputs.append(self.raw)
            slopes.append(slope_of_raw)
        inputs = [self.pattern]
        inputs += [self.before] if self.before.requires_grad else []
        inputs += [self.below] if self.below is not None else []
        found = torch.autograd.grad(outputs, inputs, slopes, materialize_grads=True)
        by_below = None if self.below is None else found[-1]
        return found[0], found[min(1, len(found) - 1)], by_below


class _Recorder:
    """Records blocks under the cuts of the base."""

    def __init__(self, model: Model, cuts: Sequence[Ready], n_tokens: int) -> None:
        self._model, self._cuts = model, cuts
        device = model.weights.embed.device
        self._positions = torch.arange(n_tokens, device=device)[None]
        self._copying = {c.intervention.layer for c in cuts if c.intervention.needs_below}

    @torch.enable_grad()
    def record(self, layer: int, resid: Tensor, below: Tensor | None) -> _Recording:
        model, seen = self._model, {}
        surgery = Surgery(model, [(slice(None), self._cuts)])
        before = resid.detach().requires_grad_(layer > 0)
        if below is not None:
            below = surgery.pattern = below.detach().requires_grad_()

        def watch(_layer: int, pattern: Tensor) -> Tensor:
            # An alias, apart from what a cut one layer above may take.
            used = pattern.view_as(pattern)
            seen["pattern"] = used if used.requires_grad else used.detach().requires_grad_()
            return seen["pattern"]

        with (
            surgery.at(layer, self._positions),
            hooks(model, layer, watching({"attn.hook_pattern": watch}, layer)),
        ):
            after = run_block(model, layer, before)
        raw = surgery.pattern if layer + 1 in self._copying else None
        return _Recording(before, below, seen["pattern"], raw, after)
