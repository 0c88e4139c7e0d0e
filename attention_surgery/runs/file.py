"""A run as a file: YAML, or JSON, which is YAML too.

task: ioi
n: 100
analysis:
  name: importance
  method: ablation
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from attention_surgery.errors import InvalidSetting
from attention_surgery.interventions.refusals import what_is_wrong
from attention_surgery.runs.request import RunRequest

MOST_SHOWN = 10
MOST_BYTES = 16 * 1024 * 1024


def read_run(file: Path) -> RunRequest:
    """The request that a file holds.

    Raises:
        InvalidSetting: it cannot be read, or does not hold one: a sentence for each mistake, with
            its line.
    """
    try:
        if file.stat().st_size > MOST_BYTES:
            raise InvalidSetting(f"{file} is larger than {MOST_BYTES} bytes: it is no run's file.")
        text = file.read_text("utf-8")
    except OSError as error:
        raise InvalidSetting(f"{file} cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise InvalidSetting(f"{file} is not UTF-8: convert it, e.g. with iconv.") from None
    return parsed(text, file.name)


def parsed(text: str, name: str) -> RunRequest:
    """The same of a file's text; raises as `read_run`."""
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
    try:
        return RunRequest.model_validate(fields)
    except ValidationError as error:
        raise InvalidSetting("\n".join(_sentences(error.errors(), tree, name))) from None


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
