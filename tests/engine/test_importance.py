"""Scores equal their definitions, computed the slow way on a stock model."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from transformer_lens import HookedTransformer

from attention_surgery.analyses.head_scores import (
    HeadScores,
    ImportanceMethod,
    Positions,
    SweepProgress,
)
from attention_surgery.analyses.importance import ImportanceRequest, importance
from attention_surgery.engine import divergence, gradients, shape
from attention_surgery.engine.model import Model
from attention_surgery.errors import InvalidPrompt, InvalidSetting
from attention_surgery.interventions import ablation
from tests.engine.naive import naive_logits
from tests.engine.test_model import PROMPT

Stock = Callable[[Model], HookedTransformer]


def hooked_passes(
    model: Model, stock: HookedTransformer, prompt: str, method: str, heads: list[int]
) -> Tensor:
    """KL [layer, head, position] from one hooked pass per head."""
    ids = model.tokenize(prompt)
    control = naive_logits(stock, ids, []).double().log_softmax(-1)

    def kl(layer: int, head: int) -> Tensor:
        ablated = naive_logits(stock, ids, [ablation(layer, head, method)])
        log_q = ablated.double().log_softmax(-1)
        return (control.exp() * (control - log_q)).sum(-1)

    return torch.stack(
        [torch.stack([kl(layer, head) for head in heads]) for layer in range(model.n_layers)]
    )


@pytest.mark.parametrize("method", ["zero", "mean", "previous"])
@pytest.mark.parametrize("model", ["tiny", pytest.param("bundled", marks=pytest.mark.long)])
def test_kl_sweep_equals_one_hooked_pass_per_head(
    request: pytest.FixtureRequest, stock: Stock, model: str, method: str
) -> None:
    swept: Model = request.getfixturevalue(model)
    expected = hooked_passes(swept, stock(swept), PROMPT, method, list(range(swept.n_heads)))
    choices: tuple[tuple[Positions, Tensor], ...] = (
        ("all", expected.mean(-1)),
        ("last", expected[..., -1]),
    )
    for positions, kl in choices:
        found = importance(swept, PROMPT, "ablation", ablation_method=method, positions=positions)
        torch.testing.assert_close(torch.tensor(found.scores).double(), kl, atol=3e-5, rtol=1e-3)


@pytest.mark.parametrize("prompt", ["", "Mary", "word " * 40])
def test_kl_sweep_holds_for_short_and_long_prompts(tiny: Model, stock: Stock, prompt: str) -> None:
    expected = hooked_passes(tiny, stock(tiny), prompt, "zero", [0, 1, 2, 3]).mean(-1)
    found = importance(tiny, prompt, "ablation")
    torch.testing.assert_close(torch.tensor(found.scores).double(), expected, atol=3e-5, rtol=1e-3)


def test_kl_sweep_is_the_same_in_small_slices(
    bundled: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = importance(bundled, PROMPT, "ablation").scores
    for module, name, size in (
        (shape, "SLICE_TOKENS", 32),
        (divergence, "LOGIT_ROWS", 16),
        (divergence, "LOGIT_COLUMNS", 1000),
    ):
        monkeypatch.setattr(module, name, size)
    sliced = importance(bundled, PROMPT, "ablation").scores
    torch.testing.assert_close(torch.tensor(sliced), torch.tensor(whole), atol=1e-5, rtol=1e-3)


def test_kl_sweep_on_gpt2_shapes_equals_hooked_passes(any_model: Model, stock: Stock) -> None:
    heads = [0, any_model.n_heads - 1]
    expected = hooked_passes(any_model, stock(any_model), PROMPT, "mean", heads).mean(-1)
    found = torch.tensor(importance(any_model, PROMPT, "ablation", ablation_method="mean").scores)
    torch.testing.assert_close(found[:, heads].double(), expected, atol=3e-5, rtol=1e-3)


def stock_gradients(stock: HookedTransformer, ids: list[int]) -> tuple[list[Tensor], list[Tensor]]:
    patterns: list[Tensor] = []

    def keep(pattern: Tensor, hook: object) -> None:
        pattern.retain_grad()
        patterns.append(pattern)

    with stock.hooks(fwd_hooks=[(lambda name: name.endswith("hook_pattern"), keep)]):
        stock(torch.tensor([ids]), return_type="loss").backward()
    stock.zero_grad()
    return patterns, [p.grad for p in patterns if p.grad is not None]


def test_gradient_and_attribution_equal_autograd_on_a_stock_model(
    any_model: Model, stock: Stock
) -> None:
    patterns, slopes = stock_gradients(stock(any_model), any_model.tokenize(PROMPT))
    norms = torch.stack([g[0].tril().flatten(1).norm(dim=1) for g in slopes])
    products = torch.stack(
        [-(p * g)[0].sum((1, 2)).detach() for p, g in zip(patterns, slopes, strict=True)]
    )
    expectations: tuple[tuple[ImportanceMethod, Tensor], ...] = (
        ("gradient", norms),
        ("attribution", products),
    )
    for method, expected in expectations:
        found = torch.tensor(importance(any_model, PROMPT, method).scores)
        scale = expected.abs().max().item()
        torch.testing.assert_close(found, expected, atol=1e-4 * scale, rtol=1e-3)


@pytest.mark.parametrize("method", ["gradient", "attribution"])
def test_a_gradient_is_the_same_recorded_at_once_and_block_by_block(
    bundled: Model, method: ImportanceMethod, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = torch.tensor(importance(bundled, PROMPT, method).scores)
    monkeypatch.setattr(gradients, "RECORDED_POSITIONS", 0)
    block_by_block = torch.tensor(importance(bundled, PROMPT, method).scores)
    torch.testing.assert_close(block_by_block, at_once, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("method", ["gradient", "attribution"])
def test_a_gradient_pauses_between_any_two_blocks(bundled: Model, method: ImportanceMethod) -> None:
    assert (
        sum(1 for _ in ImportanceRequest.ask(prompt=PROMPT, method=method).steps(bundled))
        == 2 * bundled.n_layers
    )


def test_a_gradient_counts_only_what_a_head_may_attend_to(bundled: Model, stock: Stock) -> None:
    """One token in front: the first query sees itself alone, the future counts for nothing."""
    _, slopes = stock_gradients(stock(bundled), bundled.tokenize(PROMPT))
    found = importance(bundled, PROMPT, "gradient").scores
    for layer, slope in enumerate(slopes):
        may = torch.ones_like(slope[0, 0]).tril().bool()
        for head in range(bundled.n_heads):
            assert found[layer][head] == pytest.approx(slope[0, head][may].norm().item(), rel=1e-3)
        assert slope[0, :, ~may].abs().max() > 0


def test_attribution_predicts_the_sign_of_the_loss_change_where_it_matters(
    bundled: Model,
) -> None:
    result = importance(bundled, PROMPT, "attribution")
    changes = importance(bundled, PROMPT, "ablation", metric="loss")
    agree = sum(h.score * result.scores[h.layer][h.head] > 0 for h in changes.ranking[:20])
    assert agree >= 14


def test_l2_equals_the_norm_of_hook_result(any_model: Model, stock: Stock) -> None:
    model = stock(any_model)
    model.set_use_attn_result(True)
    try:
        with torch.inference_mode():
            _, cache = model.run_with_cache(
                torch.tensor([any_model.tokenize(PROMPT)]),
                names_filter=lambda name: name.endswith("hook_result"),
            )
    finally:
        model.set_use_attn_result(False)
    expected = torch.stack(
        [cache["result", layer][0].norm(dim=-1).mean(0) for layer in range(any_model.n_layers)]
    )
    found = torch.tensor(importance(any_model, PROMPT, "l2").scores)
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)


def test_ranking_orders_all_heads_by_absolute_score(bundled: Model) -> None:
    result = importance(bundled, PROMPT, "attribution")
    sizes = [abs(head.score) for head in result.ranking]
    assert sizes == sorted(sizes, reverse=True)
    assert len({(head.layer, head.head) for head in result.ranking}) == 144
    assert all(result.scores[h.layer][h.head] == h.score for h in result.ranking)


@pytest.mark.parametrize("method", ["gradient", "attribution", "l2", "ablation"])
def test_progress_ends_with_every_layer(bundled: Model, method: ImportanceMethod) -> None:
    steps = ImportanceRequest.ask(prompt=PROMPT, method=method).steps(bundled)
    seen: list[SweepProgress] = []
    try:
        while True:
            seen.append(next(steps))
            assert not any(point.has_hooks() for point in bundled.hooked.hook_points())
            assert not torch.is_inference_mode_enabled()
    except StopIteration as finished:
        result: HeadScores = finished.value
    assert [len(p.layers_done) for p in seen] == sorted(len(p.layers_done) for p in seen)
    for progress in seen:
        for layer in progress.layers_done:
            assert progress.scores[layer] == pytest.approx(result.scores[layer].tolist())
    assert len(seen[-1].layers_done) == 12
    assert all(math.isfinite(score) for row in result.scores for score in row)


def test_previous_cannot_touch_layer_0_and_says_so(bundled: Model) -> None:
    result = importance(bundled, PROMPT, "ablation", ablation_method="previous")
    assert not result.scores[0].any()
    assert result.warnings == [
        "Layer 0's heads are unchanged: layer 0 has no previous layer whose pattern it could take."
    ]


def test_what_a_method_cannot_honour_is_refused(bundled: Model) -> None:
    for method in ("gradient", "attribution", "l2"):
        with pytest.raises(InvalidSetting, match=r"ablates nothing.*use the method ablation"):
            importance(bundled, PROMPT, method, ablation_method="mean")
        with pytest.raises(InvalidSetting, match=r"leave .*out"):
            importance(bundled, PROMPT, method, positions="last")
    with pytest.raises(InvalidPrompt, match="needs a next token"):
        importance(bundled, "")
    assert importance(bundled, "", "ablation").scores.any()
