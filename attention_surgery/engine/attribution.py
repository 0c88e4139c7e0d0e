"""What each part of a model adds by itself to a logit difference.

The final LayerNorm, with the scale σ that the run has there, is linear: with u the difference of
two columns of the unembedding and g = w ⊙ u less its mean, logit(answer) − logit(foil) is
x · g / σ + b · u. The residual stream x is a sum, and so is x · g / σ.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from attention_surgery.engine.forward import by_head, embedding_parts
from attention_surgery.engine.hook_points import refuse_hooks_on
from attention_surgery.engine.model import Model
from attention_surgery.engine.run import run
from attention_surgery.engine.surgery import Ready, Surgery

# Points behind which the residual stream is no longer the sum of what was seen.
BEHIND_THE_SUM = (
    "ln_final.hook_scale",
    "ln_final.hook_normalized",
    "hook_result",
    "hook_attn_out",
    "hook_resid_pre",
    "hook_resid_mid",
    "hook_resid_post",
)


@dataclass(frozen=True, slots=True)
class LogitDirection:
    """Where the residual stream must move for the answer to gain on the foil.

    Attributes:
        toward: g, in the widest precision of the device.
        constant: b · u, the final LayerNorm's bias; GPT-2's unembedding has none.
    """

    toward: Float[Tensor, " d_model"]
    constant: float
    eps: float

    @classmethod
    @torch.inference_mode()
    def of(cls, model: Model, answer: int, foil: int) -> LogitDirection:
        weights = model.weights
        u = wide(weights.unembed[answer]) - wide(weights.unembed[foil])
        toward = wide(weights.ln_final_w) * u
        constant = (wide(weights.ln_final_b) * u).sum().item()
        return cls(toward - toward.mean(), constant, model.config.eps)

    def scale(self, resid: Float[Tensor, "*rows d_model"]) -> Float[Tensor, "*rows"]:
        """σ: the final LayerNorm's scale."""
        return (wide(resid).var(-1, unbiased=False) + self.eps).sqrt()

    def along(self, written: Float[Tensor, "*rows d_model"]) -> Float[Tensor, "*rows"]:
        """What is written times g; over σ it is in logits."""
        return wide(written) @ self.toward

    def by_head(self, model: Model, layer: int) -> Float[Tensor, "head d_head"]:
        """W_O g: what a head's z times this writes along g."""
        return wide(by_head(model, layer)) @ self.toward

    def difference(self, resid: Float[Tensor, "*rows d_model"]) -> Float[Tensor, "*rows"]:
        """logit(answer) − logit(foil) of final residual streams."""
        return self.along(resid) / self.scale(resid) + self.constant


@dataclass(frozen=True, slots=True)
class Attribution:
    """The parts of a logit difference, in logits; they sum to it."""

    heads: Float[Tensor, "layer head"]
    mlps: Float[Tensor, " layer"]
    attention_biases: Float[Tensor, " layer"]
    token: float
    position: float
    final_norm_bias: float
    total: float


def attribution(
    model: Model, ids: Sequence[int], cuts: Sequence[Ready], direction: LogitDirection
) -> Generator[object, None, Attribution]:
    """Direct attributions at the last of the tokens.

    Raises:
        InvalidSetting: a hook changes the residual stream beside what the parts write.
    """
    refuse_hooks_on(model, BEHIND_THE_SUM, "which changes more than what heads and MLPs write")
    heads: list[Tensor] = []
    mlps: list[Tensor] = []

    def see_heads(layer: int, z: Tensor) -> None:
        heads.append((wide(z[0, -1]) * direction.by_head(model, layer)).sum(-1))

    def see_mlp(_layer: int, out: Tensor) -> None:
        mlps.append(direction.along(out[0, -1]))

    with torch.inference_mode():
        token, position = embedding_parts(model, torch.tensor([list(ids)]))
    final = yield from run(
        model,
        token + position,
        Surgery(model, [(slice(None), cuts)]),
        watch={"attn.hook_z": see_heads, "hook_mlp_out": see_mlp},
    )
    with torch.inference_mode():
        biases = torch.stack([block.b_o for block in model.weights.blocks])
        sigma = direction.scale(final[0, -1])
        return Attribution(
            heads=torch.stack(heads) / sigma,
            mlps=torch.stack(mlps) / sigma,
            attention_biases=direction.along(biases) / sigma,
            token=(direction.along(token[0, -1]) / sigma).item(),
            position=(direction.along(position[0, -1]) / sigma).item(),
            final_norm_bias=direction.constant,
            total=direction.difference(final[0, -1]).item(),
        )


def wide(values: Tensor) -> Tensor:
    """In double precision, where the device has it."""
    return values.float() if values.device.type == "mps" else values.double()
