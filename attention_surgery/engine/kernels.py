"""Matrix products against weights stored [out, in], and attention, by the fastest kernel at hand.

On a CPU, `torch.nn.functional.linear` hands float32 products to MKL, which on processors of
other makers than Intel falls back to slow paths: oneDNN, part of the same torch build, is two
to five times faster there (`make bench` prints by how much here) and no slower elsewhere.

What a run over many prompts computes must not depend on how many threads a machine has. Products
of oneDNN do not; where an operation of torch does, there is one of ours.
"""

from __future__ import annotations

import os

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor
from torch.autograd.function import FunctionCtx

# oneDNN compiles a kernel for each shape it meets; it and torch's layer above it each keep 1,024,
# some 600 MB once rows of many lengths were read. 64 serve as fast. Read at the first product.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")
os.environ.setdefault("LRU_CACHE_CAPACITY", "64")

HAS_ONEDNN = torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_linear_pointwise")

# oneDNN has no bfloat16 products for processors without AVX-512; torch has slow ones of its own.
ONEDNN_TYPES = {torch.float32} | (
    {torch.bfloat16} if HAS_ONEDNN and torch.ops.mkldnn._is_mkldnn_bf16_supported() else set()
)

# Its GELU within a product is made for AVX-512: with AVX2 it takes longer than torch's behind one.
FUSES_GELU = torch.backends.cpu.get_cpu_capability() == "AVX512"

# Whose attention torch rounds by thread, see `mix_few`.
FEW_QUERIES = 3

# oneDNN is slower for fewer rows of a packed weight than for so many.
FEWEST_ROWS = 4


def packed(weight: Float[Tensor, "d_out d_in"]) -> Float[Tensor, "d_out d_in"] | None:
    """A copy in the blocks that oneDNN multiplies by; only `linear` can read it.

    None where it is not oneDNN that multiplies, or not in float32.
    """
    if not (HAS_ONEDNN and weight.device.type == "cpu" and weight.dtype == torch.float32):
        return None
    blocked: Tensor = torch.ops.mkldnn._reorder_linear_weight(weight, FEWEST_ROWS)
    return blocked


def linear(
    x: Float[Tensor, "*rows d_in"],
    weight: Float[Tensor, "d_out d_in"],
    bias: Float[Tensor, " d_out"] | None = None,
    *,
    gelu: bool = False,
    packed: Tensor | None = None,
) -> Float[Tensor, "*rows d_out"]:
    """x @ weight.T + bias in the precision of the weight, then tanh-GELU if asked.

    Differentiable in x only: the weights of a model under surgery are constants.

    Args:
        packed: the same weight as `packed` made it, where there is one.
    """
    x = x.to(weight.dtype)
    if not (HAS_ONEDNN and x.device.type == "cpu" and weight.dtype in ONEDNN_TYPES):
        product = F.linear(x, weight, bias)
        return F.gelu(product, approximate="tanh") if gelu else product
    if torch.is_grad_enabled() and x.requires_grad:
        product = _DifferentiableLinear.apply(x, weight, bias)  # type: ignore[no-untyped-call]
        return F.gelu(product, approximate="tanh") if gelu else product
    return _onednn(x, weight if packed is None else packed, bias, gelu)


def _onednn(x: Tensor, weight: Tensor, bias: Tensor | None, gelu: bool = False) -> Tensor:
    activation, algorithm = ("gelu", "tanh") if gelu and FUSES_GELU else ("none", "")
    shape, rows = x.shape[:-1], x.numel() // x.shape[-1]
    pads = weight.is_mkldnn and 0 < rows < FEWEST_ROWS
    if pads:
        x = F.pad(x.reshape(rows, -1), (0, 0, 0, FEWEST_ROWS - rows))
    product: Tensor = torch.ops.mkldnn._linear_pointwise(x, weight, bias, activation, [], algorithm)
    if gelu and not FUSES_GELU:
        torch.ops.aten.gelu_(product, approximate="tanh")
    return product[:rows].view(*shape, -1) if pads else product


def mix_few(
    q: Float[Tensor, "row head query d_head"],
    k: Float[Tensor, "row head key d_head"],
    v: Float[Tensor, "row head key d_head"],
    scale: float,
    visible: Bool[Tensor, "... query key"] | None = None,
) -> Float[Tensor, "row head query d_head"]:
    """Attention of up to `FEW_QUERIES` queries, with the same digits on any number of threads.

    In torch's own they depend on which thread comes to which head; of more queries they do not,
    where heads have at least 16 dimensions, as those of every published GPT-2.

    Args:
        visible: the keys that each sees; all when None.
    """
    scores = (k.float()[:, :, None] * q.float()[:, :, :, None]).sum(-1).mul(scale)
    if visible is not None:
        scores = scores.masked_fill(~visible, -torch.inf)
    return (softmax(scores)[..., None] * v.float()[:, :, None]).sum(-2).to(v.dtype)


def softmax(x: Tensor) -> Tensor:
    """Over the last dimension; its slope has the same digits on any number of threads."""
    if torch.is_grad_enabled() and x.requires_grad:
        p: Tensor = _DifferentiableSoftmax.apply(x)  # type: ignore[no-untyped-call]
        return p
    return x.softmax(-1)


class _DifferentiableSoftmax(torch.autograd.Function):
    @staticmethod
    def forward(ctx: FunctionCtx, x: Tensor) -> Tensor:
        p = x.softmax(-1)
        ctx.save_for_backward(p)
        return p

    @staticmethod
    def backward(ctx: FunctionCtx, grad: Tensor) -> Tensor:
        (p,) = ctx.saved_tensors  # type: ignore[attr-defined]
        slope: Tensor = p * (grad - (p * grad).sum(-1, keepdim=True))
        return slope


class _DifferentiableLinear(torch.autograd.Function):
    @staticmethod
    def forward(ctx: FunctionCtx, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        ctx.save_for_backward(weight)
        return _onednn(x, weight, bias)

    @staticmethod
    def backward(ctx: FunctionCtx, grad: Tensor) -> tuple[Tensor, None, None]:
        (weight,) = ctx.saved_tensors  # type: ignore[attr-defined]
        return _onednn(grad, weight.T, None), None, None
