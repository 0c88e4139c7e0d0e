"""A HookedTransformer of the user's own, made ready for surgery where it stands."""

from __future__ import annotations

import hashlib
import math
from typing import Any

import torch
from tokenizers import Tokenizer

from attention_surgery.engine.config import TANH_GELU, Config
from attention_surgery.engine.hooked import HookedTransformer
from attention_surgery.engine.live_weights import LiveWeights
from attention_surgery.engine.model import Model
from attention_surgery.engine.weights import Weights, block_weights
from attention_surgery.errors import ModelLoadError

# What a GPT-2 has of TransformerLens' settings; None stands for absent as well.
SETTINGS: dict[str, tuple[Any, ...]] = {
    "act_fn": TANH_GELU,
    "normalization_type": ("LN", "LNPre"),
    "positional_embedding_type": ("standard",),
    "attention_dir": ("causal",),
    "attn_only": (False,),
    "parallel_attn_mlp": (False,),
    "gated_mlp": (False, None),
    "use_local_attn": (False, None),
    "n_key_value_heads": (None,),
    "num_experts": (None,),
    "use_qk_norm": (False, None),
    "use_normalization_before_and_after": (False, None),
    "post_embedding_ln": (False, None),
    "attn_scores_soft_cap": (-1.0, None),
    "output_logits_soft_cap": (-1.0, None),
}
PRECISIONS = {torch.float32: "float32", torch.bfloat16: "bfloat16"}
# Of a column of W_U, where it was centred; in logits.
LARGEST_SUM = 1e-3


def wrap(hooked: Any, name: str | None = None) -> Model:
    """A model over a HookedTransformer that is there already; it goes on sharing its parameters.

    Raw weights (`from_pretrained_no_processing`) and processed ones (`from_pretrained`) both serve,
    and every number equals what hooks on that very model give. `source` says which they are:
    `wrapped-raw` or `wrapped-processed`. Processing folds LayerNorm's weights into what reads
    them, centres what is written and the unembedding, and folds the value bias into b_O: next-token
    probabilities stay, but norms, attention of b_V and zero ablation (which then leaves the value
    bias in place, as `value_bias="keep"` does on raw weights) are of the processed model.

    The parameters keep their values and are laid out anew in memory, where a forward pass of ours
    reads them without copies; what is done to them in place is seen. W_U of a processed model is
    read once, and may not be changed.

    Args:
        name: what results call it; TransformerLens' own name when None.

    Raises:
        ModelLoadError: it is no HookedTransformer, of another architecture, or has no tokenizer.
    """
    if not isinstance(hooked, HookedTransformer):
        raise ModelLoadError(
            f"wrap takes a HookedTransformer of TransformerLens, not a {type(hooked).__name__}: "
            "load other models with load_model."
        )
    name = name or str(hooked.cfg.model_name)
    config = _config(hooked, name)
    precision = PRECISIONS[hooked.W_E.dtype]
    with torch.inference_mode(False), torch.no_grad():
        weights = _weights(hooked)
        folded = hooked.cfg.normalization_type == "LNPre"
        processed = folded or not torch.equal(weights.embed, weights.unembed)
        _share(hooked, weights)
    model = Model(
        name=name,
        config=config,
        loaded=weights,
        tokenizer=_tokenizer(hooked, name),
        precision=precision,  # type: ignore[arg-type]
        source="wrapped-processed" if processed else "wrapped-raw",
        revision=_revision(weights),
    )
    vars(model)["_live"] = LiveWeights(hooked, weights)
    return model


