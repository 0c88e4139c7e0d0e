"""Values as a script writes them are the values again."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attention_surgery.scripts.literals import literal, position_list, text_list

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))


@given(ANY_TEXT)
def test_any_text_is_one_visible_string_on_one_line(text: str) -> None:
    written = literal(text)
    assert ast.literal_eval(written) == text
    assert written.isprintable()
    assert written.startswith('"')
    written.encode()


@pytest.mark.parametrize(
    "text", ['"""', "it's", "a\\b", "a\nb", "\u2028", "😀", "\ud800", "\0", "{x}"]
)
def test_texts_that_often_break_code(text: str) -> None:
    assert ast.literal_eval(literal(text)) == text
    assert len(literal(text).splitlines()) == 1


@given(st.lists(ANY_TEXT, max_size=5))
def test_lists_of_texts_are_assigned_whole(texts: list[str]) -> None:
    names: dict[str, list[str]] = {}
    exec(text_list("TEXTS", texts), names)
    assert names["TEXTS"] == texts


@given(st.lists(st.integers(-30, 60), min_size=1, max_size=20))
def test_positions_keep_their_order_and_count_from_the_end(positions: list[int]) -> None:
    names = {"prompt": "x" * 40, "len": len, "range": range}
    found = eval(position_list(positions, "len(prompt)"), names)
    assert list(found) == [p if p >= 0 else 40 + p for p in positions]


def test_runs_of_positions_are_ranges() -> None:
    assert position_list([10, 11, 12, 13], "end") == "range(10, 14)"
    assert position_list([0, 1, 4, 5, 6, -1], "end") == "[0, 1, *range(4, 7), end - 1]"


@pytest.mark.parametrize(
    ("value", "written"), [(True, "True"), (0.5, "0.5"), (3, "3"), ((1, "a"), '[1, "a"]')]
)
def test_other_values_are_written_as_python_does(value: object, written: str) -> None:
    assert literal(value) == written
