"""The lens reads what the model would say, and at the end what it does say."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from transformer_lens import HookedTransformer

from attention_surgery.analyses.logit_lens import LensRun, logit_lens
from attention_surgery.engine.model import Model
from attention_surgery.errors import InvalidPrompt, InvalidSetting
from attention_surgery.interventions import ablation
from tests.engine.naive import naive_hooks, naive_logits
from tests.engine.test_model import PROMPT
from tests.engine.test_surgery import MIX

Stock = Callable[[Model], HookedTransformer]


def test_the_last_layer_is_the_models_own_output(any_model: Model, stock: Stock) -> None:
    ids = any_model.tokenize(PROMPT)
    lens = logit_lens(any_model, PROMPT, MIX, top_k=3)
    for run, cuts in ((lens.control, []), (lens.ablated, MIX)):
        expected = naive_logits(stock(any_model), ids, cuts).softmax(-1)
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
    shown = {int(i) for i in lens.ablated.top_ids.flatten()}
    assert shown <= set(lens.token_texts)


def test_runs_agree_below_the_first_cut(bundled: Model) -> None:
    lens = logit_lens(bundled, PROMPT, [ablation(6, 3)])
    for layer in range(7):
        assert lens.control.entropy[layer] == pytest.approx(lens.ablated.entropy[layer], abs=1e-4)
    assert lens.control.entropy[7] != pytest.approx(lens.ablated.entropy[7], abs=1e-6)


def test_both_runs_final_answers_are_tracked_at_every_position(bundled: Model) -> None:
    cuts = [ablation(0, 10), ablation(7, 9), ablation(9, 9)]
    lens = logit_lens(bundled, PROMPT, cuts)
    for run in (lens.control, lens.ablated):
        for tracked, top in zip(lens.tracked, run.top_ids[-1], strict=True):
            assert top[0] in tracked


def test_without_surgery_both_runs_are_one(bundled: Model) -> None:
    lens = logit_lens(bundled, PROMPT)
    np.testing.assert_array_equal(lens.control.kl_to_final, lens.ablated.kl_to_final)
    np.testing.assert_array_equal(lens.control.top_ids, lens.ablated.top_ids)


def test_a_continuation_is_read_after_the_prompt(bundled: Model) -> None:
    ids = bundled.tokenize(PROMPT)
    lens = logit_lens(bundled, PROMPT, continuation=[5, 6], positions=[-1])
    assert [token.id for token in lens.prompt_tokens] == [*ids, 5, 6]


def test_a_target_can_be_named(bundled: Model) -> None:
    (paris,) = bundled.tokenize(" Paris", prepend_bos=False)
    lens = logit_lens(bundled, "The Eiffel Tower is located in", positions=[-1], target=paris)
    assert lens.targets == [paris]
    assert lens.control.target_rank[-1].tolist() == [0]
    assert lens.control.target_prob[-1][0] > 0.5


def test_what_is_held_at_once_changes_no_number(
    bundled: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = logit_lens(bundled, PROMPT, MIX)
    monkeypatch.setattr("attention_surgery.engine.logit_lens.READOUT_ROWS", 4)
    parts = logit_lens(bundled, PROMPT, MIX)
    assert (parts.targets, parts.tracked) == (whole.targets, whole.tracked)
    for run, expected in ((parts.control, whole.control), (parts.ablated, whole.ablated)):
        np.testing.assert_allclose(run.kl_to_final, expected.kl_to_final, atol=1e-4, rtol=1e-3)
        np.testing.assert_allclose(run.tracked_probs, expected.tracked_probs, atol=1e-5)


def test_a_position_named_twice_is_read_once(bundled: Model) -> None:
    once = logit_lens(bundled, PROMPT, positions=[0, 3])
    often = logit_lens(bundled, PROMPT, positions=[0, 3, 0, 3 - len(once.prompt_tokens)] * 1000)
    assert often.positions == [0, 3]
    np.testing.assert_array_equal(often.control.top_ids, once.control.top_ids)


def test_the_ablated_lens_is_right_at_every_layer(any_model: Model, stock: Stock) -> None:
    ids, model = any_model.tokenize(PROMPT), stock(any_model)
    lens = logit_lens(any_model, PROMPT, MIX)
    streams: list[torch.Tensor] = []
    hooks = naive_hooks(model, MIX, len(ids))

    def keep(resid: torch.Tensor, **_hook: object) -> torch.Tensor:
        streams.append(resid)
        return resid

    hooks += [(f"blocks.{layer}.hook_resid_pre", keep) for layer in range(any_model.n_layers)]
    hooks.append((f"blocks.{any_model.n_layers - 1}.hook_resid_post", keep))
    with torch.inference_mode():
        model.run_with_hooks(torch.tensor([ids]), fwd_hooks=hooks)
        for layer, resid in enumerate(streams):
            logprobs = model.unembed(model.ln_final(resid))[0].log_softmax(-1)
            of_target = logprobs.gather(-1, torch.tensor(lens.targets)[:, None])
            found = torch.tensor(lens.ablated.target_rank[layer])
            assert ((logprobs > of_target + 1e-3).sum(-1) <= found).all()
            assert (found <= (logprobs > of_target - 1e-3).sum(-1)).all()
            np.testing.assert_allclose(
                lens.ablated.target_prob[layer], of_target[:, 0].exp(), atol=1e-4, rtol=1e-2
            )
    assert int(lens.ablated.target_rank.max()) > 0


def test_what_does_not_exist_is_refused(bundled: Model) -> None:
    with pytest.raises(InvalidSetting, match="no position 99"):
        logit_lens(bundled, PROMPT, positions=[99])
    with pytest.raises(InvalidSetting, match="positions is empty"):
        logit_lens(bundled, PROMPT, positions=[])
    with pytest.raises(InvalidSetting, match="target token 5000"):
        logit_lens(bundled, PROMPT, target=5000)
    with pytest.raises(InvalidPrompt, match="token id 9999"):
        logit_lens(bundled, PROMPT, continuation=[9999])
    with pytest.raises(
        InvalidSetting, match="top_k: the value should be greater than or equal to 1"
    ):
        logit_lens(bundled, PROMPT, top_k=0)
