"""A surgery does what is asked, refuses what cannot be done, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from transformer_lens import HookedTransformer

from attention_surgery.analyses import (
    InferRequest,
    VerifyRequest,
    attention,
    importance,
    infer,
    logit_lens,
)
from attention_surgery.analyses.registry import analyses
from attention_surgery.engine.model import Model
from attention_surgery.engine.preparation import surgery
from attention_surgery.errors import DuplicateHead, InvalidPrompt, InvalidSetting, UnknownHead
from attention_surgery.interventions import Intervention, Zero, ablation, parse
from tests.engine.naive import naive_logits
from tests.engine.test_model import PROMPT, logits_of

MIX = [
    ablation(0, 1, "mean"),
    ablation(1, 0, "previous"),
    ablation(1, 1, "previous"),
    ablation(1, 2, "zero"),
    ablation(2, 1, "previous"),
    ablation(2, 2, "mean"),
    ablation(2, 3, "previous"),
]


def test_a_mix_of_methods_in_adjacent_layers_follows_the_definition(
    any_model: Model, stock: Callable[[Model], HookedTransformer]
) -> None:
    ids = any_model.tokenize(PROMPT)
    with surgery(any_model, MIX):
        found = logits_of(any_model, ids)[0]
    expected = naive_logits(stock(any_model), ids, MIX)
    torch.testing.assert_close(found, expected, atol=2e-4, rtol=0)


def test_an_empty_surgery_changes_no_logit(any_model: Model) -> None:
    ids = any_model.tokenize(PROMPT)
    outside = logits_of(any_model, ids)
    with surgery(any_model, []):
        inside = logits_of(any_model, ids)
    with surgery(any_model, ["L0H1"]):
        cut = logits_of(any_model, ids)
    assert torch.equal(inside, outside)
    assert not torch.equal(cut, outside)


def test_zeroing_a_whole_layer_leaves_the_bias_alone(any_model: Model) -> None:
    ids = torch.tensor([any_model.tokenize(PROMPT)])
    layer = 1
    cuts = [Zero(layer=layer, head=head) for head in range(any_model.n_heads)]
    with surgery(any_model, cuts), torch.inference_mode():
        _, cache = any_model.hooked.run_with_cache(ids)
    written = cache["resid_mid", layer] - cache["resid_pre", layer]
    bias = any_model.hooked.blocks[layer].attn.b_O.expand_as(written)
    torch.testing.assert_close(written, bias, atol=1e-5, rtol=0)


def test_mean_never_looks_at_the_future(tiny: Model) -> None:
    ids = tiny.tokenize(PROMPT)
    changed = [*ids[:-1], (ids[-1] + 1) % tiny.d_vocab]
    cuts = [ablation(layer, head, "mean") for layer in range(3) for head in range(4)]
    with surgery(tiny, cuts):
        before, after = logits_of(tiny, ids), logits_of(tiny, changed)
    assert torch.equal(before[:, :-1], after[:, :-1])
    assert not torch.allclose(before[:, -1], after[:, -1])


def test_previous_at_layer_0_changes_nothing_and_warns(any_model: Model) -> None:
    cut = parse("L0H1p")
    result = infer(any_model, PROMPT, [cut], max_new_tokens=0)
    assert result.next_token.kl == pytest.approx(0, abs=1e-8)
    assert result.warnings == [
        "L0H1 is unchanged: layer 0 has no previous layer whose pattern it could take."
    ]


def test_gradients_flow_through_a_surgery(tiny: Model) -> None:
    scale = torch.ones(1, requires_grad=True)
    embedded = tiny.hooked.embed(torch.tensor([tiny.tokenize(PROMPT)])) * scale
    with surgery(tiny, MIX):
        tiny.hooked(embedded, start_at_layer=0).square().mean().backward()
    assert scale.grad is not None
    assert scale.grad.isfinite().all()


def n_hooks(model: Model) -> int:
    return sum(len(point._forward_hooks) for point in model.hooked.hook_points())


def test_no_hook_survives_an_exception(tiny: Model) -> None:
    def raise_in_surgery() -> None:
        with surgery(tiny, MIX):
            assert n_hooks(tiny) > 0
            raise RuntimeError("inside")

    with pytest.raises(RuntimeError, match="inside"):
        raise_in_surgery()
    assert n_hooks(tiny) == 0


# `verify` is made of the others, and nothing is published of this model.
ALONE = [analysis for analysis in analyses() if analysis is not VerifyRequest]


@pytest.mark.parametrize("analysis", ALONE, ids=lambda analysis: analysis.name)
def test_no_hook_is_there_at_any_pause_and_none_survives_a_cancellation(
    tiny: Model, analysis: type[InferRequest]
) -> None:
    fields = dict(analysis.example)
    if analysis.model_fields["prompt"].is_required():
        fields |= {"prompt": PROMPT}
    # Its example may name what only a larger model has.
    every_model = {"layer": None, "head": None, "heads": ["L0H0", "L1H3", "L2H0"]}
    fields |= {name: smaller for name, smaller in every_model.items() if name in fields}
    if "ablations" in analysis.model_fields:
        fields |= {"ablations": MIX}
    pauses = sum(1 for _ in analysis.ask(**fields).steps(tiny))
    assert pauses > 0
    for stop_after in range(pauses):
        steps = analysis.ask(**fields).steps(tiny)
        for _ in range(stop_after + 1):
            next(steps)
            assert n_hooks(tiny) == 0
            assert not torch.is_inference_mode_enabled()
        steps.close()
        assert n_hooks(tiny) == 0


def test_hooks_that_were_there_before_stay_and_are_seen(tiny: Model) -> None:
    seen: list[int] = []
    point = tiny.hooked.blocks[1].attn.hook_pattern
    point.add_hook(lambda pattern, hook: seen.append(len(pattern)))  # noqa: ARG005
    try:
        with surgery(tiny, MIX):
            logits_of(tiny, [0, 1])
        logits_of(tiny, [0, 1])
        assert seen == [1, 1]
        infer(tiny, PROMPT, MIX, max_new_tokens=0)
        assert seen[2:] == [2]
    finally:
        tiny.hooked.reset_hooks()


def test_reset_hooks_takes_no_surgery_away(tiny: Model) -> None:
    ids = tiny.tokenize(PROMPT)
    with surgery(tiny, MIX):
        expected = logits_of(tiny, ids)
        tiny.hooked.reset_hooks()
        assert torch.equal(logits_of(tiny, ids), expected)
    assert n_hooks(tiny) == 0


def test_surgeries_nest(tiny: Model, stock: Callable[[Model], HookedTransformer]) -> None:
    ids = tiny.tokenize(PROMPT)
    with surgery(tiny, ["L1H1"]):
        with surgery(tiny, ["L2H0m"]):
            both = logits_of(tiny, ids)[0]
        one = logits_of(tiny, ids)[0]
    for found, cuts in ((both, ["L1H1", "L2H0m"]), (one, ["L1H1"])):
        expected = naive_logits(stock(tiny), ids, [parse(cut) for cut in cuts])
        torch.testing.assert_close(found, expected, atol=2e-4, rtol=0)


@pytest.mark.parametrize(
    ("cuts", "error", "sentence"),
    [
        (["L3H0"], UnknownHead, "no head L3H0: this model has layers 0–2 and heads 0–3"),
        ([(0, -1)], InvalidSetting, "head: the value should be greater than or equal to 0"),
        (["M3"], UnknownHead, "no MLP M3: this model has layers 0–2"),
        (["L1H1", "L1H1m"], DuplicateHead, "L1H1 is listed twice"),
        (["M1", Zero(layer=1)], DuplicateHead, "M1 is listed twice"),
        (["M1m"], InvalidSetting, "mean works on a head: name one, e.g. L1H0"),
        (["L1H1@-1"], InvalidSetting, "say how many tokens the prompt has"),
        (
            [(1, 1, "median")],
            InvalidSetting,
            "'median' is no ablation method: use zero",
        ),
        (["L1"], InvalidSetting, "'L1' names no head: write L9H6"),
        (["L1H1*3"], InvalidSetting, "strength"),
    ],
)
def test_what_cannot_be_cut_is_refused(
    tiny: Model, cuts: list[object], error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence), surgery(tiny, cuts):
        pass


@pytest.mark.parametrize(
    ("cut", "error", "sentence"),
    [
        (ablation(1, 1, "resample", source="Short"), InvalidSetting, "tokens and this one 15"),
        (ablation(1, 1, positions=(64,)), InvalidSetting, "cannot be cut at position 64"),
        (ablation(1, 1, positions=(-16,)), InvalidSetting, "cannot be cut at position -16"),
        (ablation(1, 1, "resample", source="\ud800"), InvalidPrompt, "lone surrogate"),
    ],
)
def test_what_does_not_fit_the_prompt_is_refused(
    tiny: Model, cut: Intervention, error: type[Exception], sentence: str
) -> None:
    for ask in (infer, logit_lens):
        with pytest.raises(error, match=sentence):
            ask(tiny, PROMPT, [cut])
    with pytest.raises(error, match=sentence):
        attention(tiny, PROMPT, 1, 1, [cut])


def test_importance_leaves_nothing(tiny: Model) -> None:
    importance(tiny, PROMPT, "gradient")
    assert n_hooks(tiny) == 0
