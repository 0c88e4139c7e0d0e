"""What of a block can be replaced by what another run has there."""

from __future__ import annotations

from typing import Literal, get_args

HeadComponent = Literal["z", "q", "k", "v", "pattern"]
LayerComponent = Literal["attn_out", "mlp_out", "resid_pre"]
Component = Literal["z", "q", "k", "v", "pattern", "attn_out", "mlp_out", "resid_pre"]

# The hook point within a block that shows each.
POINTS: dict[Component, str] = {
    "z": "attn.hook_z",
    "q": "attn.hook_q",
    "k": "attn.hook_k",
    "v": "attn.hook_v",
    "pattern": "attn.hook_pattern",
    "attn_out": "hook_attn_out",
    "mlp_out": "hook_mlp_out",
    "resid_pre": "hook_resid_pre",
}


def is_of_heads(component: Component) -> bool:
    """Whether each head has one of its own."""
    return component in get_args(HeadComponent)
