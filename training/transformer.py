"""GPT-2 as it is trained: the architecture of Hugging Face's `GPT2LMHeadModel`, made for speed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

# Logits of so many tokens at a time: they stay in the processor's cache.
CHUNK = 1024

# On a CPU, rows up to this length attend faster written out than with the fused kernel, whose
# backward pass is slow for heads this small.
LONG = 128

# Standard deviation of the initial token embeddings.
EMBEDDING = 0.04

# The dimensions of the residual stream that positions start out in, and their frequencies.
POSITION_DIMS = 32
FREQUENCIES = torch.logspace(math.log10(2), math.log10(0.02), POSITION_DIMS // 2)

# How many tokens back the first heads of the first layer start out looking.
LOOK_BACK = (1, 1, 2, 3)


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a GPT-2."""

    n_layers: int = 12
    n_heads: int = 12
    d_model: int = 192
    n_ctx: int = 256
    d_vocab: int = 4096


class Block(nn.Module):
    """Attention and MLP, each reading a LayerNorm of the residual stream and adding to it."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.n_heads, width = shape.n_heads, shape.d_model
        self.ln_1 = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.ln_2 = nn.LayerNorm(width)
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)

    def forward(self, x: Float[Tensor, "row pos d_model"]) -> Float[Tensor, "row pos d_model"]:
        x = x + self.out(self._mix(self.ln_1(x)))
        hidden = F.gelu(self.up(self.ln_2(x)), approximate="tanh")
        written: Tensor = self.down(hidden)
        return x + written

    def _mix(self, x: Tensor) -> Tensor:
        rows, positions, width = x.shape
        heads = self.qkv(x).view(rows, positions, 3, self.n_heads, width // self.n_heads)
        q, k, v = heads.permute(2, 0, 3, 1, 4)
        return attend(q, k, v).transpose(1, 2).reshape(rows, positions, width)


def attend(q: Tensor, k: Tensor, v: Tensor) -> Float[Tensor, "row head pos d_head"]:
    """Causal attention: softmax(q kᵀ / √d_head) v."""
    length, d_head = q.shape[-2:]
    if q.is_cuda or length > LONG:
        return F.scaled_dot_product_attention(q, k, v, is_causal=True)
    future = torch.full((length, length), -1e30, device=q.device).triu(1)
    scores: Tensor = q @ k.transpose(-1, -2) * d_head**-0.5 + future
    return scores.softmax(-1) @ v


class Transformer(nn.Module):
    """Token and position embeddings, blocks, a final LayerNorm; the unembedding is tied."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.tokens = nn.Parameter(initial_tokens(shape))
        self.positions = nn.Parameter(initial_positions(shape))
        blocks = [Block(shape) for _ in range(shape.n_layers)]
        for block in blocks:
            initialise(block, shape.n_layers)
        look_back(blocks[0], LOOK_BACK[: shape.n_heads])
        self.blocks = nn.ModuleList(blocks)
        self.ln_final = nn.LayerNorm(shape.d_model)

    def forward(self, tokens: Int[Tensor, "row pos"]) -> Float[Tensor, "row pos d_model"]:
        """The normalised residual stream after the last block."""
        x = F.embedding(tokens, self.tokens) + self.positions[: tokens.shape[1]]
        for block in self.blocks:
            x = block(x)
        normalised: Tensor = self.ln_final(x)
        return normalised


def initial_tokens(shape: Shape) -> Float[Tensor, "d_vocab d_model"]:
    """Random vectors that leave the first dimensions to the positions."""
    tokens = torch.randn(shape.d_vocab, shape.d_model) * EMBEDDING
    tokens[:, :POSITION_DIMS] = 0
    return tokens


def initial_positions(shape: Shape) -> Float[Tensor, "pos d_model"]:
    """Pairs of sine and cosine, from 2 down to 0.02 radians a token, in dimensions of their own.

    Source: Vaswani et al. 2017, arXiv:1706.03762
    """
    angles = torch.arange(shape.n_ctx)[:, None] * FREQUENCIES
    positions = torch.zeros(shape.n_ctx, shape.d_model)
    positions[:, :POSITION_DIMS] = torch.stack((angles.sin(), angles.cos()), -1).flatten(1)
    return positions * 2 * EMBEDDING


def initialise(block: Block, n_layers: int) -> None:
    """Fan-in scaled weights, smaller where they write to the residual stream; biases zero."""
    for name, weight in block.named_parameters():
        if name.endswith("bias"):
            nn.init.zeros_(weight)
        elif weight.ndim == 2:
            shrink = (2 * n_layers) ** -0.5 if name.startswith(("out", "down")) else 1.0
            nn.init.normal_(weight, std=shrink * weight.shape[1] ** -0.5)


@torch.no_grad()
def look_back(block: Block, offsets: Sequence[int], gain: float = 1.3) -> None:
    """Let the first heads of a first block start out attending so many tokens back.

    A sine and cosine pair is turned by `offset` tokens with a rotation, so queries that are
    rotated match the keys of `offset` tokens earlier best.
    """
    d_model = block.out.weight.shape[0]
    d_head = d_model // block.n_heads
    queries, keys, _ = block.qkv.weight.view(3, block.n_heads, d_head, d_model)
    chosen = torch.arange(0, POSITION_DIMS, 2 * POSITION_DIMS // d_head)
    for head, offset in enumerate(offsets):
        queries[head], keys[head] = 0, 0
        for row, dim in enumerate(chosen.tolist()):
            pair, at = slice(2 * row, 2 * row + 2), slice(dim, dim + 2)
            angle = FREQUENCIES[dim // 2] * offset
            turn = torch.tensor([[angle.cos(), -angle.sin()], [angle.sin(), angle.cos()]])
            queries[head, pair, at] = turn * gain
            keys[head, pair, at] = torch.eye(2) * gain


def next_token_loss(
    hidden: Float[Tensor, "row pos d_model"],
    unembed: Float[Tensor, "d_vocab d_model"],
    targets: Int[Tensor, "row pos"],
) -> Float[Tensor, ""]:
    """Sum of the cross-entropies of all targets, in nats, without ever holding all logits."""
    arguments = (hidden.flatten(0, 1), unembed, targets.flatten())
    loss: Tensor = _ChunkedLoss.apply(*arguments)  # type: ignore[no-untyped-call]
    return loss


class _ChunkedLoss(torch.autograd.Function):
    """The gradients are computed beside the loss, while a chunk's logits are in the cache."""

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, unembed: Tensor, targets: Tensor) -> Tensor:
        total = hidden.new_zeros(())
        d_hidden, d_unembed = torch.empty_like(hidden), torch.zeros_like(unembed)
        for start in range(0, len(hidden), CHUNK):
            part = slice(start, start + CHUNK)
            log_probs = F.linear(hidden[part], unembed).log_softmax(-1)
            index = targets[part, None]
            total -= log_probs.gather(1, index).sum()
            d_logits = log_probs.exp_()
            d_logits.scatter_add_(1, index, d_logits.new_full(index.shape, -1.0))
            torch.mm(d_logits, unembed, out=d_hidden[part])
            d_unembed.addmm_(d_logits.T, hidden[part])
        ctx.save_for_backward(d_hidden, d_unembed)
        return total

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, None]:
        d_hidden, d_unembed = ctx.saved_tensors
        return d_hidden * grad, d_unembed * grad, None
