"""Attention patterns, in the control run and as the surgery leaves them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from transformer_lens import HookedTransformer

from attention_surgery.analyses import attention
from attention_surgery.engine.model import Model
from attention_surgery.errors import UnknownHead
from attention_surgery.interventions import ablation
from tests.engine.test_model import PROMPT
from tests.engine.test_surgery import MIX


def test_the_control_pattern_is_that_of_a_stock_model(
    any_model: Model, stock: Callable[[Model], HookedTransformer]
) -> None:
    with torch.inference_mode():
        _, cache = stock(any_model).run_with_cache(torch.tensor([any_model.tokenize(PROMPT)]))
    for layer in range(3):
        found = torch.tensor(attention(any_model, PROMPT, layer, 1, MIX).control)
        torch.testing.assert_close(found, cache["pattern", layer][0, 1], atol=1e-5, rtol=0)
        torch.testing.assert_close(found.sum(-1), torch.ones(len(found)), atol=1e-5, rtol=0)
        assert not found.triu(1).any()


def test_zero_and_mean_leave_their_patterns(bundled: Model) -> None:
    zero = attention(bundled, PROMPT, 1, 2, MIX)
    assert zero.method == "zero"
    assert not torch.tensor(zero.ablated).any()
    mean = torch.tensor(attention(bundled, PROMPT, 2, 2, MIX).ablated)
    torch.testing.assert_close(mean[3], torch.tensor([0.25] * 4 + [0.0] * (len(mean) - 4)))


def test_previous_takes_the_pattern_before_any_surgery_on_it(bundled: Model) -> None:
    # L1H1 is itself cut; L2H1 takes what L1H1 computed in the ablated run before that.
    before = attention(bundled, PROMPT, 1, 1, [cut for cut in MIX if cut.layer == 0]).ablated
    taken = attention(bundled, PROMPT, 2, 1, MIX).ablated
    torch.testing.assert_close(torch.tensor(taken), torch.tensor(before), atol=1e-5, rtol=0)


def test_an_uncut_head_shows_what_earlier_cuts_did_to_it(bundled: Model) -> None:
    patterns = attention(bundled, PROMPT, 8, 0, [ablation(0, 10)])
    assert patterns.method is None
    assert not torch.allclose(torch.tensor(patterns.control), torch.tensor(patterns.ablated))


def test_a_continuation_makes_the_pattern_longer(bundled: Model) -> None:
    n = len(bundled.tokenize(PROMPT))
    assert len(attention(bundled, PROMPT, 0, 0, continuation=[5, 6]).control) == n + 2


def test_an_unknown_head_is_refused(bundled: Model) -> None:
    with pytest.raises(UnknownHead, match="no head L12H0"):
        attention(bundled, PROMPT, 12, 0)
