"""Generated items: what they say, that patching can use them, that they are the same again."""

from __future__ import annotations

import pytest

from attention_surgery.engine.model import Model
from attention_surgery.errors import InvalidSetting
from attention_surgery.tasks import Item, generate, task_kinds

NAMES = [kind.name for kind in task_kinds()]


def token_at(model: Model, item: Item, name: str, *, of_corrupt: bool = False) -> str:
    text = item.corrupt if of_corrupt else item.prompt
    assert text is not None
    return model.token_text(model.tokenize(text)[item.positions[name]])


@pytest.mark.parametrize("name", NAMES)
def test_items_are_one_token_answers_and_pairs_of_equal_length(bundled: Model, name: str) -> None:
    task = generate(name, bundled.tokenizer, n=50)
    assert len({item.prompt for item in task.items}) == 50
    for item in task.items:
        n_tokens = len(bundled.tokenize(item.prompt))
        assert item.positions["END"] == n_tokens - 1
        assert item.answer != item.foil
        for text in filter(None, (item.answer, item.foil)):
            assert len(bundled.tokenize(text, prepend_bos=False)) == 1, text
            # The token that the model has to say is the one that this text continues with.
            assert bundled.tokenize(item.prompt + text)[:n_tokens] == bundled.tokenize(item.prompt)
        if item.corrupt is not None:
            assert len(bundled.tokenize(item.corrupt)) == n_tokens
            assert item.corrupt != item.prompt


@pytest.mark.parametrize("name", NAMES)
def test_a_seed_gives_the_same_items_and_more_begin_with_them(bundled: Model, name: str) -> None:
    few, more, others = (
        generate(name, bundled.tokenizer, n=n, seed=seed).items
        for n, seed in ((10, 3), (20, 3), (10, 4))
    )
    assert more[:10] == few
    assert few != others


@pytest.mark.parametrize("order", ["abba", "baba"])
def test_ioi_names_its_names_where_they_stand(bundled: Model, order: str) -> None:
    for item in generate("ioi", bundled.tokenizer, n=40, order=order).items:
        assert item.answer == token_at(bundled, item, "IO")
        assert item.foil == token_at(bundled, item, "S1") == token_at(bundled, item, "S2")
        places = [item.positions[name] for name in ("IO", "S1", "S2", "END")]
        ordered = places if order == "abba" else [places[1], places[0], *places[2:]]
        assert ordered == sorted(ordered)


def test_ioi_corrupts_by_exchanging_the_names_or_by_three_others(bundled: Model) -> None:
    for item in generate("ioi", bundled.tokenizer, n=20).items:
        assert token_at(bundled, item, "IO", of_corrupt=True) == item.foil
        assert token_at(bundled, item, "S2", of_corrupt=True) == item.answer
    for item in generate("ioi", bundled.tokenizer, n=20, corruption="abc").items:
        names = {token_at(bundled, item, name, of_corrupt=True) for name in ("IO", "S1", "S2")}
        assert len(names | {item.answer, item.foil}) == 5


def test_induction_repeats_what_its_corrupt_prompt_does_not(bundled: Model) -> None:
    for item in generate("induction", bundled.tokenizer, n=20, length=6).items:
        ids = bundled.tokenize(item.prompt)
        assert ids[item.positions["CUE"]] == ids[-1]
        assert token_at(bundled, item, "COPY") == item.answer
        assert item.corrupt is not None
        assert item.answer not in item.corrupt.split(item.prompt.split()[0])[0]


def test_names_of_your_own_are_refused_by_name_where_they_are_not_one_token(bundled: Model) -> None:
    names = ("Mary", "John", "Bartholomew", "Wilhelmina")
    with pytest.raises(InvalidSetting, match=r"are not: Bartholomew, Wilhelmina\.$"):
        generate("ioi", bundled.tokenizer, names=names)


def test_what_cannot_be_generated_is_refused_in_a_sentence(bundled: Model) -> None:
    with pytest.raises(InvalidSetting, match="'walking' is no task: use exam, facts, "):
        generate("walking", bundled.tokenizer)
    with pytest.raises(InvalidSetting, match="corruption"):
        generate("ioi", bundled.tokenizer, corruption="shuffled")
    with pytest.raises(InvalidSetting, match="1 to 10000 items, not 0"):
        generate("ioi", bundled.tokenizer, n=0)
    names = ("Mary", "John", "James", "David", "Daniel")
    with pytest.raises(InvalidSetting, match="12 names must be one token each"):
        generate("ioi", bundled.tokenizer, names=names)


def test_greater_than_asks_for_years_after_one_that_two_tokens_make(bundled: Model) -> None:
    for item in generate("greater-than", bundled.tokenizer, n=30).items:
        assert token_at(bundled, item, "YY") == item.answer
        assert token_at(bundled, item, "YY", of_corrupt=True) == "01"
        assert 2 <= int(item.answer) <= 98


@pytest.mark.parametrize("name", ["places", "facts"])
def test_the_foil_is_what_the_corrupt_prompt_asks_for(bundled: Model, name: str) -> None:
    items = generate(name, bundled.tokenizer, n=80).items
    answers = {item.prompt: item.answer for item in items}
    asked_both_ways = [item for item in items if item.corrupt in answers]
    assert asked_both_ways
    assert all(answers[item.corrupt or ""] == item.foil for item in asked_both_ways)
