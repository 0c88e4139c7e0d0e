"""Products equal torch's own, whatever the kernel."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from attention_surgery.engine import kernels


@pytest.mark.parametrize("fuses", [True, False])
@pytest.mark.parametrize("shape", [(5, 16), (3, 5, 16)])
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


@pytest.mark.parametrize("gelu", [False, True])
@pytest.mark.parametrize("shape", [(1, 1, 24), (2, 24), (3, 24), (4, 24), (2, 7, 24)])
def test_a_packed_weight_gives_the_same_product(shape: tuple[int, ...], gelu: bool) -> None:
    x, weight, bias = torch.randn(shape), torch.randn(40, 24), torch.randn(40)
    with torch.inference_mode():
        plain = kernels.linear(x, weight, bias, gelu=gelu)
        found = kernels.linear(x, weight, bias, gelu=gelu, packed=kernels.packed(weight))
    torch.testing.assert_close(found, plain)
