"""Zero ablation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from attention_surgery.interventions.base import Component, Intervention, Moment
from attention_surgery.interventions.registry import register

if TYPE_CHECKING:
    from torch import Tensor


@register
class Zero(Intervention):
    """The head, or the MLP, writes nothing.

    A head whose pattern is zero writes no value bias either, as in Hugging Face's model.
    TransformerLens' default processing folds that bias (LayerNorm's b_ln1 W_V, then b_V) into
    b_O, so its zero ablation leaves it in place: `value_bias="keep"` puts it in place of z, which
    is the same.
    """

    letter: ClassVar[str] = "z"
    title: ClassVar[str] = "Zero"
    on_heads: ClassVar[Component | None] = "pattern"
    on_mlps: ClassVar[bool] = True
    formula: ClassVar[str] = r"r = 0"
    code: ClassVar[str] = '''\
def zero(old, hook, head):
    """The head, or the MLP, writes nothing."""
    return torch.zeros_like(old)'''
    code_keeping_bias: ClassVar[str] = '''\
def zero_keeping_bias(old, hook, head):
    """The head writes what all values have in common: b_V, and LayerNorm's bias through W_V."""
    block = model.blocks[hook.layer()]
    common = block.attn.b_V[head] + block.ln1.b @ block.attn.W_V[head]
    return common.expand_as(old)'''

    method: Literal["zero"] = "zero"
    value_bias: Annotated[
        Literal["remove", "keep"],
        Field(
            title="Value bias",
            description="keep leaves the bias of the values in place, as TransformerLens' default "
            "processing does.",
        ),
    ] = "remove"

    @property
    def component(self) -> Component:
        if self.head is not None and self.value_bias == "keep":
            return "z"
        return super().component

    def script(self) -> str:
        return self.code_keeping_bias if self.component == "z" else self.code

    def replacement(self, old: Tensor, at: Moment) -> Tensor:
        if self.component == "z":
            return at.value_bias.to(old).expand_as(old)
        return old.new_zeros(()).expand_as(old)
