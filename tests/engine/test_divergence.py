"""Sums over the vocabulary that are made part by part equal those over all of it."""

from __future__ import annotations

import pytest
import torch

from attention_surgery.engine import divergence
from attention_surgery.engine.model import Model


@pytest.mark.parametrize("columns", [7, 64, 4096])
def test_the_logsumexp_and_its_slope_are_those_of_all_logits(
    tiny: Model, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setattr(divergence, "LOGIT_COLUMNS", columns)
    x = 20 * torch.randn(9, tiny.d_model)
    with torch.inference_mode():
        total, slope = divergence.slope_of_logsumexp(tiny, x)
    unembed = tiny.weights.unembed.double()
    logits = x.double() @ unembed.T
    torch.testing.assert_close(total.double(), logits.logsumexp(-1), atol=1e-4, rtol=1e-5)
    expected = logits.softmax(-1) @ unembed
    torch.testing.assert_close(slope.double(), expected, atol=1e-5, rtol=1e-4)
