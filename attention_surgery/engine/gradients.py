"""How the loss reacts to each head's attention pattern: one backward pass, a block at a time.

The residual stream before each block is all that is kept of the forward pass. Going back, a block
is computed once more, this time recording, differentiated, and forgotten, so that one layer's
patterns are in memory and a job can pause between any two blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from attention_surgery.engine.forward import (
    LOGIT_COLUMNS,
    embed,
    final_norm,
    hooked_pattern,
    mlp,
    queries_keys_values,
    run_block,
    unembed,
    write_heads,
)
from attention_surgery.engine.kernels import linear
from attention_surgery.engine.model import Model

Pattern = Float[Tensor, "head query key"]

# Up to this length blocks are recorded on the way forward: at most 12 MB each for GPT-2 Small.
RECORDED_POSITIONS = 128
# Positions whose logits are held at once when the loss is differentiated: 51 MB for GPT-2.
LOSS_POSITIONS = 256


def gradient_norm(_pattern: Pattern, gradient: Pattern) -> Float[Tensor, " head"]:
    """Frobenius norm of ∂loss/∂A over the keys a query may attend to."""
    norms: Tensor = torch.linalg.vector_norm(gradient.tril(), dim=(1, 2))
    return norms


def attribution(pattern: Pattern, gradient: Pattern) -> Float[Tensor, " head"]:
    """−Σ A ⊙ ∂loss/∂A over the keys a query may attend to."""
    return -torch.tril(pattern * gradient).sum((1, 2))


def pattern_scores(
    model: Model, ids: list[int], score: Callable[[Pattern, Pattern], Float[Tensor, " head"]]
) -> Generator[tuple[int, list[float] | None], None, None]:
    """`score(A, ∂loss/∂A)` of each head of a layer, the last layer first.

    Yields (layer, None) after each block of the forward pass, then (layer, scores).
    """
    recorded = len(ids) <= RECORDED_POSITIONS
    resid = _embedded(model, ids)
    blocks: list[Tensor | _Recording] = []
    for layer in range(model.n_layers):
        if recorded:
            recording = _record(model, layer, resid)
            blocks.append(recording)
            resid = recording.after.detach()
        else:
            blocks.append(resid)
            resid = _block(model, layer, resid)
        yield layer, None
    slope = _slope(model, resid, ids)
    for layer in reversed(range(model.n_layers)):
        block = blocks.pop()
        recording = block if isinstance(block, _Recording) else _record(model, layer, block)
        gradient, slope = recording.differentiate(slope)
        scores: list[float] = score(recording.pattern.detach()[0], gradient[0]).tolist()
        yield layer, scores


@dataclass(frozen=True, slots=True)
class _Recording:
    """One block with the graph from its residual stream and its pattern to what it leaves."""

    before: Float[Tensor, "1 pos d_model"]
    pattern: Float[Tensor, "1 head query key"]
    after: Float[Tensor, "1 pos d_model"]

    def differentiate(self, slope: Tensor) -> tuple[Tensor, Tensor]:
        """∂loss/∂pattern, and ∂loss/∂before where it is wanted, given ∂loss/∂after."""
        wanted = [tensor for tensor in (self.pattern, self.before) if tensor.requires_grad]
        gradients = torch.autograd.grad(self.after, wanted, slope)
        return gradients[0], gradients[-1]


@torch.enable_grad()
def _record(model: Model, layer: int, resid: Tensor) -> _Recording:
    before = resid.detach().requires_grad_(layer > 0)
    q, k, v = queries_keys_values(model, layer, before)
    pattern = hooked_pattern(model, layer, q, k)
    if not pattern.requires_grad:  # in layer 0, and where a hook put a constant
        pattern = pattern.detach().requires_grad_()
    after = write_heads(model, layer, before, (pattern.to(v.dtype) @ v).transpose(1, 2))
    return _Recording(before, pattern, after + mlp(model, layer, after))


@torch.no_grad()
def _embedded(model: Model, ids: list[int]) -> Tensor:
    return embed(model, torch.tensor([ids], device=model.weights.embed.device))


@torch.no_grad()
def _block(model: Model, layer: int, resid: Tensor) -> Tensor:
    return run_block(model, layer, resid)


@torch.enable_grad()
def _slope(model: Model, resid: Tensor, ids: list[int]) -> Float[Tensor, "1 pos d_model"]:
    """∂loss/∂(residual stream after the last block)."""
    resid = resid.detach().requires_grad_()
    normalized = final_norm(model, resid)[0, :-1]
    at_output = loss_gradient(model, normalized.detach(), ids[1:])
    (slope,) = torch.autograd.grad(normalized, resid, at_output)
    return slope


@torch.no_grad()
def loss_gradient(
    model: Model, normalized: Float[Tensor, "pos d_model"], targets: list[int]
) -> Float[Tensor, "pos d_model"]:
    """∂(mean cross-entropy)/∂(final LayerNorm's output) = (softmax − one-hot) W_Uᵀ / n."""
    ids = torch.tensor(targets, device=normalized.device)[:, None]
    parts = []
    for part, part_ids in zip(
        normalized.split(LOSS_POSITIONS), ids.split(LOSS_POSITIONS), strict=True
    ):
        error = unembed(model, part).softmax(-1)
        error.scatter_add_(-1, part_ids, -torch.ones_like(part_ids, dtype=error.dtype))
        parts.append(_back_from_logits(model, error))
    return torch.cat(parts) / len(targets)


def _back_from_logits(model: Model, slope: Float[Tensor, "pos d_vocab"]) -> Tensor:
    columns = zip(
        slope.split(LOGIT_COLUMNS, dim=-1), model.weights.embed.split(LOGIT_COLUMNS), strict=True
    )
    products = [linear(part, weights.float().T) for part, weights in columns]
    return torch.stack(products).sum(0)
