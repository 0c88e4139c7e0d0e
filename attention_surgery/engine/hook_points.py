"""The hook points of a TransformerLens model, laid out for a pass that looks at each once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

from torch import Tensor
from torch.nn import Module

from attention_surgery.engine.model import Model
from attention_surgery.errors import InvalidSetting

HookPoint = Module

# Points whose values our pass never makes: what acts there must be said, not ignored.
NOT_MADE = ("hook_attn_in", "hook_q_input", "hook_k_input", "hook_v_input", "hook_mlp_in")


@dataclass(frozen=True)
class BlockPoints:
    """The hook points of one block that a pass of ours honours, in the order of the pass."""

    resid_pre: HookPoint
    ln1_scale: HookPoint
    ln1_normalized: HookPoint
    q: HookPoint
    k: HookPoint
    v: HookPoint
    attn_scores: HookPoint
    pattern: HookPoint
    z: HookPoint
    result: HookPoint
    attn_out: HookPoint
    resid_mid: HookPoint
    ln2_scale: HookPoint
    ln2_normalized: HookPoint
    pre: HookPoint
    post: HookPoint
    mlp_out: HookPoint
    resid_post: HookPoint

    @property
    def hooked(self) -> bool:
        """Whether anything acts anywhere in this block."""
        return any(map(has_hooks, self.all))

    @cached_property
    def all(self) -> tuple[HookPoint, ...]:
        return tuple(getattr(self, each.name) for each in fields(self))


@dataclass(frozen=True, slots=True)
class Points:
    """All hook points of a model: by name, by block, outside the blocks, and those refused."""

    named: Mapping[str, HookPoint]
    blocks: tuple[BlockPoints, ...]
    embed: HookPoint
    pos_embed: HookPoint
    ln_final_scale: HookPoint
    ln_final_normalized: HookPoint
    refused: tuple[tuple[str, HookPoint], ...]


_OF: WeakKeyDictionary[Module, Points] = WeakKeyDictionary()


def points_of(model: Model) -> Points:
    """The model's hook points; looked up once a graph."""
    graph = model.graph
    found = _OF.get(graph)
    if found is None:
        found = _OF[graph] = _find(graph)
    return found


def refuse_unseen_hooks(model: Model) -> None:
    """Refuse to run where something is hooked that our pass would not honour.

    Raises:
        InvalidSetting
    """
    for name, point in points_of(model).refused:
        if has_hooks(point):
            raise InvalidSetting(
                f"There is a hook on {name}, a point that this forward pass does not compute: use "
                "one of hook_resid_pre, hook_q, hook_k, hook_v, hook_attn_scores, hook_pattern, "
                "hook_z, hook_result, hook_attn_out, hook_resid_mid, hook_mlp_out, "
                "hook_resid_post, or run the model itself."
            )


def refuse_hooks_on(model: Model, ends: tuple[str, ...], why: str) -> None:
    """Refuse an analysis that hooks at points whose names end like this would falsify.

    Raises:
        InvalidSetting
    """
    for name, point in points_of(model).named.items():
        if name.endswith(ends) and has_hooks(point):
            raise InvalidSetting(f"There is a hook on {name}, {why}: remove it first.")


def has_hooks(point: HookPoint) -> bool:
    """Whether anything acts at this point, forward or backward."""
    return bool(point._forward_hooks or point._forward_pre_hooks or point._backward_hooks)


def through(point: HookPoint, value: Tensor) -> Tensor:
    """The value as the point's hooks leave it; free where there are none."""
    if not has_hooks(point):
        return value
    left: Tensor = point(value)
    return left


def _find(graph: Any) -> Points:
    unmade = [
        (name, point)
        for name, point in sorted(graph.hook_dict.items())
        if name.startswith("unembed.") or name.rsplit(".", 1)[-1] in NOT_MADE
    ]
    return Points(
        named=graph.hook_dict,
        blocks=tuple(_block(block) for block in graph.blocks),
        embed=graph.hook_embed,
        pos_embed=graph.hook_pos_embed,
        ln_final_scale=graph.ln_final.hook_scale,
        ln_final_normalized=graph.ln_final.hook_normalized,
        refused=tuple(unmade),
    )


def _block(block: Any) -> BlockPoints:
    attn, mlp = block.attn, block.mlp
    return BlockPoints(
        resid_pre=block.hook_resid_pre,
        ln1_scale=block.ln1.hook_scale,
        ln1_normalized=block.ln1.hook_normalized,
        q=attn.hook_q,
        k=attn.hook_k,
        v=attn.hook_v,
        attn_scores=attn.hook_attn_scores,
        pattern=attn.hook_pattern,
        z=attn.hook_z,
        result=attn.hook_result,
        attn_out=block.hook_attn_out,
        resid_mid=block.hook_resid_mid,
        ln2_scale=block.ln2.hook_scale,
        ln2_normalized=block.ln2.hook_normalized,
        pre=mlp.hook_pre,
        post=mlp.hook_post,
        mlp_out=block.hook_mlp_out,
        resid_post=block.hook_resid_post,
    )
