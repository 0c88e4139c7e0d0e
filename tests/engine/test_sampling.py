"""Draws follow the distribution they are drawn from, whatever temperature and top-k."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from attention_surgery.analyses import infer
from attention_surgery.engine.model import Model
from attention_surgery.engine.sampling import Sampler
from attention_surgery.errors import InvalidSetting
from tests.engine.test_generation import PROSE
from tests.engine.test_model import PROMPT

DRAWS = 2_000
# 99.9 % of samples from the right distribution lie below: Wilson and Hilferty's approximation.
NORMAL_QUANTILE = 3.09


def critical_chi_square(freedom: int) -> float:
    spread = 2 / (9 * freedom)
    return float(freedom * (1 - spread + NORMAL_QUANTILE * spread**0.5) ** 3)


def spread_logprobs(d_vocab: int) -> Tensor:
    """Twelve tokens share nearly all; far enough apart that every temperature tells them apart."""
    logits = torch.full((d_vocab,), -20.0)
    logits[100:112] = torch.linspace(0, -3, 12)
    return logits.log_softmax(-1)


def tempered(logprobs: Tensor, temperature: float, top_k: int | None) -> Tensor:
    """The definition: the k likeliest tokens, p^(1/T), normalised; in float64."""
    kept = torch.full_like(logprobs, -torch.inf, dtype=torch.float64)
    ids = logprobs.topk(top_k or len(logprobs)).indices
    kept[ids] = logprobs.double()[ids] / temperature
    return kept.softmax(-1)


@pytest.mark.parametrize("top_k", [None, 4])
@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_draws_follow_the_tempered_distribution(
    tiny: Model, temperature: float, top_k: int | None
) -> None:
    logprobs = spread_logprobs(tiny.d_vocab)
    sampler = Sampler(tiny, temperature, top_k, seed=11)
    drawn = torch.cat([sampler(logprobs[None]) for _ in range(DRAWS)])
    expected = tempered(logprobs, temperature, top_k) * DRAWS
    counts = drawn.bincount(minlength=tiny.d_vocab).double()
    assert counts[expected == 0].sum() == 0
    common = expected > 5
    rare = counts[~common].sum().item(), expected[~common].sum().item()
    assert rare[0] <= rare[1] + 5 * (rare[1] + 1) ** 0.5
    if common.sum() > 1:
        chi_square = ((counts - expected)[common] ** 2 / expected[common]).sum().item()
        assert chi_square < critical_chi_square(int(common.sum()) - 1)


def test_a_generation_draws_from_the_models_distribution(bundled: Model) -> None:
    """End to end, at T = 0.7 among five: the likeliest token comes as often as it should."""
    text = infer(
        bundled, PROSE, max_new_tokens=120, temperature=0.7, top_k=5, seed=4, alternatives=5
    ).control.tokens
    assert len(text) > 100
    hits, expected, variance = 0, 0.0, 0.0
    for token in text:
        ids = [choice.id for choice in token.alternatives]
        assert token.id in ids
        share = torch.tensor([choice.logprob for choice in token.alternatives]).div(0.7).softmax(0)
        hits += token.id == ids[0]
        expected += share[0].item()
        variance += (share[0] * (1 - share[0])).item()
    assert variance > 10
    assert abs(hits - expected) < NORMAL_QUANTILE * variance**0.5


@pytest.mark.parametrize("temperature", [1e-6, 1e-39, 1e-45, 5e-324])
@pytest.mark.parametrize("top_k", [None, 4])
def test_towards_zero_the_likeliest_token_is_drawn(
    tiny: Model, temperature: float, top_k: int | None
) -> None:
    logprobs = spread_logprobs(tiny.d_vocab)
    sampler = Sampler(tiny, temperature, top_k, seed=3)
    assert {sampler(logprobs[None]).item() for _ in range(20)} == {int(logprobs.argmax())}


def test_a_temperature_near_zero_writes_the_greedy_text(bundled: Model) -> None:
    cold = infer(bundled, PROMPT, max_new_tokens=3, temperature=1e-39, seed=1)
    assert cold.control.tokens == infer(bundled, PROMPT, max_new_tokens=3).control.tokens


def test_equal_rows_draw_equal_tokens(tiny: Model) -> None:
    sampler = Sampler(tiny, 1.5, None, seed=2)
    rows = spread_logprobs(tiny.d_vocab).expand(2, -1)
    assert all(first == second for first, second in (sampler(rows).tolist() for _ in range(50)))


@pytest.mark.parametrize("seed", [-1, 2**53, 2**64, 10**30])
def test_a_seed_out_of_range_is_refused(bundled: Model, seed: int) -> None:
    with pytest.raises(InvalidSetting, match="seed: the value should be"):
        infer(bundled, PROMPT, temperature=1.0, seed=seed)


@pytest.mark.parametrize("seed", [0, 2**53 - 1])
def test_every_seed_in_range_draws(bundled: Model, seed: int) -> None:
    assert infer(bundled, PROMPT, max_new_tokens=1, temperature=1.0, seed=seed).seed == seed
