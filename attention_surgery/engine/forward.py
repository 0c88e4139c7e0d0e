"""The parts of a forward pass, over a TransformerLens model's own parameters and hooks.

Each part computes what `HookedTransformer.forward` computes there, with fused kernels. It calls
every hook point at which something acts, and makes what only a hook would see (a pattern, a
LayerNorm's scale) only then. `engine.run` puts the parts together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import accumulate, pairwise

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor

from attention_surgery.engine.cache import Cache, KeyValueCache
from attention_surgery.engine.hook_points import HookPoint, has_hooks, points_of, through
from attention_surgery.engine.kernels import FEW_QUERIES, linear, mix_few, softmax
from attention_surgery.engine.model import Model
from attention_surgery.engine.packing import NOT_PACKED, PackedBlock
from attention_surgery.engine.shape import LOGIT_COLUMNS
from attention_surgery.engine.shelf import Decoded, Shelf


def embed(
    model: Model, tokens: Int[Tensor, "row pos"], positions: Int[Tensor, "row pos"] | None = None
) -> Float[Tensor, "row pos d_model"]:
    """Token plus position embedding, float32; positions count from 0 unless given."""
    of_tokens, of_positions = embedding_parts(model, tokens, positions)
    return of_tokens + of_positions


def embedding_parts(
    model: Model, tokens: Int[Tensor, "row pos"], positions: Int[Tensor, "row pos"] | None = None
) -> tuple[Float[Tensor, "row pos d_model"], Float[Tensor, "row pos d_model"]]:
    """Token and position embedding, each as the hooks leave it."""
    points, weights = points_of(model), model.weights
    places = weights.positions[slice(tokens.shape[1]) if positions is None else positions]
    tokens = tokens.to(weights.embed.device)
    where = places.float().expand(*tokens.shape, -1)
    of_tokens = through(points.embed, weights.embed[tokens].float())
    return of_tokens, through(points.pos_embed, where)


def run_block(
    model: Model,
    layer: int,
    resid: Float[Tensor, "row pos d_model"],
    cache: Cache | None = None,
    *,
    last_only: bool = False,
) -> Float[Tensor, "row read d_model"]:
    """The residual stream after one block; from the queries on of the last position if asked."""
    points = points_of(model).blocks[layer]
    resid = through(points.resid_pre, resid)
    z = mix_heads(model, layer, resid, cache, last_only=last_only)
    resid = write_heads(model, layer, resid[:, -1:] if last_only else resid, z)
    return through(points.resid_post, resid + mlp(model, layer, resid))


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Some rows of a batch that go through a block with others, under a surgery of their own.

    Attributes:
        operated: within its context their own hooks act, on nothing but pattern, z and MLP; None
            where nothing does.
    """

    resid: Float[Tensor, "row pos d_model"]
    cache: Cache | None
    operated: Callable[[], AbstractContextManager[None]] | None


def run_block_together(
    model: Model, layer: int, parts: Sequence[Part]
) -> list[Float[Tensor, "row pos d_model"]]:
    """What `run_block` makes of each of the parts, with each product made once for all.

    Their tokens are packed one after the other, without padding; only attention, and what acts on
    a part, looks at one part at a time. Nothing else may be hooked.
    """
    mlp_out = points_of(model).blocks[layer].mlp_out
    shapes = [part.resid.shape for part in parts]
    ends = list(accumulate(rows * positions for rows, positions, _ in shapes))
    places = [slice(begin, end) for begin, end in pairwise([0, *ends])]
    resid = torch.cat([part.resid.flatten(0, 1) for part in parts])[None]
    q, k, v = (each[0] for each in queries_keys_values(model, layer, resid))
    mixed = _decoded_together(model, layer, parts, places, q, k, v)
    for at, (part, shape, place) in enumerate(zip(parts, shapes, places, strict=True)):
        if at not in mixed:
            own_q, own_k, own_v = (
                each[:, place].unflatten(1, shape[:2]).transpose(0, 1) for each in (q, k, v)
            )
            with part.operated() if part.operated else nullcontext():
                mixed[at] = attend(model, layer, own_q, own_k, own_v, part.cache).flatten(0, 1)
    z = torch.cat([mixed[at] for at in range(len(parts))])[None]
    resid = write_heads(model, layer, resid, z)
    written = mlp(model, layer, resid)
    after = list((resid + written)[0].split([place.stop - place.start for place in places]))
    for at, (part, shape, place) in enumerate(zip(parts, shapes, places, strict=True)):
        if part.operated:
            with part.operated():
                out = through(mlp_out, written[0, place].view(shape))
            after[at] = resid[0, place].view(shape) + out
    return [each.view(shape) for each, shape in zip(after, shapes, strict=True)]


