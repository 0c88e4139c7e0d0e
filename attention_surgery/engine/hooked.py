"""The seam to TransformerLens: nothing else in this package imports it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import torch
from transformer_lens import HookedTransformer, HookedTransformerConfig
from transformer_lens.hook_points import HookPoint
from transformers import PreTrainedTokenizerFast

from attention_surgery.engine.weights import Weights

__all__ = ["HookPoint", "HookedTransformer", "hooked_transformer"]


class TiedHookedTransformer(HookedTransformer):  # type: ignore[misc]
    """A HookedTransformer whose W_U is W_E transposed, in one storage.

    The two part when other values are loaded into them, as `process_weights_` does: what is
    folded into W_U must not reach W_E.
    """

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> Any:
        if "unembed.W_U" in state_dict and not assign:
            self.unembed.W_U.data = self.unembed.W_U.data.clone()
        return super().load_state_dict(state_dict, strict=strict, assign=assign)


def hooked_transformer(
    config: dict[str, Any],
    weights: Weights,
    tokenizer: PreTrainedTokenizerFast,
    dtype: torch.dtype,
    device: torch.device,
) -> HookedTransformer:
    """A HookedTransformer whose parameters are views of these weights."""
    d_model, n_heads = config["n_embd"], config["n_head"]
    cfg = HookedTransformerConfig(
        model_name="gpt2",
        original_architecture="GPT2LMHeadModel",
        n_layers=config["n_layer"],
        n_heads=n_heads,
        d_model=d_model,
        d_head=d_model // n_heads,
        d_mlp=weights.blocks[0].w_in.shape[0],
        d_vocab=config["vocab_size"],
        n_ctx=config["n_positions"],
        eps=config["layer_norm_epsilon"],
        act_fn="gelu_pytorch_tanh",
        normalization_type="LN",
        use_attn_scale=config["scale_attn_weights"],
        scale_attn_by_inverse_layer_idx=config["scale_attn_by_inverse_layer_idx"],
        init_weights=False,
        tie_word_embeddings=True,
        dtype=dtype,
        device=str(device),
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "HookedTransformer is deprecated", DeprecationWarning)
        model = TiedHookedTransformer(cfg, tokenizer=tokenizer, move_to_device=False)
    model.load_state_dict(weights.state_dict(n_heads), strict=False, assign=True)
    torch.nn.Module.to(model, device)  # TransformerLens' own `to` prints
    return model.eval().requires_grad_(False)
