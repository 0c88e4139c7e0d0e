"""The control run that is left for the next question is the one that the question would make."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from transformer_lens import HookedTransformer

from attention_surgery.analyses import infer, logit_lens
from attention_surgery.engine.left import Left
from attention_surgery.engine.model import Model, load_model
from attention_surgery.engine.run import Block
from attention_surgery.errors import InvalidSetting
from attention_surgery.interventions import Intervention, ablation
from tests.engine.naive import naive_logits
from tests.engine.test_model import PROMPT
from tests.engine.test_surgery import MIX

Stock = Callable[[Model], HookedTransformer]

QUESTIONS = [MIX, [ablation(1, 2, "previous")], [], [ablation(2, 1, "mean")], MIX]


@pytest.fixture
def own(directories: dict[str, Path]) -> Model:
    """A model that nobody has asked anything, as a server has it."""
    model = load_model(directories["tiny"], device="cpu")
    model.left.with_runs = True
    return model


@pytest.fixture
def served(any_model: Model) -> Iterator[Model]:
    any_model.left.clear()
    any_model.left.with_runs = True
    yield any_model
    any_model.left.with_runs = False
    any_model.left.clear()


@pytest.fixture
def blocks_run(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The layer and the number of rows of each block that runs from now on."""
    seen: list[tuple[int, int]] = []
    alone = Block.alone

    def counted(self: Block) -> torch.Tensor:
        seen.append((self.layer, len(self.resid)))
        return alone(self)

    monkeypatch.setattr(Block, "alone", counted)
    return seen


def assert_equal_to_stock(model: Model, stock: HookedTransformer, cuts: list[Intervention]) -> None:
    ids = model.tokenize(PROMPT)
    control, ablated = (naive_logits(stock, ids, of).log_softmax(-1) for of in ([], cuts))
    view = infer(model, PROMPT, cuts, max_new_tokens=0)
    for token in view.next_token.candidates:
        assert token.control_logprob == pytest.approx(control[-1, token.id].item(), abs=1e-4)
        assert token.ablated_logprob == pytest.approx(ablated[-1, token.id].item(), abs=1e-4)
    kl = (control.exp() * (control - ablated)).sum(-1)
    assert [each.kl for each in view.metrics.per_token] == pytest.approx(kl[:-1].tolist(), abs=1e-4)
    lens = logit_lens(model, PROMPT, cuts, positions=[2, -1], top_k=3)
    runs = [(lens.control, control)] + [(lens.ablated, ablated)] * bool(cuts)
    for run, expected in runs:
        top = expected[[2, -1]].exp().topk(3).values
        torch.testing.assert_close(torch.tensor(run.top_probs[-1]), top, atol=1e-4, rtol=1e-3)


def test_every_question_about_a_text_is_answered_as_the_stock_model_does(
    served: Model, stock: Stock
) -> None:
    for cuts in QUESTIONS:
        assert_equal_to_stock(served, stock(served), cuts)


def test_after_the_first_questions_the_ablated_run_alone_is_made_from_its_cut_on(
    own: Model, blocks_run: list[tuple[int, int]]
) -> None:
    cuts, n = [ablation(2, 1)], own.n_layers
    infer(own, PROMPT, cuts, max_new_tokens=0)
    assert blocks_run == [(layer, 1 if layer < 2 else 2) for layer in range(n)]
    blocks_run.clear()
    logit_lens(own, PROMPT, cuts)
    assert blocks_run == [(layer, 1) for layer in (*range(n), *range(2, n))]
    blocks_run.clear()
    infer(own, PROMPT, [ablation(1, 0, "mean")], max_new_tokens=0)
    assert blocks_run == [(layer, 1) for layer in range(1, n)]
    blocks_run.clear()
    infer(own, PROMPT, max_new_tokens=0)
    assert blocks_run == []


def test_a_cut_that_changes_nothing_differs_from_control_by_nothing(own: Model) -> None:
    for _ in range(3):
        view = infer(own, PROMPT, [ablation(0, 1, "previous")], max_new_tokens=0)
        assert view.warnings
        assert [token.kl for token in view.metrics.per_token] == [0.0] * (
            len(own.tokenize(PROMPT)) - 1
        )
        assert view.next_token.kl == 0.0


def test_weights_that_are_written_to_are_seen(own: Model) -> None:
    for cuts in QUESTIONS:
        infer(own, PROMPT, cuts, max_new_tokens=0)
    own.hooked.blocks[1].mlp.W_out.data.mul_(3)
    changed = HookedTransformer(own.hooked.cfg, move_to_device=False)
    changed.load_state_dict(own.hooked.state_dict())
    assert_equal_to_stock(own, changed, MIX)


def test_of_a_text_that_is_too_long_nothing_is_left(
    own: Model, blocks_run: list[tuple[int, int]]
) -> None:
    vars(own)["_left"] = Left(10)
    own.left.with_runs = True
    for _ in range(2):
        blocks_run.clear()
        infer(own, PROMPT, [ablation(2, 1)], max_new_tokens=0)
        assert len(blocks_run) == own.n_layers


def test_the_last_position_alone_gives_the_same_next_token(served: Model) -> None:
    for cuts in QUESTIONS:
        whole = infer(served, PROMPT, cuts, max_new_tokens=0)
        alone = infer(served, PROMPT, cuts, max_new_tokens=0, positions="last")
        assert alone.metrics.per_token == []
        assert alone.metrics.kl is None
        assert alone.prompt_tokens == whole.prompt_tokens
        assert alone.next_token.kl == pytest.approx(whole.next_token.kl, rel=1e-3, abs=1e-9)
        for found, expected in zip(
            alone.next_token.candidates, whole.next_token.candidates, strict=True
        ):
            assert found.id == expected.id
            assert found.control_logprob == pytest.approx(expected.control_logprob, abs=1e-4)
            assert found.ablated_logprob == pytest.approx(expected.ablated_logprob, abs=1e-4)


def test_metrics_of_new_tokens_are_not_asked_of_the_last_position_alone(own: Model) -> None:
    with pytest.raises(InvalidSetting, match="leave positions out, or ask for max_new_tokens 0"):
        infer(own, PROMPT, max_new_tokens=2, positions="last")


def test_outside_a_server_the_same_question_has_the_same_digits(
    directories: dict[str, Path],
) -> None:
    model = load_model(directories["tiny"], device="cpu")
    first, *others = (infer(model, PROMPT, MIX, max_new_tokens=0) for _ in range(3))
    assert all(other == first for other in others)
