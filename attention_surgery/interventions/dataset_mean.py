"""The field's mean ablation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import FailFast, Field

from attention_surgery.interventions.base import Component, Intervention, Moment
from attention_surgery.interventions.registry import register

if TYPE_CHECKING:
    from torch import Tensor


@register
class DatasetMean(Intervention):
    """The head, or the MLP, writes its mean over reference prompts.

    Position by position where they all have the prompt's length, else (and after the prompt) the
    mean over all their positions.

    Source: Wang et al. 2022, arXiv:2211.00593, section 2.2.
    """

    letter: ClassVar[str] = "d"
    title: ClassVar[str] = "Mean over prompts"
    on_heads: ClassVar[Component | None] = "z"
    on_mlps: ClassVar[bool] = True
    formula: ClassVar[str] = r"r_i = \frac{1}{|D|} \sum_{x \in D} z_i(x)"
    code: ClassVar[str] = '''\
def dataset_mean(old, hook, head, references):
    """The head, or the MLP, writes its mean over other prompts.

    At each position, where all have the prompt's length; else, and after it, over all positions.
    """
    others = [elsewhere(text, hook, head) for text in references]
    new = torch.cat(others).mean(0).repeat(len(old), 1)
    if all(len(other) == len(prompt) for other in others):
        new[: len(prompt)] = torch.stack(others).mean(0)
    return new'''

    method: Literal["dataset-mean"] = "dataset-mean"
    references: Annotated[
        tuple[str, ...],
        FailFast(),
        Field(
            strict=False,
            min_length=1,
            max_length=64,
            title="Reference prompts",
            description="The mean is over what this site does on these prompts.",
        ),
    ]

    @property
    def reference_prompts(self) -> tuple[str, ...]:
        return self.references

    def combine(self, activations: Sequence[Tensor], n_tokens: int) -> Tensor:
        """[n_tokens + 1, d]: the mean at each position, then the mean over all positions."""
        positions = sum(len(values) for values in activations)
        everywhere = activations[0].new_zeros(activations[0].shape[1:])
        for values in activations:
            everywhere = everywhere + values.sum(0) / positions
        means = everywhere.repeat(n_tokens + 1, 1)
        if all(len(values) == n_tokens for values in activations):
            means[:n_tokens] = 0.0
            for values in activations:
                means[:n_tokens] += values / len(activations)
        return means

    def replacement(self, old: Tensor, at: Moment) -> Tensor:
        return at.reference[at.positions.clamp(max=len(at.reference) - 1)].to(old)
