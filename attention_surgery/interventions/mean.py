"""The uniform pattern."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from attention_surgery.interventions.base import Component, Intervention, Moment
from attention_surgery.interventions.registry import register

if TYPE_CHECKING:
    from torch import Tensor


@register
class Mean(Intervention):
    """The head attends uniformly to every token its query may see.

    The name is the project's own: it is the mean over the visible keys, not the field's mean
    ablation, which is `dataset-mean`.
    """

    letter: ClassVar[str] = "m"
    title: ClassVar[str] = "Mean pattern"
    on_heads: ClassVar[Component | None] = "pattern"
    needs_visible: ClassVar[bool] = True
    formula: ClassVar[str] = r"r_{ij} = \frac{1}{i + 1} \quad (j \leq i)"
    code: ClassVar[str] = '''\
def mean(old, hook, head):
    """The head attends uniformly to every token its query may see."""
    visible = torch.ones_like(old).tril()
    return visible / visible.sum(-1, keepdim=True)'''

    method: Literal["mean"] = "mean"

    def replacement(self, old: Tensor, at: Moment) -> Tensor:
        # A query that sees nothing (padding) attends to nothing.
        return at.visible / at.visible.sum(-1, keepdim=True).clamp(min=1)