def _config(hooked: HookedTransformer, name: str) -> Config:
    cfg = hooked.cfg
    for setting, allowed in SETTINGS.items():
        value = getattr(cfg, setting, None)
        if value not in allowed:
            raise ModelLoadError(
                f"{name} has {setting} {value!r}: only the GPT-2 architecture can be operated on, "
                f"whose {setting} is {' or '.join(map(repr, allowed))}."
            )
    if cfg.d_head * cfg.n_heads != cfg.d_model or cfg.d_vocab_out != cfg.d_vocab:
        raise ModelLoadError(
            f"{name} has {cfg.n_heads} heads of {cfg.d_head} numbers and d_model {cfg.d_model}, "
            f"d_vocab {cfg.d_vocab} and d_vocab_out {cfg.d_vocab_out}: in a GPT-2 heads share "
            "d_model, and all tokens can follow."
        )
    if cfg.use_attn_scale and not math.isclose(cfg.attn_scale, math.sqrt(cfg.d_head)):
        raise ModelLoadError(f"{name} has attn_scale {cfg.attn_scale}: a GPT-2's is √d_head.")
    if hooked.W_E.dtype not in PRECISIONS:
        raise ModelLoadError(
            f"{name} is in {hooked.W_E.dtype}: use {' or '.join(PRECISIONS.values())}."
        )
    tokenizer = hooked.tokenizer
    if getattr(tokenizer, "backend_tokenizer", None) is None:
        raise ModelLoadError(f"{name} has no fast tokenizer: give it one with set_tokenizer.")
    return Config(
        n_layers=cfg.n_layers,
        n_heads=cfg.n_heads,
        d_model=cfg.d_model,
        d_mlp=cfg.d_mlp,
        d_vocab=cfg.d_vocab,
        n_ctx=cfg.n_ctx,
        bos_id=tokenizer.bos_token_id,
        eos_id=tokenizer.eos_token_id,
        eps=cfg.eps,
        scale_by_head_size=cfg.use_attn_scale,
        scale_by_layer=cfg.scale_attn_by_inverse_layer_idx,
    )


def _tokenizer(hooked: HookedTransformer, name: str) -> Tokenizer:
    tokenizer: Tokenizer = Tokenizer.from_str(hooked.tokenizer.backend_tokenizer.to_str())
    tokenizer.no_truncation()
    tokenizer.no_padding()
    last = max(tokenizer.get_vocab().values(), default=-1)
    if last >= hooked.cfg.d_vocab:
        raise ModelLoadError(
            f"The tokenizer of {name} has the token id {last}, its model the ids 0 to "
            f"{hooked.cfg.d_vocab - 1}: they do not belong together."
        )
    return tokenizer


def _weights(hooked: HookedTransformer) -> Weights:
    """Its parameters in strides that our forward pass need not copy.

    Processing makes an unembedding bias b_U, and a W_U whose columns sum to zero. The output x of
    LayerNorm sums to zero too: x·W_U + b_U = (x + 1)·(W_U + b_U / d_model), which has no such bias.

    Raises:
        ModelLoadError: b_U was not made so.
    """
    parameters = {name: value.detach() for name, value in hooked.named_parameters()}
    unembed, b_u = parameters["unembed.W_U"].T.contiguous(), parameters["unembed.b_U"]
    one = torch.ones_like(unembed[0])
    final_bias = parameters.get("ln_final.b", torch.zeros_like(one))
    if b_u.any():
        if "ln_final.b" in parameters or unembed.float().sum(1).abs().max() > LARGEST_SUM:
            raise ModelLoadError(
                "The unembedding bias b_U of this model is not one that folding a LayerNorm makes, "
                "and GPT-2 has none of its own: set it to zero."
            )
        unembed, final_bias = unembed + b_u[:, None] / len(one), one
    return Weights(
        embed=parameters["embed.W_E"].clone(),
        positions=parameters["pos_embed.W_pos"].clone(),
        blocks=tuple(
            block_weights(
                {
                    each.removeprefix(f"blocks.{layer}."): value
                    for each, value in parameters.items()
                    if each.startswith(f"blocks.{layer}.")
                }
            )
            for layer in range(hooked.cfg.n_layers)
        ),
        ln_final_w=parameters.get("ln_final.w", one),
        ln_final_b=final_bias,
        unembed=unembed,
    )


def _share(hooked: HookedTransformer, weights: Weights) -> None:
    """Put the same numbers, as we lay them out, behind the model's own parameters."""
    own = dict(hooked.named_parameters())
    apart = {"unembed.W_U"} if own["unembed.b_U"].any() else set()
    for name, view in weights.state_dict(hooked.cfg.n_heads).items():
        if name in own.keys() - apart:
            own[name].data = view


def _revision(weights: Weights) -> str:
    digest = hashlib.sha256()
    tensors = [weights.embed, weights.unembed, weights.positions, weights.ln_final_b]
    for block in weights.blocks:
        tensors += [block.w_qkv, block.b_qkv, block.w_o, block.b_o, block.w_in, block.w_out]
    for tensor in tensors:
        digest.update(tensor.cpu().view(torch.uint8).numpy().data)
    return digest.hexdigest()[:16]
