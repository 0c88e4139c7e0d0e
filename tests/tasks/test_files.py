"""Tasks from files: good lines are items, bad ones are told, each with its number."""

from __future__ import annotations

import json

import pytest

from attention_surgery.engine.model import Model
from attention_surgery.errors import InvalidSetting
from attention_surgery.tasks import Format, format_of, generate, read_task

MARY = "When Mary and John went to the store, John gave a drink to"
SWAPPED = "When John and Mary went to the store, Mary gave a drink to"
GOOD = {"prompt": MARY, "answer": " Mary", "foil": " John", "corrupt": SWAPPED}


def lines(*rows: dict[str, object] | str) -> str:
    return "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows)


def test_a_line_is_an_item_with_its_end_named(bundled: Model) -> None:
    text = lines({**GOOD, "positions": {"S2": 11}}, "", GOOD)
    read = read_task("\ufeff" + text, "jsonl", bundled.tokenizer, name="mine")
    first, second = read.task.items
    assert (first.prompt, first.answer, first.foil, first.corrupt) == tuple(GOOD.values())
    assert first.positions == {"S2": 11, "END": len(bundled.tokenize(MARY)) - 1}
    assert second.positions == {"END": first.positions["END"]}
    assert (read.task.name, read.task.metric, read.problems) == ("mine", "logit_difference", ())


def test_csv_and_jsonl_give_the_same_items(bundled: Model) -> None:
    table = f'prompt,answer,foil,corrupt\n"{MARY}", Mary, John,"{SWAPPED}"\n"{MARY}", Mary,,\n'
    rows = lines(GOOD, {"prompt": MARY, "answer": " Mary"})
    from_csv, from_jsonl = (
        read_task(text, form, bundled.tokenizer).task
        for text, form in ((table.replace("\n", "\r\n"), "csv"), (rows, "jsonl"))
    )
    assert from_csv == from_jsonl
    assert from_csv.metric == "log_probability"  # one has no foil


def test_one_bad_line_in_a_thousand_loses_no_other(bundled: Model) -> None:
    rows: list[dict[str, object] | str] = [GOOD] * 1000
    rows[499] = {**GOOD, "answer": " Bartholomew"}
    read = read_task(lines(*rows), "jsonl", bundled.tokenizer)
    assert len(read.task.items) == 999
    (problem,) = read.problems
    assert problem.line == 500
    assert "' Bartholomew' is" in problem.detail
    assert read.task.warnings == (f"Line 500: {problem.detail}",)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("{", "it is no JSON"),
        ("[" * 100_000, "it is no JSON"),
        ("[1]", "no JSON object"),
        ({"prompt": MARY}, "answer: this field is required"),
        ({**GOOD, "target": " Mary"}, "target"),
        ({**GOOD, "answer": 3}, "answer"),
        ({**GOOD, "answer": "Mary"}, "not one: ' Mary', with its space, is one."),
        ({**GOOD, "answer": "the"}, "begin it with a space, ' the'"),
        ({**GOOD, "answer": " Mary went"}, "is 2 tokens, not one"),
        ({**GOOD, "foil": " Mary"}, "answer and foil are the same"),
        ({**GOOD, "corrupt": "Too short"}, "they must have as many"),
        ({**GOOD, "positions": {"S2": 99}}, "the position S2 is outside"),
        ({**GOOD, "prompt": "word " * 400}, "and the model reads 256"),
        ({**GOOD, "prompt": "\ud800"}, "unicode"),
    ],
)
def test_what_is_wrong_with_a_line_is_said(
    bundled: Model, line: dict[str, object] | str, sentence: str
) -> None:
    text = lines(GOOD, line)
    read = read_task(text, "jsonl", bundled.tokenizer, most_tokens=bundled.n_ctx)
    (problem,) = read.problems
    assert problem.line == 2
    assert sentence in problem.detail


@pytest.mark.parametrize(
    ("text", "form", "sentence"),
    [
        ("", "jsonl", "The file has no line that can be used."),
        ("{", "jsonl", "no line that can be used; line 1: it is no JSON."),
        ("prompt,foil\n", "csv", "answer is not among them"),
        ("prompt,answer,colour\n", "csv", "a column 'colour'"),
    ],
)
def test_a_file_that_is_none_is_refused(
    bundled: Model, text: str, form: Format, sentence: str
) -> None:
    with pytest.raises(InvalidSetting) as refused:
        read_task(text, form, bundled.tokenizer)
    assert sentence in str(refused.value)


def test_csv_counts_lines_as_an_editor_does(bundled: Model) -> None:
    text = 'prompt,answer\n"two\nlines", Mary\nshort\n'
    (problem,) = read_task(text, "csv", bundled.tokenizer).problems
    assert problem.line == 4
    assert problem.detail == "it has 1 cells, and the first line 2."


def test_a_files_name_tells_its_format() -> None:
    assert format_of("My.JSONL") == "jsonl"
    with pytest.raises(InvalidSetting, match=r"no \.jsonl or \.csv file"):
        format_of("items.txt")


NAMES = ("Mary", "John", "James", "David")


def test_a_template_fills_the_same_slot_alike_and_others_differently(bundled: Model) -> None:
    task = generate(
        "template",
        bundled.tokenizer,
        n=12,
        prompt="Then {name.a} saw {name.b} when {name.a} met",
        answer=" {name.b}",
        foil=" {name.a}",
        corrupt="Then {name.b} saw {name.a} when {name.b} met",
        words={"name": NAMES},
    )
    for item in task.items:
        b, a = item.answer.strip(), (item.foil or "").strip()
        assert a != b
        assert item.prompt == f"Then {a} saw {b} when {a} met"
        assert item.corrupt == f"Then {b} saw {a} when {b} met"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"prompt": "{place} is"}, "add one named place to words"),
        ({"words": {"name": ("Mary",)}}, "has 1 different words, and 2 are needed"),
        ({"words": {"name": (*NAMES, "Bartholomew")}}, "are not: Bartholomew"),
    ],
)
def test_a_template_without_its_words_is_refused(
    bundled: Model, changes: dict[str, object], sentence: str
) -> None:
    own = {
        "prompt": "{name.a} saw", "answer": " {name.b}", "foil": None, "corrupt": None,
        "words": {"name": NAMES},
    }  # fmt: skip
    with pytest.raises(InvalidSetting, match=sentence):
        generate("template", bundled.tokenizer, n=2, **own | changes)
