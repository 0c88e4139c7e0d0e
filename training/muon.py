"""Muon: momentum whose update of a matrix is made (nearly) orthogonal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import torch
from jaxtyping import Float
from torch import Tensor

# Coefficients of the odd quintic that drives singular values towards 1 fastest.
QUINTIC = (3.4445, -4.7750, 2.0315)
ITERATIONS = 5


def orthogonalise(matrices: Float[Tensor, "n rows cols"]) -> Float[Tensor, "n rows cols"]:
    """The nearest matrices whose singular values all are about 1 (between 0.7 and 1.2).

    Source: Jordan et al. 2024, https://kellerjordan.github.io/posts/muon
    """
    a, b, c = QUINTIC
    tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.mT.contiguous() if tall else matrices
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(ITERATIONS):
        gram = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x.mT if tall else x


class Muon(torch.optim.Optimizer):
    """Nesterov momentum, orthogonalised, for weight matrices.

    A matrix three times as high as wide is taken for queries, keys and values: three squares.

    Args:
        params: matrices [out, in].
        lr: the size of an update's singular values, for a square matrix.
        momentum: decay of the running gradient.
        weight_decay: share of the weights, times `lr`, taken off in a step.
    """

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float,
        momentum: float = 0.95,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]  # noqa: ARG002
        for group in self.param_groups:
            by_shape: dict[torch.Size, list[tuple[Tensor, Tensor]]] = defaultdict(list)
            for weight in group["params"]:
                gradient = self._nesterov(weight, group["momentum"])
                maps = (
                    weight.shape[0] // weight.shape[1]
                    if weight.shape[0] == 3 * weight.shape[1]
                    else 1
                )
                for part, direction in zip(weight.chunk(maps), gradient.chunk(maps), strict=True):
                    by_shape[part.shape].append((part, direction))
            for shape, pairs in by_shape.items():
                updates = orthogonalise(torch.stack([direction for _, direction in pairs]))
                step = group["lr"] * max(1.0, shape[0] / shape[1]) ** 0.5
                for (weight, _), update in zip(pairs, updates, strict=True):
                    weight.mul_(1 - group["lr"] * group["weight_decay"]).sub_(update, alpha=step)

    def _nesterov(self, weight: Tensor, momentum: float) -> Tensor:
        assert weight.grad is not None
        state = self.state[weight]
        if not state:
            state["momentum"] = torch.zeros_like(weight)
        running: Tensor = state["momentum"].lerp_(weight.grad, 1 - momentum)
        return weight.grad.lerp(running, momentum)
