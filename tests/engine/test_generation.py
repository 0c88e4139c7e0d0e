"""Both continuations are what the model says when asked the slow way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor
from transformer_lens import HookedTransformer

from attention_surgery.analyses.infer import (
    Inference,
    InferRequest,
    PromptRead,
    TokenStep,
    infer,
)
from attention_surgery.engine import run
from attention_surgery.engine.forward import run_block
from attention_surgery.engine.model import Model
from attention_surgery.engine.preparation import surgery
from attention_surgery.errors import (
    AttentionSurgeryError,
    InvalidPrompt,
    InvalidSetting,
    PromptTooLong,
)
from attention_surgery.interventions import Intervention, ablation
from tests.engine.naive import naive_logits
from tests.engine.test_model import PROMPT
from tests.engine.test_surgery import MIX

# Goes on and on; after a sentence like PROMPT the bundled model ends the text.
PROSE = "It was the best of times, it was the worst of"


def cuts_of(model: Model, method: str) -> list[Intervention]:
    return [ablation(layer, head, method) for layer in (1, 2) for head in range(model.n_heads)]


def logprobs_of(stock: HookedTransformer, ids: list[int], cuts: list[Intervention]) -> Tensor:
    return naive_logits(stock, ids, cuts).log_softmax(-1)


@pytest.mark.parametrize("method", ["zero", "mean", "previous"])
def test_cached_decoding_equals_recomputing_from_scratch(
    any_model: Model, stock: Callable[[Model], HookedTransformer], method: str
) -> None:
    cuts = cuts_of(any_model, method)
    result = infer(any_model, PROMPT, cuts, max_new_tokens=6)
    for continuation, intervention in ((result.control, []), (result.ablated, cuts)):
        ids = any_model.tokenize(PROMPT)
        for token in continuation.tokens:
            expected = logprobs_of(stock(any_model), ids, intervention)[-1]
            assert expected[token.id].item() == pytest.approx(expected.max().item(), abs=1e-3)
            assert token.logprob == pytest.approx(expected[token.id].item(), abs=1e-3)
            likeliest = [alternative.logprob for alternative in token.alternatives]
            assert likeliest == pytest.approx(expected.topk(5).values.tolist(), abs=1e-3)
            ids.append(token.id)


@pytest.mark.parametrize("cuts", [MIX, [ablation(2, 1, "previous")], [ablation(2, 3)]])
def test_metrics_equal_two_teacher_forced_passes(
    any_model: Model, stock: Callable[[Model], HookedTransformer], cuts: list[Intervention]
) -> None:
    result = infer(any_model, PROMPT, cuts, max_new_tokens=8)
    prompt = any_model.tokenize(PROMPT)
    text = prompt + [token.id for token in result.control.tokens]
    control, ablated = (logprobs_of(stock(any_model), text, c)[:-1] for c in ([], cuts))
    targets = torch.tensor(text[1:])[:, None]
    kl = torch.nn.functional.kl_div(ablated, control, log_target=True, reduction="none").sum(-1)

    metrics = result.metrics
    assert [token.position for token in metrics.per_token] == list(range(1, len(text)))
    assert [token.id for token in metrics.per_token] == text[1:]
    assert [token.kl for token in metrics.per_token] == pytest.approx(kl.tolist(), abs=2e-4)
    assert metrics.kl == pytest.approx(kl.mean().item(), abs=1e-4)
    for found, logprobs in (
        (metrics.perplexity_control, control),
        (metrics.perplexity_ablated, ablated),
    ):
        expected = torch.nn.functional.cross_entropy(logprobs, targets[:, 0]).exp().item()
        assert found == pytest.approx(expected, rel=1e-3)
    assert metrics.perplexity_ablated is not None
    assert metrics.perplexity_control is not None
    assert metrics.perplexity_delta == metrics.perplexity_ablated - metrics.perplexity_control
    changed = (control.argmax(-1) != ablated.argmax(-1)).float().mean().item()
    assert metrics.top1_changed == pytest.approx(changed)
    last = len(prompt) - 1
    assert result.next_token.kl == pytest.approx(kl[last].item(), abs=2e-4)
    candidates = {c.id: c for c in result.next_token.candidates}
    assert set(control[last].topk(5).indices.tolist()) <= set(candidates)
    assert set(ablated[last].topk(5).indices.tolist()) <= set(candidates)
    for token_id, candidate in candidates.items():
        assert candidate.control_logprob == pytest.approx(control[last, token_id].item(), abs=1e-3)
        assert candidate.ablated_logprob == pytest.approx(ablated[last, token_id].item(), abs=1e-3)


def test_a_text_is_one_row_until_its_first_cut(
    bundled: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: dict[int, list[int]] = {layer: [] for layer in range(bundled.n_layers)}

    def noted(model: Model, layer: int, resid: Tensor, *more: Any, **settings: Any) -> Tensor:
        if resid.shape[1] == 1:
            rows[layer].append(len(resid))
        return run_block(model, layer, resid, *more, **settings)

    monkeypatch.setattr(run, "run_block", noted)
    cuts = [ablation(9, head) for head in range(bundled.n_heads)]
    result = infer(bundled, PROSE, cuts, max_new_tokens=12)
    assert result.first_difference is not None
    assert 0 < result.first_difference < 11
    texts = [1 + (step > result.first_difference) for step in range(1, 12)]
    for layer, found in rows.items():
        assert found == [n_texts + (layer >= 9) for n_texts in texts]


def test_control_is_the_same_whatever_is_cut(tiny: Model) -> None:
    alone = infer(tiny, PROMPT, max_new_tokens=12)
    beside = infer(tiny, PROMPT, MIX, max_new_tokens=12)
    assert [t.id for t in alone.control.tokens] == [t.id for t in beside.control.tokens]
    for a, b in zip(alone.control.tokens, beside.control.tokens, strict=True):
        assert a.logprob == pytest.approx(b.logprob, abs=1e-4)


def test_without_surgery_both_streams_agree_and_all_metrics_are_zero(any_model: Model) -> None:
    result = infer(any_model, PROMPT, max_new_tokens=5, temperature=1.0, seed=3)
    assert result.control == result.ablated
    assert result.first_difference is None
    assert (result.metrics.kl, result.metrics.perplexity_delta, result.metrics.top1_changed) == (
        0,
        0,
        0,
    )


def test_the_same_seed_draws_the_same_texts(bundled: Model) -> None:
    first, again, other = (
        infer(bundled, PROMPT, MIX[:2], temperature=1.0, seed=seed) for seed in (7, 7, 8)
    )
    assert first == again
    assert first.seed == 7
    assert first.control.text != other.control.text


def test_a_drawn_seed_is_reported_and_reproduces_the_run(bundled: Model) -> None:
    drawn = infer(bundled, PROMPT, temperature=1.0)
    assert drawn.seed is not None
    again = infer(bundled, PROMPT, temperature=1.0, seed=drawn.seed)
    assert (again.control, again.ablated) == (drawn.control, drawn.ablated)
    assert infer(bundled, PROMPT).seed is None


def test_both_streams_draw_with_the_same_random_numbers(bundled: Model) -> None:
    # A cut that changes nothing must not change the draw either.
    nothing = [ablation(0, head, "previous") for head in range(12)]
    result = infer(bundled, PROMPT, nothing, temperature=1.5, seed=1, max_new_tokens=30)
    assert result.first_difference is None


def test_top_k_of_one_is_greedy(bundled: Model) -> None:
    greedy = infer(bundled, PROMPT)
    drawn = infer(bundled, PROMPT, temperature=2.0, top_k=1, seed=5)
    assert drawn.control.tokens == greedy.control.tokens


def test_a_stream_stops_at_end_of_text(bundled: Model) -> None:
    greedy = infer(bundled, PROSE, max_new_tokens=10)
    stop = greedy.control.tokens[4].id
    stopping = replace(bundled, config=replace(bundled.config, eos_id=stop))
    result = infer(stopping, PROSE, MIX, max_new_tokens=10)
    first = [token.id for token in greedy.control.tokens].index(stop)
    assert [t.id for t in result.control.tokens] == [
        t.id for t in greedy.control.tokens[: first + 1]
    ]
    assert result.control.finish_reason == "end_of_text"
    assert len(result.metrics.per_token) == len(bundled.tokenize(PROSE)) - 1 + first + 1


def test_steps_add_up_to_the_result(bundled: Model) -> None:
    steps = InferRequest.ask(prompt=PROSE, ablations=MIX, max_new_tokens=6).steps(bundled)
    seen: list[PromptRead | TokenStep] = []
    try:
        while True:
            step = next(steps)
            seen += [step] if isinstance(step, PromptRead | TokenStep) else []
            assert not any(point.has_hooks() for point in bundled.hooked.hook_points())
            assert not torch.is_inference_mode_enabled()
    except StopIteration as finished:
        result: Inference = finished.value
    read, *tokens = seen
    assert isinstance(read, PromptRead)
    assert [step.control for step in tokens if isinstance(step, TokenStep)] == result.control.tokens
    assert [step.ablated for step in tokens if isinstance(step, TokenStep)] == result.ablated.tokens
    assert read.next_token == result.next_token
    metrics = [step.metrics for step in tokens if isinstance(step, TokenStep)]
    assert read.per_token + metrics == result.metrics.per_token


def test_interleaved_jobs_do_not_disturb_each_other(bundled: Model) -> None:
    arguments = [(PROMPT, MIX), ("The Eiffel Tower is located in", [ablation(3, 4, "mean")])]
    alone = [infer(bundled, *a, max_new_tokens=8) for a in arguments]
    running = {
        i: InferRequest.ask(prompt=prompt, ablations=cuts, max_new_tokens=8).steps(bundled)
        for i, (prompt, cuts) in enumerate(arguments)
    }
    results: dict[int, Inference] = {}
    while running:
        for i, steps in list(running.items()):
            try:
                next(steps)
            except StopIteration as finished:
                results[i] = finished.value
                del running[i]
    assert [results[0], results[1]] == alone


def test_a_surgery_of_the_callers_own_is_respected(tiny: Model) -> None:
    cut = ablation(1, 1)
    expected = infer(tiny, PROMPT, [cut], max_new_tokens=4).ablated
    with surgery(tiny, [cut]):
        found = infer(tiny, PROMPT, max_new_tokens=4).control
    assert [t.id for t in found.tokens] == [t.id for t in expected.tokens]


def test_an_empty_prompt_works_with_a_beginning_of_text_and_only_with_it(bundled: Model) -> None:
    result = infer(bundled, "", MIX, max_new_tokens=3)
    assert len(result.prompt_tokens) == 1
    assert len(result.metrics.per_token) == 3
    with pytest.raises(InvalidPrompt, match="The prompt is empty"):
        infer(bundled, "", prepend_bos=False)


def test_one_token_and_no_new_ones_has_no_prediction_to_measure(bundled: Model) -> None:
    result = infer(bundled, "", MIX, max_new_tokens=0)
    assert result.metrics.kl is None
    assert result.next_token.kl >= 0
    assert result.control.tokens == []


def test_the_whole_context_can_be_filled_and_not_exceeded(bundled: Model) -> None:
    n_prompt = len(bundled.tokenize(PROMPT))
    room = bundled.n_ctx - n_prompt
    assert len(infer(bundled, PROMPT, MIX, max_new_tokens=room).prompt_tokens) == n_prompt
    sentence = (
        f"{n_prompt} prompt tokens and {room + 1} new tokens do not fit into the {bundled.n_ctx}"
    )
    with pytest.raises(PromptTooLong, match=sentence):
        infer(bundled, PROMPT, max_new_tokens=room + 1)
    with pytest.raises(PromptTooLong, match="shorten it"):
        infer(bundled, "word " * 1000, max_new_tokens=0)


@pytest.mark.parametrize(
    "settings", [{"temperature": -1.0}, {"alternatives": 0}, {"temperature": 1.0, "top_k": 0}]
)
def test_settings_out_of_range_are_refused(bundled: Model, settings: dict[str, float]) -> None:
    with pytest.raises(InvalidSetting, match=f"^{next(reversed(settings))}: the value should be"):
        infer(bundled, PROMPT, **settings)  # type: ignore[arg-type]


def test_refusals_come_before_any_work(bundled: Model) -> None:
    with pytest.raises(AttentionSurgeryError):
        InferRequest.ask(prompt=PROMPT, ablations=[(99, 0)]).steps(bundled)
