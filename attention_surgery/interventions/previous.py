"""The pattern of the layer below."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from attention_surgery.interventions.base import Component, Intervention, Moment, head_name
from attention_surgery.interventions.registry import register

if TYPE_CHECKING:
    from torch import Tensor


@register
class Previous(Intervention):
    """The head uses the pattern that the same head one layer below computed in this pass.

    It is taken before any surgery on it. Layer 0 has none below and stays as it is.
    """

    letter: ClassVar[str] = "p"
    title: ClassVar[str] = "Previous layer's pattern"
    on_heads: ClassVar[Component | None] = "pattern"
    needs_below: ClassVar[bool] = True
    formula: ClassVar[str] = r"r = A^{(l-1,\,h)}"
    code: ClassVar[str] = '''\
def previous(old, hook, head):
    """The head uses the pattern of the same head one layer below; layer 0 has none below."""
    return before_surgery[hook.layer() - 1][0, head] if hook.layer() > 0 else old'''

    method: Literal["previous"] = "previous"

    @property
    def first_layer(self) -> int:
        return max(self.layer - 1, 0)

    def replacement(self, old: Tensor, at: Moment) -> Tensor:
        return old if self.layer == 0 else at.below

    @property
    def warnings(self) -> tuple[str, ...]:
        if self.layer > 0 or self.head is None:
            return ()
        return (
            f"{head_name(0, self.head)} is unchanged: layer 0 has no previous layer whose pattern "
            "it could take.",
        )
