"""Scores are right where they are small, in float32 and in bfloat16.

The truth is a loop of hooked passes of the stock model in float64.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor
from transformer_lens import HookedTransformer

from attention_surgery.analyses import importance, infer
from attention_surgery.engine.metrics import kl_divergence
from attention_surgery.engine.model import Model, load_model
from tests.engine.test_model import PROMPT

Stock = Callable[[Model], HookedTransformer]
PROMPTS = (PROMPT, "The Eiffel Tower is located in", "one two three four five six one two three")
each_prompt = pytest.mark.parametrize(
    "prompt", [PROMPT, *(pytest.param(each, marks=pytest.mark.long) for each in PROMPTS[1:])]
)


def in_double(model: HookedTransformer) -> HookedTransformer:
    wide = torch.nn.Module.double(copy.deepcopy(model))
    wide.cfg.dtype = torch.float64
    return wide


@pytest.fixture(scope="module")
def exact(bundled: Model, stock: Stock) -> HookedTransformer:
    return in_double(stock(bundled))


@torch.inference_mode()
def exact_kl(stock: HookedTransformer, ids: list[int], heads: list[int]) -> Tensor:
    """KL [layer, head, position]: each row of a batch has one head's pattern set to zero."""
    control = stock(torch.tensor([ids])).log_softmax(-1)
    assert control.dtype == torch.float64
    batch = torch.tensor([ids]).expand(len(heads), -1)

    def cut(pattern: Tensor, hook: object) -> Tensor:
        pattern = pattern.clone()
        for row, head in enumerate(heads):
            pattern[row, head] = 0
        return pattern

    found = []
    for layer in range(stock.cfg.n_layers):
        name = f"blocks.{layer}.attn.hook_pattern"
        ablated = stock.run_with_hooks(batch, fwd_hooks=[(name, cut)]).log_softmax(-1)
        found.append((control.exp() * (control - ablated)).sum(-1))
    return torch.stack(found)


def relative_errors(found: Tensor, exact: Tensor) -> Tensor:
    """Of the divergences above 1e-7 nats."""
    counts = exact > 1e-7
    assert counts.any()
    return ((found - exact).abs() / exact)[counts]


@each_prompt
def test_kl_is_within_a_thousandth_of_double_precision_however_small(
    bundled: Model, exact: HookedTransformer, prompt: str
) -> None:
    kl = exact_kl(exact, bundled.tokenize(prompt), list(range(12)))
    for positions, expected in (("last", kl[..., -1]), ("all", kl.mean(-1))):
        found = importance(bundled, prompt, "ablation", positions=positions).scores  # type: ignore[arg-type]
        assert relative_errors(torch.tensor(found).double(), expected).max() < 1e-3


def test_kl_on_gpt2_shapes_is_within_a_thousandth_of_double_precision(
    any_model: Model, stock: Stock
) -> None:
    heads = [0, any_model.n_heads - 1]
    ids = any_model.tokenize("When Mary and John")
    kl = exact_kl(in_double(stock(any_model)), ids, heads)
    found = importance(any_model, "When Mary and John", "ablation").scores
    of_heads = torch.tensor(found).double()[:, heads]
    assert relative_errors(of_heads, kl.mean(-1)).max() < 1e-3


@each_prompt
def test_kl_of_an_inference_is_within_a_thousandth_of_double_precision(
    bundled: Model, exact: HookedTransformer, prompt: str
) -> None:
    """After the prompt, at each of its tokens, and of each token generated behind it."""
    whole = infer(bundled, prompt, max_new_tokens=3)
    ids = [t.id for t in whole.prompt_tokens] + [t.id for t in whole.control.tokens]
    truth = exact_kl(exact, ids, [8])[:, 0]
    for layer in (0, 5, 8, 11):
        found = infer(bundled, prompt, [(layer, 8)], max_new_tokens=3)
        kl = torch.tensor([token.kl for token in found.metrics.per_token]).double()
        assert relative_errors(kl, truth[layer, :-1]).max() < 1e-3
        assert found.next_token.kl == found.metrics.per_token[-3].kl


def test_inference_and_importance_measure_the_same_kl(bundled: Model) -> None:
    scores = importance(bundled, PROMPT, "ablation", positions="last").scores
    for layer, head in ((8, 8), (6, 6), (3, 1), (11, 4)):
        pair = infer(bundled, PROMPT, [(layer, head)], max_new_tokens=0)
        assert pair.next_token.kl == pytest.approx(scores[layer][head], rel=1e-3)


def test_kl_of_nearly_equal_logits_is_not_lost() -> None:
    generator = torch.Generator().manual_seed(0)
    p = torch.randn(5, 4096, generator=generator) * 3
    q = p + 3e-4 * torch.randn(5, 4096, generator=generator)
    log_p, log_q = (logits.double().log_softmax(-1) for logits in (p, q))
    exact = (log_p.exp() * (log_p - log_q)).sum(-1)
    assert ((exact > 1e-9) & (exact < 1e-7)).all()
    torch.testing.assert_close(kl_divergence(p, q).double(), exact, rtol=5e-3, atol=0)


def test_kl_of_distributions_far_apart_is_a_number() -> None:
    p, q = torch.tensor([0.0, -200.0, -1.0]), torch.tensor([0.0, 200.0, -1.0])
    log_p, log_q = (logits.double().log_softmax(-1) for logits in (p, q))
    exact = (log_p.exp() * (log_p - log_q)).sum()
    assert kl_divergence(p, q).item() == pytest.approx(exact.item(), rel=1e-5)


def test_a_sweep_over_heads_that_decide_everything_is_finite(directories: dict[str, Path]) -> None:
    """Logits that move by hundreds: beyond what float32's exponential holds."""
    model = load_model(directories["tiny"], device="cpu", name="loud")
    with torch.no_grad():
        model.hooked.ln_final.w *= 3000
    ids = model.tokenize(PROMPT)
    kl = exact_kl(in_double(model.hooked), ids, list(range(model.n_heads))).mean(-1)
    assert kl.max() > 100
    found = torch.tensor(importance(model, PROMPT, "ablation").scores).double()
    assert relative_errors(found, kl).max() < 1e-3


def test_bfloat16_keeps_the_order_of_the_heads(bundled: Model) -> None:
    half = load_model(bundled.name, device="cpu", precision="bfloat16")
    for prompt in PROMPTS[:2]:
        exact, rough = (
            torch.tensor(importance(m, prompt, "ablation").scores).flatten()
            for m in (bundled, half)
        )
        ranks = torch.stack([x.argsort().argsort().double() for x in (exact, rough)])
        assert torch.corrcoef(ranks)[0, 1] > 0.95
