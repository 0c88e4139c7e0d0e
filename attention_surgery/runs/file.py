"""A run as a file: YAML, or JSON, which is YAML too.

task: ioi
n: 100
analysis:
  name: importance
  method: ablation

The task may be a file of one's own items, `task: my.jsonl` or `task: my.csv`, whose place counts
from that of the run's file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import ValidationError

from attention_surgery.errors import InvalidSetting
from attention_surgery.interventions.refusals import what_is_wrong
from attention_surgery.runs.items import fields_of
from attention_surgery.runs.request import GivenItem, RunRequest
from attention_surgery.tasks.files import Problem, format_of, read_task

if TYPE_CHECKING:
    from attention_surgery.engine.model import Model

MOST_SHOWN = 10
MOST_BYTES = 16 * 1024 * 1024


# In place of the items of a file, which are read once a tokenizer can tell what is wrong with them.
SOME_ITEM = {"prompt": "A", "answer": " a", "foil": " b", "corrupt": "B"}
# What is measured where a task is all that is named: every head's exact effect.
ANALYSIS = {"name": "importance", "method": "ablation"}


@dataclass(frozen=True, slots=True)
class WrittenRun:
    """A run as it is asked for in a shell.

    Attributes:
        request: of a file of items with some item in their place.
        own: that file.
    """

    request: RunRequest
    own: Path | None = None

    def with_items(self, model: Model) -> tuple[RunRequest, tuple[Problem, ...]]:
        """The request with its items, and what is wrong with lines that are left out.

        Raises:
            InvalidSetting: the file cannot be read, or no line of it can be used.
        """
        if self.own is None:
            return self.request, ()
        form = format_of(self.own.name)
        read = read_task(_text(self.own), form, model.tokenizer, most_tokens=model.n_ctx)
        items = tuple(GivenItem.model_validate(fields_of(item)) for item in read.task.items)
        return self.request.model_copy(update={"items": items}), read.problems


def read_run(file: Path | None, task: str | None = None) -> WrittenRun:
    """What a file asks for.

    Args:
        file: None for every head's exact effect on a task.
        task: in place of the file's: a name, or a file of one's own items.

    Raises:
        InvalidSetting: it cannot be read, or does not hold one: a sentence for each mistake, with
            its line.
    """
    if file is not None:
        return parsed(_text(file), file.name, file.parent, task)
    if task is None:
        raise InvalidSetting("Name a run's file, or a task: attention-surgery run --task ioi.")
    return parsed(json.dumps({"task": task, "analysis": ANALYSIS}), "the run")


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise InvalidSetting(f"{file} is larger than {MOST_BYTES} bytes: it is no run's file.")
        text = file.read_text("utf-8")
    except OSError as error:
        raise InvalidSetting(f"{file} cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise InvalidSetting(f"{file} is not UTF-8: convert it, e.g. with iconv.") from None
    return text


def parsed(text: str, name: str, folder: Path = Path(), task: str | None = None) -> WrittenRun:
    """The same of a file's text; raises as `read_run`.

    Args:
        folder: from which its own files' places count.
    """
    try:
        tree = yaml.compose(text, yaml.SafeLoader)
        fields = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark is not None else 1
        raise InvalidSetting(f"{name}, line {line}: this is no YAML ({error.problem}).") from None
    except yaml.YAMLError as error:
        raise InvalidSetting(f"{name} is no YAML ({str(error).splitlines()[0]}).") from None
    if not isinstance(fields, dict) or not all(isinstance(key, str) for key in fields):
        raise InvalidSetting(f"{name} holds no fields: write task: ioi and the like.")
    own = None
    if task is not None:
        fields["task"], folder = task, Path()
    if "items" not in fields and _is_file(fields.get("task")):
        own = folder / fields["task"]
        fields |= {"task": own.name, "items": [SOME_ITEM]}
    try:
        return WrittenRun(RunRequest.model_validate(fields), own)
    except ValidationError as error:
        raise InvalidSetting("\n".join(_sentences(error.errors(), tree, name))) from None


def _is_file(task: object) -> bool:
    return isinstance(task, str) and task.lower().endswith((".jsonl", ".csv"))


def _sentences(problems: Sequence[Mapping[str, Any]], tree: Any, name: str) -> Iterator[str]:
    for found in problems[:MOST_SHOWN]:
        yield f"{name}, line {_line(tree, found['loc'])}: {what_is_wrong(found)}."
    if (more := len(problems) - MOST_SHOWN) > 0:
        yield f"And {more} more."


def _line(tree: Any, location: Sequence[str | int]) -> int:
    """Of the field itself, or of what should have it."""
    line = 1
    for part in location:
        if isinstance(tree, yaml.MappingNode):
            pair = next((each for each in tree.value if each[0].value == part), None)
            if pair is None:
                break
            line, tree = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(tree, yaml.SequenceNode) and isinstance(part, int):
            tree = tree.value[part]
            line = tree.start_mark.line + 1
        else:
            break
    return line
