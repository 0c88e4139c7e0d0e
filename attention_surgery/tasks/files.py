"""Tasks from files: JSONL or CSV, what is wrong with it told line by line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from tokenizers import Tokenizer

from attention_surgery.errors import InvalidSetting
from attention_surgery.interventions.refusals import validation_sentence
from attention_surgery.tasks.base import MOST_ITEMS, Item, Task
from attention_surgery.tasks.words import Words

Format = Literal["jsonl", "csv"]
MOST_PROBLEMS = 1000
REQUIRED = ("prompt", "answer")
COLUMNS = ("prompt", "answer", "foil", "corrupt")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a line cannot be used; lines count from 1."""

    line: int
    detail: str


@dataclass(frozen=True, slots=True)
class Read:
    """The task that a file's good lines make, and what is wrong with the others."""

    task: Task
    problems: tuple[Problem, ...]


class Row(BaseModel):
    """An item of one's own, as a line of a file has it."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    prompt: Annotated[str, Field(min_length=1)]
    answer: Annotated[str, Field(min_length=1)]
    foil: str | None = None
    corrupt: str | None = None
    positions: dict[str, Annotated[int, Field(ge=0)]] = {}

    @property
    def item(self) -> Item:
        return Item(self.prompt, self.answer, self.foil, self.corrupt, self.positions)


def format_of(name: str) -> Format:
    """The format of a file, by its name.

    Raises:
        InvalidSetting: it is neither.
    """
    for ending in ("jsonl", "csv"):
        if name.lower().endswith(f".{ending}"):
            return ending
    raise InvalidSetting(f"{name[:80]!r} is no .jsonl or .csv file: a task is one of these.")


def read_task(
    text: str, form: Format, tokenizer: Tokenizer, *, name: str = "file", most_tokens: int = 1024
) -> Read:
    """The items that a file's lines are, for a model.

    JSONL has an object a line with prompt, answer and, if there are, foil, corrupt and positions;
    CSV has a header line with these names, but no positions. Measured by the logit difference
    where every item has a foil, else by the answer's log-probability.

    Args:
        most_tokens: that the model can read.

    Raises:
        InvalidSetting: no line can be used, or there are too many.
    """
    words = Words(tokenizer)
    items: list[Item] = []
    problems: list[Problem] = []
    rows = _jsonl(text) if form == "jsonl" else _csv(text)
    for line, row in rows:
        detail = row if isinstance(row, str) else _fault(row.item, words, most_tokens)
        if detail is not None:
            problems.append(Problem(line, detail))
        elif isinstance(row, Row):
            end = {"END": words.count(row.prompt)}
            items.append(replace(row.item, positions={**row.positions, **end}))
        if len(items) > MOST_ITEMS or len(problems) > MOST_PROBLEMS:
            raise InvalidSetting(
                f"The file has more than {MOST_ITEMS} items, or more than {MOST_PROBLEMS} lines "
                "that cannot be used: send less."
            )
    if not items:
        first = f"; line {problems[0].line}: {problems[0].detail}" if problems else ""
        raise InvalidSetting(f"The file has no line that can be used{first}.".replace("..", "."))
    foils = all(item.foil is not None for item in items)
    told = tuple(f"Line {each.line}: {each.detail}" for each in problems)
    metric = "logit_difference" if foils else "log_probability"
    return Read(Task(name, metric, tuple(items), warnings=told), tuple(problems))


def read_items(text: str, form: Format) -> tuple[Item, ...]:
    """The items of a file as they are written; a model has not been asked about them.

    Raises:
        InvalidSetting: a line cannot be used, or there is none.
    """
    items = []
    for line, row in _jsonl(text) if form == "jsonl" else _csv(text):
        if isinstance(row, str):
            raise InvalidSetting(f"Line {line}: {row}")
        items.append(row.item)
    if not items:
        raise InvalidSetting("The file has no item.")
    return tuple(items)


def _jsonl(text: str) -> Iterator[tuple[int, Row | str]]:
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        if not line.strip():
            continue
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError):
            yield number, "it is no JSON."
            continue
        if isinstance(fields, dict):
            yield number, _row(fields)
        else:
            yield number, "it is no JSON object: write {…} with a prompt and an answer."


def _csv(text: str) -> Iterator[tuple[int, Row | str]]:
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        missing = [name for name in REQUIRED if name not in header]
        if missing:
            raise InvalidSetting(
                f"The first line of the CSV names its columns, and {missing[0]} is not among them: "
                f"it has {', '.join(header)[:200] or 'nothing'}."
            )
        unknown = [name for name in header if name not in COLUMNS]
        if unknown:
            raise InvalidSetting(
                f"The CSV has a column {unknown[0][:60]!r}: name columns {', '.join(COLUMNS)}."
            )
        line = reader.line_num
        for cells in reader:
            number, line = line + 1, reader.line_num
            if not any(cells):
                continue
            if len(cells) != len(header):
                yield number, f"it has {len(cells)} cells, and the first line {len(header)}."
                continue
            named = zip(header, cells, strict=True)
            yield number, _row({name: cell for name, cell in named if cell or name in REQUIRED})
    except csv.Error as error:
        yield reader.line_num, f"it is no CSV from here on ({error})."


def _row(fields: Mapping[str, Any]) -> Row | str:
    try:
        return Row.model_validate(fields)
    except ValidationError as error:
        return validation_sentence(error.errors())


def _fault(item: Item, words: Words, most_tokens: int) -> str | None:
    """Why a model cannot be asked this, in a sentence."""
    n_tokens = words.count(item.prompt) + 1
    if n_tokens > most_tokens:
        return f"the prompt has {n_tokens} tokens, and the model reads {most_tokens}."
    for name, text in (("answer", item.answer), ("foil", item.foil)):
        if text is None:
            continue
        if words.count(text) != 1:
            spaced = f" {text.strip()}"
            fits = text != spaced and words.count(spaced) == 1
            hint = f": {spaced!r}, with its space, is one" if fits else ""
            return f"the {name} {text[:40]!r} is {words.count(text)} tokens, not one{hint}."
        if text[0].isalpha() and item.prompt[-1].isalpha():
            return (
                f"the {name} {text[:40]!r} would be written together with the prompt's last word: "
                f"begin it with a space, {' ' + text[:40]!r}."
            )
    if item.answer == item.foil:
        return "answer and foil are the same."
    if item.corrupt is not None and words.count(item.corrupt) + 1 != n_tokens:
        return (
            f"the corrupt prompt has {words.count(item.corrupt) + 1} tokens and the prompt "
            f"{n_tokens}: they must have as many."
        )
    outside = [name for name, place in item.positions.items() if place >= n_tokens]
    if outside:
        return f"the position {outside[0][:40]} is outside the prompt's {n_tokens} tokens."
    return None
