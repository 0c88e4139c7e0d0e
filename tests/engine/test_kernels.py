"""Products equal torch's own, whatever the kernel."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from attention_surgery.engine import kernels


@pytest.mark.parametrize("fuses", [True, False])
@pytest.mark.parametrize("shape", [(5, 16), (3, 5, 16), (33, 16), (3, 13, 16)])
def test_a_product_with_gelu_is_a_product_then_gelu(
    monkeypatch: pytest.MonkeyPatch, fuses: bool, shape: tuple[int, ...]
) -> None:
    monkeypatch.setattr(kernels, "FUSES_GELU", fuses)
    x, weight, bias = torch.randn(shape), torch.randn(12, 16), torch.randn(12)
    with torch.inference_mode():
        plain = F.linear(x, weight, bias)
        torch.testing.assert_close(kernels.linear(x, weight, bias), plain)
        found = kernels.linear(x, weight, bias, gelu=True)
    torch.testing.assert_close(found, F.gelu(plain, approximate="tanh"))


class ShapesOfProducts(TorchDispatchMode):
    """The shapes of all x in oneDNN's products."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[tuple[int, ...]] = set()

    def __torch_dispatch__(
        self, function: Any, types: object, args: Any = (), kwargs: Any = None
    ) -> Any:
        if "linear_pointwise" in str(function):
            self.seen.add(tuple(args[0].shape))
        return function(*args, **(kwargs or {}))


def test_texts_of_all_lengths_make_few_shapes_and_no_large_ones() -> None:
    """oneDNN keeps a kernel for each, for good."""
    weight = torch.randn(12, 16)
    with ShapesOfProducts() as shapes:
        for rows in range(1, 1025):
            product: Tensor = kernels.linear(torch.ones(rows, 16), weight)
            assert product.shape == (rows, 12)
    if kernels.HAS_ONEDNN:
        assert 100 < len(shapes.seen) < 120
    assert max((rows for rows, _ in shapes.seen), default=0) <= 1024
