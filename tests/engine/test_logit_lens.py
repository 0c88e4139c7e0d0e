"""The lens reads what the model would say, and at the end what it does say."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from attention_surgery.engine.ablation import HeadAblation
from transformer_lens import HookedTransformer

from attention_surgery.engine.logit_lens import LensRun, logit_lens, logit_lens_steps
from attention_surgery.engine.model import Model
from attention_surgery.errors import InvalidPrompt, InvalidSetting
from tests.engine.test_ablation import MIX, independent_logits
from tests.engine.test_model import PROMPT

Stock = Callable[[Model], HookedTransformer]


def test_the_last_layer_is_the_models_own_output(any_model: Model, stock: Stock) -> None:
    ids = any_model.tokenize(PROMPT)
    lens = logit_lens(any_model, PROMPT, MIX, top_k=3)
    for run, cuts in ((lens.control, []), (lens.ablated, MIX)):
        expected = independent_logits(stock(any_model), ids, cuts)[0].softmax(-1)
        top = expected.topk(3).values
        torch.testing.assert_close(torch.tensor(run.top_probs[-1]), top, atol=1e-4, rtol=1e-3)
        assert run.kl_to_final[-1] == pytest.approx([0.0] * len(ids), abs=1e-5)


def test_every_layer_equals_the_notebook_recipe(any_model: Model, stock: Stock) -> None:
    ids = any_model.tokenize(PROMPT)
    model = stock(any_model)
    with torch.inference_mode():
        _, cache = model.run_with_cache(torch.tensor([ids]))
        stack = cache.accumulated_resid(layer=-1, incl_mid=False)
        streams = [*stack, cache["resid_post", any_model.n_layers - 1]][: any_model.n_layers + 1]
        logprobs = torch.stack(
            [model.unembed(model.ln_final(resid))[0].log_softmax(-1) for resid in streams]
        )
    lens = logit_lens(any_model, PROMPT, top_k=4)
    run = lens.control
    targets = torch.tensor(lens.targets)
    assert lens.targets == [*ids[1:], int(logprobs[-1, -1].argmax())]
    found = torch.tensor(run.target_prob)
    of_target = logprobs.gather(-1, targets.expand(len(logprobs), -1)[..., None])
    torch.testing.assert_close(found, of_target[..., 0].exp(), atol=1e-4, rtol=1e-2)
    torch.testing.assert_close(
        torch.tensor(run.top_probs), logprobs.topk(4).values.exp(), atol=1e-4, rtol=1e-2
    )
    entropy = -(logprobs.exp() * logprobs).sum(-1)
    torch.testing.assert_close(torch.tensor(run.entropy), entropy, atol=1e-3, rtol=1e-3)
    kl = (logprobs[-1].exp() * (logprobs[-1] - logprobs)).sum(-1)
    torch.testing.assert_close(torch.tensor(run.kl_to_final), kl, atol=1e-3, rtol=1e-3)
    tracked = torch.tensor(lens.tracked).expand(len(logprobs), -1, -1)
    torch.testing.assert_close(
        torch.tensor(run.tracked_probs), logprobs.gather(-1, tracked).exp(), atol=1e-4, rtol=1e-2
    )


def shape(run: LensRun) -> list[tuple[int, ...]]:
    fields = (run.top_ids, run.top_probs, run.target_rank, run.entropy, run.tracked_probs)
    return [tuple(torch.tensor(field).shape) for field in fields]


def test_shapes_are_layer_position_and_count(bundled: Model) -> None:
    lens = logit_lens(bundled, PROMPT, MIX, positions=[-1, 3], top_k=2)
    n = len(lens.prompt_tokens)
    assert lens.positions == [n - 1, 3]
    assert lens.layers == ["embed", *(f"L{i}" for i in range(12))]
    width = len(lens.tracked[0])
    expected = [(13, 2, 2), (13, 2, 2), (13, 2), (13, 2), (13, 2, width)]
    assert shape(lens.control) == shape(lens.ablated) == expected
    shown = {i for layer in lens.ablated.top_ids for place in layer for i in place}
    assert shown <= set(lens.token_texts)


def test_runs_agree_below_the_first_cut(bundled: Model) -> None:
    lens = logit_lens(bundled, PROMPT, [HeadAblation(6, 3)])
    for layer in range(7):
        assert lens.control.entropy[layer] == pytest.approx(lens.ablated.entropy[layer], abs=1e-4)
    assert lens.control.entropy[7] != pytest.approx(lens.ablated.entropy[7], abs=1e-6)


def test_both_runs_final_answers_are_tracked_at_every_position(bundled: Model) -> None:
    cuts = [HeadAblation(0, 10), HeadAblation(7, 9), HeadAblation(9, 9)]
    lens = logit_lens(bundled, PROMPT, cuts)
    for run in (lens.control, lens.ablated):
        for tracked, top in zip(lens.tracked, run.top_ids[-1], strict=True):
            assert top[0] in tracked


def test_without_surgery_both_runs_are_one(bundled: Model) -> None:
    lens = logit_lens(bundled, PROMPT)
    assert lens.control == lens.ablated


def test_a_continuation_is_read_after_the_prompt(bundled: Model) -> None:
    ids = bundled.tokenize(PROMPT)
    lens = logit_lens(bundled, PROMPT, continuation=[5, 6], positions=[-1])
    assert [token.id for token in lens.prompt_tokens] == [*ids, 5, 6]


def test_a_target_can_be_named(bundled: Model) -> None:
    (paris,) = bundled.tokenize(" Paris", prepend_bos=False)
    lens = logit_lens(bundled, "The Eiffel Tower is located in", positions=[-1], target=paris)
    assert lens.targets == [paris]
    assert lens.control.target_rank[-1] == [0]
    assert lens.control.target_prob[-1][0] > 0.5


def test_steps_count_the_layers_read(bundled: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    together = list(logit_lens_steps(bundled, PROMPT, MIX, positions=[-1]))
    assert together == [13]
    whole = logit_lens(bundled, PROMPT, MIX)
    monkeypatch.setattr("attention_surgery.engine.logit_lens.READOUT_ROWS", 4)
    assert list(logit_lens_steps(bundled, PROMPT, MIX)) == list(range(1, 14))
    sliced = logit_lens(bundled, PROMPT, MIX)
    assert sliced.targets == whole.targets
    for run, expected in ((sliced.control, whole.control), (sliced.ablated, whole.ablated)):
        torch.testing.assert_close(
            torch.tensor(run.kl_to_final), torch.tensor(expected.kl_to_final), atol=1e-4, rtol=1e-3
        )


def test_what_does_not_exist_is_refused(bundled: Model) -> None:
    with pytest.raises(InvalidSetting, match="no position 99"):
        logit_lens(bundled, PROMPT, positions=[99])
    with pytest.raises(InvalidSetting, match="positions is empty"):
        logit_lens(bundled, PROMPT, positions=[])
    with pytest.raises(InvalidSetting, match="target token 5000"):
        logit_lens(bundled, PROMPT, target=5000)
    with pytest.raises(InvalidPrompt, match="token id 9999"):
        logit_lens(bundled, PROMPT, continuation=[9999])
    with pytest.raises(InvalidSetting, match="top_k is 0"):
        logit_lens(bundled, PROMPT, top_k=0)