def _decoded_together(
    model: Model,
    layer: int,
    parts: Sequence[Part],
    places: Sequence[slice],
    q: Float[Tensor, "head packed d_head"],
    k: Float[Tensor, "head packed d_head"],
    v: Float[Tensor, "head packed d_head"],
) -> dict[int, Float[Tensor, "row head d_head"]]:
    """What heads mix for those parts that are a token each, on which nothing acts, and whose keys
    and values lie next to each other: part → so many rows.
    """
    on_shelf: dict[Shelf, dict[int, Decoded]] = {}
    for at, (part, place) in enumerate(zip(parts, places, strict=True)):
        rows, positions, _ = part.resid.shape
        if isinstance(part.cache, KeyValueCache) and positions == 1 and not part.operated:
            decoded = part.cache.decoded(place.start, rows)
            on_shelf.setdefault(part.cache.shelf, {})[at] = decoded
    mixed: dict[int, Tensor] = {}
    scale = 1 / model.config.attention_scale(layer)
    for shelf, members in on_shelf.items():
        if len(members) > 1:
            step = shelf.together(list(members.values()))
            z = step.attend(layer, q.transpose(0, 1), k.transpose(0, 1), v.transpose(0, 1), scale)
            rows_of_each = [decoded.rows for decoded in members.values()]
            mixed |= zip(members, z.split(rows_of_each), strict=True)
    return mixed


def queries_keys_values(
    model: Model, layer: int, resid: Float[Tensor, "row pos d_model"]
) -> tuple[Tensor, Tensor, Tensor]:
    """Queries, keys and values, each [row, head, pos, d_head]."""
    weights, points = model.weights.blocks[layer], points_of(model).blocks[layer]
    normalized = layer_norm(
        model, resid, weights.ln1_w, weights.ln1_b, points.ln1_scale, points.ln1_normalized
    )
    packed = packed_block(model, layer).w_qkv
    qkv = linear(normalized, weights.w_qkv, weights.b_qkv, packed=packed)
    rows, positions, _ = qkv.shape
    q, k, v = qkv.view(rows, positions, 3, model.n_heads, model.d_head).unbind(2)
    q, k, v = through(points.q, q), through(points.k, k), through(points.v, v)
    return q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)


def mix_heads(
    model: Model,
    layer: int,
    resid: Float[Tensor, "row pos d_model"],
    cache: Cache | None = None,
    *,
    last_only: bool = False,
) -> Float[Tensor, "row read head d_head"]:
    """Each head's pattern times its values, as the hooks leave them."""
    q, k, v = queries_keys_values(model, layer, resid)
    return attend(model, layer, q[:, :, -1:] if last_only else q, k, v, cache)


def attend(
    model: Model,
    layer: int,
    q: Float[Tensor, "row head read d_head"],
    k: Float[Tensor, "row head pos d_head"],
    v: Float[Tensor, "row head pos d_head"],
    cache: Cache | None = None,
) -> Float[Tensor, "row read head d_head"]:
    """Each head's pattern times its values, as the hooks leave them; keys so far come first."""
    points = points_of(model).blocks[layer]
    visible = None
    if cache is not None:
        k, v = cache.append(layer, k, v)
        visible = cache.visible()
    continues = k.shape[2] > q.shape[2]
    if has_hooks(points.pattern) or has_hooks(points.attn_scores):
        z = hooked_pattern(model, layer, q, k, visible).to(v.dtype) @ v
    else:
        scale = 1 / model.config.attention_scale(layer)
        few = q.shape[2] <= FEW_QUERIES and not isinstance(cache, KeyValueCache)
        if (continues or few) and visible is None and q.shape[2] > 1:
            visible = causal_mask(q, k)
        if few:
            z = mix_few(q, k, v, scale, visible)
        else:
            causal = not continues and visible is None
            z = F.scaled_dot_product_attention(
                q, k, v, attn_mask=visible, is_causal=causal, scale=scale
            )
    return through(points.z, z.transpose(1, 2))


def write_heads(
    model: Model,
    layer: int,
    resid: Float[Tensor, "row pos d_model"],
    z: Float[Tensor, "row pos head d_head"],
) -> Float[Tensor, "row pos d_model"]:
    """The residual stream with what all heads of a layer write to it, and `b_O`, added."""
    weights, points = model.weights.blocks[layer], points_of(model).blocks[layer]
    if has_hooks(points.result):
        written = through(points.result, torch.einsum("rphd,hdm->rphm", z, by_head(model, layer)))
        out = written.sum(2) + weights.b_o
    else:
        packed = packed_block(model, layer).w_o
        out = linear(z.flatten(-2), weights.w_o, weights.b_o, packed=packed)
    return through(points.resid_mid, resid + through(points.attn_out, out))


