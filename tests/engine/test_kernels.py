"""Products and attention equal torch's own, whatever the kernel and the number of threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import torch
import torch.nn.functional as F

from attention_surgery.engine import kernels


@pytest.fixture
def threads() -> Iterator[Callable[[int], None]]:
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


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


@pytest.mark.parametrize(("queries", "hidden"), [(1, 0), (1, 7), (2, 0), (3, 0)])
def test_attention_of_few_queries_is_torchs_own_and_the_same_on_any_number_of_threads(
    threads: Callable[[int], None], queries: int, hidden: int
) -> None:
    q = torch.randn(36, 12, queries, 16)
    k, v = torch.randn(36, 12, 33, 16), torch.randn(36, 12, 33, 16)
    visible = torch.ones(queries, 33, dtype=torch.bool).tril(33 - queries - hidden)
    plain = F.scaled_dot_product_attention(q, k, v, attn_mask=visible, scale=0.25)
    found = []
    for count in (1, 2):
        threads(count)
        found.append(kernels.mix_few(q, k, v, 0.25, visible))
    torch.testing.assert_close(found[0], plain)
    assert torch.equal(found[0], found[1])


def test_the_slope_of_a_softmax_is_torchs_own_and_the_same_on_any_number_of_threads(
    threads: Callable[[int], None],
) -> None:
    x, grad = torch.randn(5, 12, 21, 21).requires_grad_(), torch.randn(5, 12, 21, 21)
    (plain,) = torch.autograd.grad(x.softmax(-1), x, grad)
    found = []
    for count in (1, 2):
        threads(count)
        found += torch.autograd.grad(kernels.softmax(x), x, grad)
    torch.testing.assert_close(found[0], plain)
    assert torch.equal(found[0], found[1])
