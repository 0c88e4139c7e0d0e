"""Metrics are what their formulas say."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from attention_surgery.analyses.predictions import TokenMetrics, summarize
from attention_surgery.engine.metrics import entropy, kl_divergence, perplexity, top1_changed

seeds = st.integers(0, 2**32)


def random_logits(seed: int, *shape: int, scale: float = 5.0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)) * scale - 90


@given(seeds)
def test_kl_is_never_negative_and_zero_without_change(seed: int) -> None:
    p, q = random_logits(seed, 2, 7, 50)
    assert (kl_divergence(p, q) >= 0).all()
    assert (kl_divergence(p, p) == 0).all()


@given(seeds)
def test_kl_equals_torch(seed: int) -> None:
    p, q = random_logits(seed, 2, 7, 50)
    expected = F.kl_div(
        q.log_softmax(-1), p.log_softmax(-1), log_target=True, reduction="none"
    ).sum(-1)
    torch.testing.assert_close(kl_divergence(p, q), expected, atol=1e-5, rtol=1e-5)


def test_kl_of_a_case_done_by_hand() -> None:
    p, q = torch.tensor([0.5, 0.5]).log(), torch.tensor([0.75, 0.25]).log()
    assert kl_divergence(p, q).item() == pytest.approx(0.5 * math.log(4 / 3), abs=1e-6)


@given(seeds)
def test_perplexity_is_the_exponential_of_the_loss(seed: int) -> None:
    logits = random_logits(seed, 9, 50)
    targets = torch.arange(9)
    logprobs = logits.log_softmax(-1).gather(-1, targets[:, None])[:, 0]
    expected = F.cross_entropy(logits, targets).exp()
    torch.testing.assert_close(perplexity(logprobs), expected, rtol=1e-4, atol=0)


def test_entropy_is_log_n_for_a_uniform_distribution() -> None:
    assert entropy(torch.zeros(64).log_softmax(-1)).item() == pytest.approx(math.log(64), abs=1e-5)


def test_top1_changed_compares_the_likeliest_tokens() -> None:
    control = torch.tensor([[1.0, 2.0], [1.0, 2.0]])
    ablated = torch.tensor([[0.0, 1.0], [3.0, 2.0]])
    assert top1_changed(control, ablated).tolist() == [False, True]


def test_a_summary_without_predictions_is_empty() -> None:
    assert summarize([]).kl is None


def test_an_absurd_perplexity_stays_a_number() -> None:
    worst = TokenMetrics(
        0, "x", 1, kl=1.0, control_logprob=-1.0, ablated_logprob=-1e9, top1_changed=True
    )
    assert math.isfinite(summarize([worst]).perplexity_ablated or math.inf)
