"""The largest of many, found without sorting all, are those that sorting finds."""

from __future__ import annotations

import pytest
import torch

from attention_surgery.engine.largest import GROUP, largest


@pytest.mark.parametrize("n", [100, 40 * GROUP, 40 * GROUP + 57])
@pytest.mark.parametrize("k", [1, 5, 10, 40])
def test_the_largest_are_those_of_topk(n: int, k: int) -> None:
    values = torch.stack([torch.randperm(n), torch.arange(n), -torch.arange(n)]).float()[:, None]
    for found, expected in zip(largest(values, k), values.topk(k), strict=True):
        assert torch.equal(found, expected)


def test_of_equal_ones_each_is_named_once() -> None:
    values = torch.zeros(60 * GROUP + 9)
    found, places = largest(values, 12)
    assert torch.equal(found, values[:12])
    assert len(places.unique()) == 12