def by_head(model: Model, layer: int) -> Float[Tensor, "head d_head d_model"]:
    """W_O: what each head writes of its z to the residual stream."""
    return model.weights.blocks[layer].w_o.view(-1, model.n_heads, model.d_head).permute(1, 2, 0)


def hooked_pattern(
    model: Model,
    layer: int,
    q: Float[Tensor, "row head query d_head"],
    k: Float[Tensor, "row head key d_head"],
    visible: Tensor | None = None,
) -> Float[Tensor, "row head query key"]:
    """Attention pattern in float32, as the hooks leave it; causal unless told what is visible."""
    points = points_of(model).blocks[layer]
    scores = (q @ k.transpose(-1, -2)).float() / model.config.attention_scale(layer)
    if visible is None:
        visible = causal_mask(q, k)
    scores = through(points.attn_scores, scores.masked_fill(~visible, -torch.inf))
    return through(points.pattern, softmax(scores))


def packed_block(model: Model, layer: int) -> PackedBlock:
    """The block's weights as they were packed."""
    return NOT_PACKED if model.packed is None else model.packed.blocks[layer]


def causal_mask(q: Tensor, k: Tensor) -> Bool[Tensor, "query key"]:
    """What the last so many positions of a text may see of it."""
    queries, keys = q.shape[-2], k.shape[-2]
    seen = torch.ones(queries, keys, dtype=torch.bool, device=q.device)
    return seen.tril(keys - queries)


def mlp(
    model: Model, layer: int, resid: Float[Tensor, "row pos d_model"]
) -> Float[Tensor, "row pos d_model"]:
    """What the MLP of one block writes, computed from the residual stream before it."""
    weights, points = model.weights.blocks[layer], points_of(model).blocks[layer]
    normalized = layer_norm(
        model, resid, weights.ln2_w, weights.ln2_b, points.ln2_scale, points.ln2_normalized
    )
    packed = packed_block(model, layer)
    if has_hooks(points.pre) or has_hooks(points.post):
        before = linear(normalized, weights.w_in, weights.b_in, packed=packed.w_in)
        before = through(points.pre, before)
        hidden = through(points.post, F.gelu(before, approximate="tanh"))
    else:
        hidden = linear(normalized, weights.w_in, weights.b_in, gelu=True, packed=packed.w_in)
    out = linear(hidden, weights.w_out, weights.b_out, packed=packed.w_out)
    return through(points.mlp_out, out)


def final_norm(
    model: Model, resid: Float[Tensor, "*rows d_model"]
) -> Float[Tensor, "*rows d_model"]:
    """The last LayerNorm; `unembed` takes what it returns."""
    weights, points = model.weights, points_of(model)
    return layer_norm(
        model,
        resid,
        weights.ln_final_w,
        weights.ln_final_b,
        points.ln_final_scale,
        points.ln_final_normalized,
    )


def unembed(
    model: Model, normalized: Float[Tensor, "*rows d_model"]
) -> Float[Tensor, "*rows d_vocab"]:
    """Logits, float32; of weights in half precision the products too are made in float32."""
    columns = model.weights.unembed
    if columns.dtype == torch.float32:
        packed = None if model.packed is None else model.packed.unembed
        return linear(normalized, columns, packed=packed)
    parts = columns.split(LOGIT_COLUMNS)
    return torch.cat([linear(normalized, part.float()) for part in parts], -1)


def layer_norm(
    model: Model,
    x: Float[Tensor, "*rows d_model"],
    weight: Tensor,
    bias: Tensor,
    scale_point: HookPoint,
    normalized_point: HookPoint,
) -> Float[Tensor, "*rows d_model"]:
    """LayerNorm of the residual stream in its own precision, float32 or more.

    Its scale is √(variance + eps).
    """
    eps, weight, bias = model.config.eps, weight.to(x.dtype), bias.to(x.dtype)
    if not (has_hooks(scale_point) or has_hooks(normalized_point)):
        return F.layer_norm(x, (model.d_model,), weight, bias, eps)
    centred = x - x.mean(-1, keepdim=True)
    scale = through(scale_point, (centred.pow(2).mean(-1, keepdim=True) + eps).sqrt())
    return through(normalized_point, centred / scale) * weight + bias
