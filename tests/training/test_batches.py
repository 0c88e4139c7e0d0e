"""Rows are what the recipe asks for, and the same step always gives the same ones."""

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from attention_surgery.engine.model import bundled_directory
from training.batches import Sources, batch
from training.recipe import BUNDLED, Phase, Recipe

PHASE = Phase(3, 32, books=2, lessons=3, repeats=4, periods=(5, 5), repeated_books=0.0)


@pytest.fixture(scope="module")
def sources() -> Sources:
    tokenizer = Tokenizer.from_file(str(bundled_directory() / "tokenizer.json"))
    return Sources(np.arange(1, 4000, dtype=np.uint16), tokenizer)


def test_a_batch_holds_books_lessons_and_repeats_in_this_order(
    sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.rows.lesson", lambda _rng: "A cat is an animal.")
    rows = batch(Recipe((PHASE,)), 0, sources)
    assert rows.shape == (9, 32)
    assert (rows[:, 0] == 0).all()
    books, lessons, repeats = rows.split([2, 3, 4])
    assert (books[:, 1:].diff() == 1).all()
    for row in lessons:
        text = sources.tokenizer.decode(row.tolist(), skip_special_tokens=False)
        assert text.startswith("<|endoftext|>A cat is an animal.<|endoftext|>A cat")
    assert (repeats[:, 1:-5] == repeats[:, 6:]).all()


def test_book_text_can_be_what_is_repeated(sources: Sources) -> None:
    phase = Phase(1, 32, books=0, lessons=0, repeats=4, periods=(5, 5), repeated_books=1.0)
    rows = batch(Recipe((phase,)), 0, sources)
    assert (rows[:, 1:6].diff() == 1).all()


def test_a_step_gives_the_same_rows_again_and_another_step_others(sources: Sources) -> None:
    recipe = Recipe((PHASE,))
    assert torch.equal(batch(recipe, 1, sources), batch(recipe, 1, sources))
    assert not torch.equal(batch(recipe, 1, sources), batch(recipe, 2, sources))
    assert not torch.equal(batch(recipe, 1, sources), batch(Recipe((PHASE,), seed=1), 1, sources))


def test_a_step_belongs_to_its_phase() -> None:
    longer = Phase(2, 64, books=1, lessons=0, repeats=0)
    recipe = Recipe((PHASE, longer))
    assert [recipe.phase(step).length for step in range(recipe.steps)] == [32, 32, 32, 64, 64]
    with pytest.raises(IndexError, match="5 steps"):
        recipe.phase(5)


def test_the_learning_rate_rises_never_jumps_and_falls_to_almost_nothing() -> None:
    rates = [BUNDLED.rate(step) for step in range(BUNDLED.steps)]
    top, last_peak = rates.index(1.0), BUNDLED.knots[-2][0]
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert max(rates) == 1
    assert abs(np.diff(rates)).max() < 0.03
    assert rates[last_peak:] == sorted(rates[last_peak:], reverse=True)
    assert 0 < rates[-1] < 0.01
