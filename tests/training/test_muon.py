"""Muon's updates are orthogonal, and it learns."""

import pytest
import torch

from training.muon import Muon, orthogonalise


@pytest.mark.parametrize("shape", [(3, 32, 32), (2, 24, 96), (2, 96, 24)])
def test_singular_values_are_driven_towards_one(shape: tuple[int, int, int]) -> None:
    torch.manual_seed(0)
    values = torch.linalg.svdvals(orthogonalise(torch.randn(shape)))
    assert values.min() > 0.3
    assert values.max() < 1.3


def test_singular_vectors_stay() -> None:
    torch.manual_seed(0)
    u, _, vh = torch.linalg.svd(torch.randn(1, 16, 16))
    matrix = u @ torch.diag(torch.linspace(1, 2, 16)) @ vh
    made = (u.mT @ orthogonalise(matrix) @ vh.mT)[0]
    torch.testing.assert_close(made, torch.diag(made.diagonal()), atol=1e-4, rtol=0)


def test_stacked_maps_are_updated_one_by_one() -> None:
    torch.manual_seed(0)
    gradient = torch.randn(48, 16)
    weight = torch.zeros(48, 16, requires_grad=True)
    weight.grad = gradient.clone()
    Muon([weight], lr=1.0).step()
    for part in weight.detach().chunk(3):
        assert torch.linalg.svdvals(part).min() > 0.3


def test_a_linear_map_is_learned() -> None:
    torch.manual_seed(0)
    target, weight = torch.randn(16, 16) / 4, torch.zeros(16, 16, requires_grad=True)
    optimizer = Muon([weight], lr=0.05)
    for step in range(200):
        optimizer.param_groups[0]["lr"] = 0.05 * (1 - step / 200)
        ((weight - target) ** 2).sum().backward()
        optimizer.step()
        optimizer.zero_grad()
    torch.testing.assert_close(weight.detach(), target, atol=0.02, rtol=0)
