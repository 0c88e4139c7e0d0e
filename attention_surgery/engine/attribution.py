"""What each part of a model adds by itself to a logit difference.

The final LayerNorm, with the scale σ that the run has there, is linear: with u the difference of
two columns of the unembedding and g = w ⊙ u less its mean, logit(answer) − logit(foil) is
x · g / σ + b · u. The residual stream x is a sum, and so is x · g / σ.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor

from attention_surgery.engine.forward import by_head, embedding_parts
from attention_surgery.engine.hook_points import refuse_hooks_on
from attention_surgery.engine.model import Model
from attention_surgery.engine.ready import value_bias
from attention_surgery.engine.rows import Row, surgery_on
from attention_surgery.engine.run import run

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
    """The parts of a logit difference, in logits; they sum to it.

    Attributes:
        scale: σ, by which each part is divided.
    """

    heads: Float[Tensor, "layer head"]
    mlps: Float[Tensor, " layer"]
    attention_biases: Float[Tensor, " layer"]
    token: float
    position: float
    final_norm_bias: float
    total: float
    scale: float


def attributions(
    model: Model, rows: Sequence[Row], directions: Sequence[LogitDirection]
) -> Generator[object, None, list[Attribution]]:
    """Direct attributions at the last token of each row, along its own direction.

    Raises:
        InvalidSetting: a hook changes the residual stream beside what the parts write.
    """
    refuse_hooks_on(model, BEHIND_THE_SUM, "which changes more than what heads and MLPs write")
    toward = torch.stack([direction.toward for direction in directions])
    at = torch.arange(len(rows)), torch.tensor([len(row) - 1 for row in rows])
    heads: list[Tensor] = []
    mlps: list[Tensor] = []

    def along(written: Float[Tensor, "row pos d_model"]) -> Float[Tensor, " row"]:
        return (wide(written[at]) * toward).sum(-1)

    def see_heads(layer: int, z: Tensor) -> None:
        by_row = torch.einsum("hdm,rm->rhd", wide(by_head(model, layer)), toward)
        heads.append((wide(z[at]) * by_row).sum(-1))

    def see_mlp(_layer: int, out: Tensor) -> None:
        mlps.append(along(out))

    with torch.inference_mode():
        longest = max(map(len, rows))
        padded = [[*row.ids, *[0] * (longest - len(row))] for row in rows]
        token, position = embedding_parts(model, torch.tensor(padded))
    watch = {"attn.hook_z": see_heads, "hook_mlp_out": see_mlp}
    final = yield from run(model, token + position, surgery_on(model, rows), watch=watch)
    with torch.inference_mode():
        biases = wide(torch.stack([block.b_o for block in model.weights.blocks]))
        return [
            Attribution(
                heads=torch.stack([of_layer[row] for of_layer in heads]) / sigma,
                mlps=torch.stack([of_layer[row] for of_layer in mlps]) / sigma,
                attention_biases=direction.along(biases) / sigma,
                token=(along(token)[row] / sigma).item(),
                position=(along(position)[row] / sigma).item(),
                final_norm_bias=direction.constant,
                total=direction.difference(final[at][row]).item(),
                scale=sigma.item(),
            )
            for row, (direction, sigma) in enumerate(
                (each, each.scale(last)) for each, last in zip(directions, final[at], strict=True)
            )
        ]


@torch.inference_mode()
def without_value_biases(
    model: Model, found: Attribution, direction: LogitDirection
) -> Attribution:
    """The same sum, with what all values have in common counted as b_O's and no head's.

    That is how TransformerLens' default processing of weights (`fold_value_biases`) counts.
    """
    common = torch.stack(
        [
            (wide(value_biases(model, layer)) * direction.by_head(model, layer)).sum(-1)
            for layer in range(model.n_layers)
        ]
    )
    common = common / found.scale
    return replace(
        found,
        heads=found.heads - common,
        attention_biases=found.attention_biases + common.sum(-1),
    )


def value_biases(model: Model, layer: int) -> Float[Tensor, "head d_head"]:
    return torch.stack([value_bias(model, layer, head) for head in range(model.n_heads)])


def wide(values: Tensor) -> Tensor:
    """In double precision, where the device has it."""
    return values.float() if values.device.type == "mps" else values.double()
