"""The peers, used as their documentation shows."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from transformer_lens import ActivationCache, HookedTransformer, HookedTransformerConfig
from transformer_lens.pretrained.weight_conversions.gpt2 import convert_gpt2_weights
from transformer_lens.utilities import get_act_name
from transformers import GPT2LMHeadModel, PreTrainedTokenizerFast

Head = tuple[int, int]


def huggingface(directory: Path) -> GPT2LMHeadModel:
    return GPT2LMHeadModel.from_pretrained(directory, dtype=torch.float32).eval()


def transformer_lens(directory: Path, *, process: bool = False) -> HookedTransformer:
    """What `HookedTransformer.from_pretrained(_no_processing)` does once the hub has answered."""
    original = huggingface(directory)
    hf = original.config
    cfg = HookedTransformerConfig(
        original_architecture="GPT2LMHeadModel",
        n_layers=hf.n_layer,
        n_heads=hf.n_head,
        d_model=hf.n_embd,
        d_head=hf.n_embd // hf.n_head,
        d_mlp=4 * hf.n_embd,
        d_vocab=hf.vocab_size,
        n_ctx=hf.n_positions,
        eps=hf.layer_norm_epsilon,
        act_fn="gelu_new",
        normalization_type="LNPre" if process else "LN",
        device="cpu",
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        model = HookedTransformer(cfg, tokenizer=_tokenizer(directory), move_to_device=False)
    model.load_and_process_state_dict(
        convert_gpt2_weights(original, cfg),
        fold_ln=process,
        center_writing_weights=process,
        center_unembed=process,
        fold_value_biases=process,
    )
    return model.eval()


def _tokenizer(directory: Path) -> PreTrainedTokenizerFast:
    end = "<|endoftext|>"
    return PreTrainedTokenizerFast(
        tokenizer_file=str(directory / "tokenizer.json"),
        bos_token=end,
        eos_token=end,
        pad_token=end,
        add_bos_token=True,
        name_or_path=str(directory),
    )


def zero_head(head: int) -> Callable[..., Tensor]:
    def hook(pattern: Tensor, hook: object) -> Tensor:  # noqa: ARG001
        pattern[:, head] = 0.0
        return pattern

    return hook


@torch.inference_mode()
def hook_loop(model: HookedTransformer, tokens: Tensor, heads: list[Head], last: bool) -> Tensor:
    """KL of each head by one hooked pass, the notebook way."""
    clean = model(tokens).log_softmax(-1)
    scores = []
    for layer, head in heads:
        hooks = [(get_act_name("pattern", layer), zero_head(head))]
        ablated = model.run_with_hooks(tokens, fwd_hooks=hooks).log_softmax(-1)
        kl = F.kl_div(ablated, clean, log_target=True, reduction="none").sum(-1)[0]
        scores.append(kl[-1] if last else kl.mean())
    return torch.stack(scores)


def pattern_gradients(model: HookedTransformer, tokens: Tensor) -> list[Tensor]:
    """∂loss/∂pattern of every layer through backward hooks."""
    gradients: list[Tensor] = []

    def keep(gradient: Tensor, hook: object) -> None:  # noqa: ARG001
        gradients.append(gradient)

    with model.hooks(bwd_hooks=[(lambda name: name.endswith("hook_pattern"), keep)]):
        model(tokens, return_type="loss").backward()
    model.zero_grad()
    return gradients


@torch.inference_mode()
def two_generations(model: HookedTransformer, tokens: Tensor, cuts: list[Head], new: int) -> None:
    """Control, then the same with hooks."""
    settings: dict[str, Any] = {
        "max_new_tokens": new,
        "do_sample": False,
        "stop_at_eos": False,
        "verbose": False,
    }
    model.generate(tokens, **settings)
    hooks = [(get_act_name("pattern", layer), zero_head(head)) for layer, head in cuts]
    with model.hooks(fwd_hooks=hooks):
        model.generate(tokens, **settings)


@torch.inference_mode()
def two_huggingface_generations(model: GPT2LMHeadModel, tokens: Tensor, new: int) -> None:
    for _ in range(2):
        model.generate(
            tokens,
            attention_mask=torch.ones_like(tokens),
            max_new_tokens=new,
            min_new_tokens=new,
            do_sample=False,
            pad_token_id=0,
        )


@torch.inference_mode()
def two_passes(model: HookedTransformer, tokens: Tensor, cuts: list[Head]) -> None:
    """Next-token distributions without and with hooks."""
    model(tokens)[0, -1].softmax(-1).topk(5)
    hooks = [(get_act_name("pattern", layer), zero_head(head)) for layer, head in cuts]
    model.run_with_hooks(tokens, fwd_hooks=hooks)[0, -1].softmax(-1).topk(5)


@torch.inference_mode()
def lens_recipe(model: HookedTransformer, tokens: Tensor, cuts: list[Head], top_k: int) -> None:
    """The notebook's logit lens for both runs: accumulated_resid, apply_ln, unembed, top-k."""
    hooks = [(get_act_name("pattern", layer), zero_head(head)) for layer, head in cuts]
    for run in ([], hooks):
        with model.hooks(fwd_hooks=run):
            _, cache = model.run_with_cache(tokens)
        assert isinstance(cache, ActivationCache)
        stack = cache.accumulated_resid(layer=-1, incl_mid=False, apply_ln=True)
        for resid in stack:
            model.unembed(resid).softmax(-1).topk(top_k)


def nnsight_loop(directory: Path) -> Callable[[Tensor, list[Head]], Tensor] | None:
    """The same sweep with nnsight, or None where it is not installed."""
    try:
        from nnsight import NNsight
    except ImportError:
        return None
    model = huggingface(directory)
    d_head = json.loads((directory / "config.json").read_text())["n_embd"] // model.config.n_head
    wrapped = NNsight(model)

    @torch.inference_mode()
    def sweep(tokens: Tensor, heads: list[Head]) -> Tensor:
        clean = model(tokens).logits.log_softmax(-1)
        scores = []
        for layer, head in heads:
            with wrapped.trace(tokens):
                # A zeroed pattern is a zeroed slice of what the output projection reads.
                z = wrapped.transformer.h[layer].attn.c_proj.input
                z[..., head * d_head : (head + 1) * d_head] = 0.0
                logits = wrapped.lm_head.output.save()
            ablated = logits.log_softmax(-1)
            scores.append(
                F.kl_div(ablated, clean, log_target=True, reduction="none").sum(-1).mean()
            )
        return torch.stack(scores)

    return sweep
