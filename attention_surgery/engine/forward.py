"""A forward pass over a TransformerLens model's own parameters and attention hooks.

It computes what `HookedTransformer.forward` computes, with fused kernels and in parts: a range of
blocks, the unembedding of chosen positions, new tokens after a key/value cache. Of the hook points
it calls `attn.hook_attn_scores` and `attn.hook_pattern`; a head pattern nobody observes is never
written to memory.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from attention_surgery.engine.kernels import linear
from attention_surgery.engine.model import Model

# Tokens unembedded at once: with 512 rows 8 MB of logits, which stay in the cache.
LOGIT_COLUMNS = 4096


class KeyValueCache:
    """Keys and values of every layer for a batch of equally long rows.

    Args:
        rows: how many rows will be decoded.
        capacity: the most tokens a row can hold.
    """

    def __init__(self, model: Model, rows: int, capacity: int) -> None:
        shape = (model.n_layers, rows, model.n_heads, capacity, model.d_head)
        self._keys = model.weights.embed.new_empty(shape)
        self._values = model.weights.embed.new_empty(shape)
        self.length = 0

    def append(
        self, layer: int, keys: Tensor, values: Tensor
    ) -> tuple[Float[Tensor, "row head key d_head"], Float[Tensor, "row head key d_head"]]:
        """Add the new tokens of one layer; returns all keys and values so far.

        A batch of fewer rows than the cache stands for control first and, repeated, the last row.
        """
        n_new = keys.shape[2]
        until = self.length + n_new
        for store, new in ((self._keys, keys), (self._values, values)):
            store[layer, : new.shape[0], :, self.length : until] = new
            store[layer, new.shape[0] :, :, self.length : until] = new[-1]
        batch = keys.shape[0]
        return self._keys[layer, :batch, :, :until], self._values[layer, :batch, :, :until]


def embed(
    model: Model, tokens: Int[Tensor, "row pos"], start: int = 0
) -> Float[Tensor, "row pos d_model"]:
    """Token plus position embedding, float32; the first token stands at position `start`."""
    positions = model.weights.positions[start : start + tokens.shape[1]]
    return model.weights.embed[tokens].float() + positions.float()


def run_block(
    model: Model,
    layer: int,
    resid: Float[Tensor, "row pos d_model"],
    cache: KeyValueCache | None = None,
    *,
    last_only: bool = False,
) -> Float[Tensor, "row read d_model"]:
    """The residual stream after one block, of the last position alone if asked."""
    z = mix_heads(model, layer, resid, cache, last_only=last_only)
    resid = write_heads(model, layer, resid[:, -1:] if last_only else resid, z)
    return resid + mlp(model, layer, resid)


def queries_keys_values(
    model: Model, layer: int, resid: Float[Tensor, "row pos d_model"]
) -> tuple[Tensor, Tensor, Tensor]:
    """Queries, keys and values, each [row, head, pos, d_head]."""
    weights = model.weights.blocks[layer]
    normalized = layer_norm(model, resid, weights.ln1_w, weights.ln1_b)
    qkv = linear(normalized, weights.w_qkv, weights.b_qkv)
    rows, positions, _ = qkv.shape
    q, k, v = qkv.view(rows, positions, 3, model.n_heads, model.d_head).permute(2, 0, 3, 1, 4)
    return q, k, v


def mix_heads(
    model: Model,
    layer: int,
    resid: Float[Tensor, "row pos d_model"],
    cache: KeyValueCache | None = None,
    *,
    last_only: bool = False,
) -> Float[Tensor, "row read head d_head"]:
    """Each head's pattern times its values, through the attention hooks if there are any."""
    q, k, v = queries_keys_values(model, layer, resid)
    q = q[:, :, -1:] if last_only else q
    if cache is not None:
        k, v = cache.append(layer, k, v)
    attn = model.hooked.blocks[layer].attn
    continues = k.shape[2] > q.shape[2]
    observed = attn.hook_pattern.has_hooks() or attn.hook_attn_scores.has_hooks()
    if observed or (continues and q.shape[2] > 1):
        z = hooked_pattern(model, layer, q, k).to(v.dtype) @ v
    else:
        scale = 1 / attn.attn_scale
        z = F.scaled_dot_product_attention(q, k, v, is_causal=not continues, scale=scale)
    return z.transpose(1, 2)


def write_heads(
    model: Model,
    layer: int,
    resid: Float[Tensor, "row pos d_model"],
    z: Float[Tensor, "row pos head d_head"],
) -> Float[Tensor, "row pos d_model"]:
    """The residual stream with what all heads of a layer write to it, and `b_O`, added."""
    weights = model.weights.blocks[layer]
    return resid + linear(z.flatten(-2), weights.w_o, weights.b_o)


def hooked_pattern(
    model: Model,
    layer: int,
    q: Float[Tensor, "row head query d_head"],
    k: Float[Tensor, "row head key d_head"],
) -> Float[Tensor, "row head query key"]:
    """Causal attention pattern in float32, as the hooks leave it."""
    attn = model.hooked.blocks[layer].attn
    scores = (q @ k.transpose(-1, -2)).float() / attn.attn_scale
    queries, keys = scores.shape[-2:]
    future = torch.ones(queries, keys, dtype=torch.bool, device=scores.device)
    scores = scores.masked_fill(future.triu(keys - queries + 1), -torch.inf)
    pattern: Tensor = attn.hook_attn_scores(scores).softmax(-1)
    observed: Tensor = attn.hook_pattern(pattern)
    return observed


def mlp(
    model: Model, layer: int, resid: Float[Tensor, "row pos d_model"]
) -> Float[Tensor, "row pos d_model"]:
    """What the MLP of one block writes, computed from the residual stream before it."""
    weights = model.weights.blocks[layer]
    normalized = layer_norm(model, resid, weights.ln2_w, weights.ln2_b)
    hidden = linear(normalized, weights.w_in, weights.b_in, gelu=True)
    return linear(hidden, weights.w_out, weights.b_out)


def final_norm(
    model: Model, resid: Float[Tensor, "*rows d_model"]
) -> Float[Tensor, "*rows d_model"]:
    """The last LayerNorm; `unembed` takes what it returns."""
    return layer_norm(model, resid, model.weights.ln_final_w, model.weights.ln_final_b)


def unembed(
    model: Model, normalized: Float[Tensor, "*rows d_model"]
) -> Float[Tensor, "*rows d_vocab"]:
    """Logits, float32; of weights in half precision the products too are made in float32."""
    embed = model.weights.embed
    if embed.dtype == torch.float32:
        return linear(normalized, embed)
    return torch.cat([linear(normalized, part.float()) for part in embed.split(LOGIT_COLUMNS)], -1)


def layer_norm(model: Model, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """LayerNorm of the residual stream in its own precision, float32 or more."""
    eps: float = model.hooked.cfg.eps
    return F.layer_norm(x, (model.d_model,), weight.to(x.dtype), bias.to(x.dtype), eps)
