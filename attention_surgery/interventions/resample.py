"""Resample ablation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from attention_surgery.errors import InvalidSetting
from attention_surgery.interventions.base import Component, Intervention, Moment
from attention_surgery.interventions.registry import register

if TYPE_CHECKING:
    from torch import Tensor


@register
class Resample(Intervention):
    """The head, or the MLP, writes what it writes in another prompt of the same length.

    Tokens generated after the prompt have no counterpart and stay as they are.

    Source: Chan et al. 2022, "Causal scrubbing".
    """

    letter: ClassVar[str] = "r"
    title: ClassVar[str] = "From another prompt"
    on_heads: ClassVar[Component | None] = "z"
    on_mlps: ClassVar[bool] = True
    formula: ClassVar[str] = r"r_i = z_i(x')"
    code: ClassVar[str] = '''\
def resample(old, hook, head, source):
    """The head, or the MLP, writes what it writes in another prompt of the same length."""
    other = elsewhere(source, hook, head)
    return torch.cat([other, old[len(other) :]])'''

    method: Literal["resample"] = "resample"
    source: Annotated[
        str,
        Field(
            title="Other prompt",
            description="A prompt of as many tokens, whose activation at this site is used.",
        ),
    ]

    @property
    def reference_prompts(self) -> tuple[str, ...]:
        return (self.source,)

    def check(self, n_tokens: int, reference_tokens: Sequence[int]) -> None:
        if reference_tokens[0] != n_tokens:
            raise InvalidSetting(
                f"{self.site} cannot be resampled: the other prompt has {reference_tokens[0]} "
                f"tokens and this one {n_tokens}; give one of the same length."
            )

    def combine(self, activations: Sequence[Tensor], n_tokens: int) -> Tensor:
        return activations[0]

    def replacement(self, old: Tensor, at: Moment) -> Tensor:
        other = at.reference[at.positions.clamp(max=len(at.reference) - 1)].to(old)
        return other.where((at.positions < len(at.reference))[..., None], old)
