"""The bundled tokenizer reads what circuits are about as one token each."""

import pytest

from attention_surgery.engine.model import Model
from training.teaching import CITIES, NAMES
from training.tokenizer import train_tokenizer


@pytest.mark.parametrize("word", [*NAMES, *(city for city in CITIES if " " not in city)])
def test_a_name_or_city_is_one_token(bundled: Model, word: str) -> None:
    assert len(bundled.tokenize(f" {word}", prepend_bos=False)) == 1


@pytest.mark.parametrize("year", [1100, 1456, 1732, 1808, 1999])
def test_a_year_is_its_century_and_two_digits(bundled: Model, year: int) -> None:
    century, rest = bundled.tokenize(f" {year}", prepend_bos=False)
    assert bundled.token_text(century) == f" {year // 100}"
    assert bundled.token_text(rest) == f"{year % 100:02}"


def test_a_new_tokenizer_gives_every_text_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.tokenizer.LESSONS", 200)
    monkeypatch.setattr("training.tokenizer.REPEATS", 2)
    tokenizer = train_tokenizer(["It was the best of times."])
    for text in ("It's 1732, Mary!\n\n  Zoë 😀 said \t“no”", " ", "a  b"):
        assert tokenizer.decode(tokenizer.encode(text).ids) == text
    assert tokenizer.token_to_id("<|endoftext|>") == 0
