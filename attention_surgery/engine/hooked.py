"""The seam to TransformerLens: nothing else in this package imports it.

Importing it takes seconds and hundreds of megabytes (transformers, datasets, pandas), which our own
forward pass has no use for: `Model` comes here when `hooked` is first asked for.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import torch
from tokenizers import Tokenizer
from transformer_lens import HookedTransformer, HookedTransformerConfig
from transformers import PreTrainedTokenizerFast

from attention_surgery.engine.config import Config
from attention_surgery.engine.weights import Weights

__all__ = ["HookedTransformer", "hooked_transformer"]


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


def hooked_transformer(config: Config, weights: Weights, tokenizer: Tokenizer) -> HookedTransformer:
    """A HookedTransformer whose parameters are views of these weights."""
    device = weights.embed.device
    cfg = HookedTransformerConfig(
        model_name="gpt2",
        original_architecture="GPT2LMHeadModel",
        n_layers=config.n_layers,
        n_heads=config.n_heads,
        d_model=config.d_model,
        d_head=config.d_head,
        d_mlp=config.d_mlp,
        d_vocab=config.d_vocab,
        n_ctx=config.n_ctx,
        eps=config.eps,
        act_fn="gelu_pytorch_tanh",
        normalization_type="LN",
        use_attn_scale=config.scale_by_head_size,
        scale_attn_by_inverse_layer_idx=config.scale_by_layer,
        init_weights=False,
        tie_word_embeddings=True,
        dtype=weights.embed.dtype,
        device=str(device),
    )
    with warnings.catch_warnings(), torch.inference_mode(False), torch.no_grad():
        warnings.filterwarnings("ignore", "HookedTransformer is deprecated", DeprecationWarning)
        model = TiedHookedTransformer(
            cfg, tokenizer=_wrapped(tokenizer, config), move_to_device=False
        )
        model.load_state_dict(weights.state_dict(config.n_heads), strict=False, assign=True)
        torch.nn.Module.to(model, device)  # TransformerLens' own `to` prints
    return model.eval().requires_grad_(False)


def _wrapped(tokenizer: Tokenizer, config: Config) -> PreTrainedTokenizerFast:
    end_of_text = tokenizer.id_to_token(config.eos_id)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=tokenizer.id_to_token(config.bos_id),
        eos_token=end_of_text,
        pad_token=end_of_text,
        add_bos_token=True,
        name_or_path="",  # TransformerLens looks for one
    )
