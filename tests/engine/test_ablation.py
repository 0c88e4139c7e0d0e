"""Each ablation is what its definition says, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from attention_surgery.engine.ablation import (
    ABLATION_METHODS,
    AblationMethod,
    HeadAblation,
    surgery,
    surgery_warnings,
    uniform_pattern,
)
from torch import Tensor
from transformer_lens import HookedTransformer

from attention_surgery.engine.model import Model
from attention_surgery.errors import DuplicateHead, UnknownHead
from tests.engine.test_model import PROMPT, logits_of

MIX = [
    HeadAblation(0, 1, "mean"),
    HeadAblation(1, 0, "previous"),
    HeadAblation(1, 1, "previous"),
    HeadAblation(1, 2, "zero"),
    HeadAblation(2, 1, "previous"),
    HeadAblation(2, 2, "mean"),
    HeadAblation(2, 3, "previous"),
]


def independent_logits(
    model: HookedTransformer, ids: list[int], cuts: list[HeadAblation]
) -> Tensor:
    """The definitions, written as plain hooks on a stock model that is not ours."""
    computed: dict[int, Tensor] = {}

    def hook(pattern: Tensor, hook: object) -> Tensor:
        layer = int(hook.name.split(".")[1])  # type: ignore[attr-defined]
        computed[layer] = pattern.clone()
        n = pattern.shape[-1]
        for cut in (c for c in cuts if c.layer == layer):
            if cut.method == "zero":
                pattern[:, cut.head] = 0
            elif cut.method == "mean":
                pattern[:, cut.head] = torch.ones(n, n).tril() / torch.arange(1, n + 1)[:, None]
            elif layer > 0:
                pattern[:, cut.head] = computed[layer - 1][:, cut.head]
        return pattern

    hooks = [(lambda name: name.endswith("hook_pattern"), hook)]
    with torch.inference_mode():
        return model.run_with_hooks(torch.tensor([ids]), fwd_hooks=hooks)


@pytest.mark.parametrize("method", ABLATION_METHODS)
def test_each_method_equals_an_independent_hook(
    any_model: Model, stock: Callable[[Model], HookedTransformer], method: AblationMethod
) -> None:
    ids = any_model.tokenize(PROMPT)
    cuts = [HeadAblation(layer, layer % any_model.n_heads, method) for layer in range(3)]
    expected = independent_logits(stock(any_model), ids, cuts)
    with surgery(any_model.hooked, cuts), torch.inference_mode():
        torch.testing.assert_close(logits_of(any_model, ids), expected, atol=2e-4, rtol=0)
        through_hooks = any_model.hooked(torch.tensor([ids]))
        torch.testing.assert_close(through_hooks, expected, atol=2e-4, rtol=0)


def test_a_mix_of_methods_in_adjacent_layers_follows_the_definition(
    any_model: Model, stock: Callable[[Model], HookedTransformer]
) -> None:
    ids = any_model.tokenize(PROMPT)
    with surgery(any_model.hooked, MIX):
        found = logits_of(any_model, ids)
    torch.testing.assert_close(
        found, independent_logits(stock(any_model), ids, MIX), atol=2e-4, rtol=0
    )


def test_an_empty_surgery_changes_no_logit(any_model: Model) -> None:
    ids = any_model.tokenize(PROMPT)
    with surgery(any_model.hooked, []):
        assert torch.equal(logits_of(any_model, ids), logits_of(any_model, ids))


def test_zeroing_a_whole_layer_leaves_the_bias_alone(any_model: Model) -> None:
    ids = torch.tensor([any_model.tokenize(PROMPT)])
    layer = 1
    cuts = [HeadAblation(layer, head) for head in range(any_model.n_heads)]
    with surgery(any_model.hooked, cuts), torch.inference_mode():
        _, cache = any_model.hooked.run_with_cache(ids)
    written = cache["resid_mid", layer] - cache["resid_pre", layer]
    bias = any_model.hooked.blocks[layer].attn.b_O.expand_as(written)
    torch.testing.assert_close(written, bias, atol=1e-5, rtol=0)


def test_mean_never_looks_at_the_future(tiny: Model) -> None:
    ids = tiny.tokenize(PROMPT)
    changed = [*ids[:-1], (ids[-1] + 1) % tiny.d_vocab]
    cuts = [HeadAblation(layer, head, "mean") for layer in range(3) for head in range(4)]
    with surgery(tiny.hooked, cuts):
        before, after = logits_of(tiny, ids), logits_of(tiny, changed)
    assert torch.equal(before[:, :-1], after[:, :-1])
    assert not torch.allclose(before[:, -1], after[:, -1])


def test_mean_never_looks_at_padding(tiny: Model) -> None:
    tiny.hooked.tokenizer.padding_side = "left"
    try:
        prompts = [PROMPT, "Mary and John"]
        cuts = [HeadAblation(1, 2, "mean"), HeadAblation(2, 0, "mean")]
        with surgery(tiny.hooked, cuts), torch.inference_mode():
            together = tiny.hooked(prompts)[:, -1]
            alone = torch.stack([tiny.hooked(p)[0, -1] for p in prompts])
    finally:
        tiny.hooked.tokenizer.padding_side = "right"
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=0)


def test_a_query_that_sees_nothing_attends_to_nothing() -> None:
    visible = torch.tensor([[False, False], [True, True]])
    expected = torch.tensor([[0.0, 0.0], [0.5, 0.5]])
    assert torch.equal(uniform_pattern(visible), expected)


def test_previous_at_layer_0_changes_nothing_and_warns(any_model: Model) -> None:
    ids = any_model.tokenize(PROMPT)
    cuts = [HeadAblation(0, 1, "previous")]
    with surgery(any_model.hooked, cuts):
        found = logits_of(any_model, ids)
    torch.testing.assert_close(found, logits_of(any_model, ids), atol=1e-4, rtol=0)
    assert surgery_warnings(cuts) == [
        "L0H1 is unchanged: layer 0 has no previous layer whose pattern it could take."
    ]


def test_rows_restrict_the_surgery(tiny: Model) -> None:
    tokens = torch.tensor([tiny.tokenize(PROMPT)] * 2)
    with torch.inference_mode():
        with surgery(tiny.hooked, MIX, rows=slice(1, None)):
            both = tiny.hooked(tokens)
        with surgery(tiny.hooked, MIX):
            ablated = tiny.hooked(tokens[:1])
        torch.testing.assert_close(both[:1], tiny.hooked(tokens[:1]), atol=1e-5, rtol=0)
        torch.testing.assert_close(both[1:], ablated, atol=1e-5, rtol=0)


def test_gradients_flow_through_a_surgery(tiny: Model) -> None:
    scale = torch.ones(1, requires_grad=True)
    embedded = tiny.hooked.embed(torch.tensor([tiny.tokenize(PROMPT)])) * scale
    with surgery(tiny.hooked, MIX):
        tiny.hooked(embedded, start_at_layer=0).square().mean().backward()
    assert scale.grad is not None
    assert scale.grad.isfinite().all()


def test_no_hook_survives_an_exception(tiny: Model) -> None:
    def raise_in_surgery() -> None:
        with surgery(tiny.hooked, MIX):
            raise RuntimeError("inside")

    with pytest.raises(RuntimeError, match="inside"):
        raise_in_surgery()
    assert not any(point.has_hooks() for point in tiny.hooked.hook_points())


def test_hooks_that_were_there_before_stay(tiny: Model) -> None:
    seen: list[int] = []
    point = tiny.hooked.blocks[1].attn.hook_pattern
    point.add_hook(lambda pattern, hook: seen.append(len(pattern)))  # noqa: ARG005
    try:
        with surgery(tiny.hooked, MIX):
            logits_of(tiny, [0, 1])
        logits_of(tiny, [0, 1])
        assert seen == [1, 1]
    finally:
        tiny.hooked.reset_hooks()


@pytest.mark.parametrize(
    ("cuts", "error", "sentence"),
    [
        (
            [HeadAblation(3, 0)],
            UnknownHead,
            "no head L3H0: this model has layers 0–2 and heads 0–3",
        ),
        ([HeadAblation(0, -1)], UnknownHead, "no head L0H-1"),
        ([HeadAblation(1, 1), HeadAblation(1, 1, "mean")], DuplicateHead, "L1H1 is listed twice"),
    ],
)
def test_what_cannot_be_cut_is_refused(
    tiny: Model, cuts: list[HeadAblation], error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence), surgery(tiny.hooked, cuts):
        pass


def test_a_head_is_written_as_the_field_writes_it() -> None:
    assert str(HeadAblation(9, 6, "mean")) == "L9H6 mean"
