"""`attention-surgery tasks`: which tasks there are, and the items of one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from attention_surgery import tables, terminal
from attention_surgery.commands import JSON, MODEL
from attention_surgery.loading import load
from attention_surgery.reading import named_values, text_of
from attention_surgery.tables.lists import show_tasks
from attention_surgery.tasks import format_of, task_kinds

if TYPE_CHECKING:
    from attention_surgery.analyses.task import TaskAnalysis


def tasks(
    task: Annotated[
        str | None,
        typer.Argument(help="A task, or a file of your own (.jsonl, .csv); all tasks when absent."),
    ] = None,
    n: Annotated[int, typer.Option("--items", "-n", help="How many items to draw.")] = 10,
    seed: Annotated[int, typer.Option(help="Of the draw.")] = 0,
    parameters: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            metavar="NAME=VALUE",
            help="A parameter of the task, e.g. corruption=abc; lists as JSON; repeatable.",
        ),
    ] = None,
    model: Annotated[str | None, MODEL] = None,
    json: Annotated[bool, JSON] = False,
) -> None:
    """The tasks; or the items of one, and how well the model does on them."""
    with terminal.piped():
        if task is None:
            _list(json)
            return
        request = asked(task, n, seed, parameters or ())
        result = terminal.follow(request.steps(load(model)), "task")
        if json:
            terminal.write_json(result)
            return
        tables.show(result)
        for warning in result.warnings:
            terminal.note(warning)


def asked(task: str, n: int, seed: int, parameters: tuple[str, ...] | list[str]) -> TaskAnalysis:
    """The items of a task, or of a file.

    Raises:
        InvalidSetting: there is no such task or file, or no such parameter.
    """
    from attention_surgery.analyses.task import DrawnTaskRequest, WrittenTaskRequest

    if task not in {kind.name for kind in task_kinds()} and (Path(task).suffix or "/" in task):
        file = Path(task)
        form = format_of(file.name)
        text = text_of(task)
        return WrittenTaskRequest.ask(text=text, format=form, title=file.name[:120])
    given = named_values(parameters)
    return DrawnTaskRequest.ask(task=task, n=n, seed=seed, parameters=given)


def _list(json: bool) -> None:
    if json:
        names = ("name", "title", "metric", "has_corrupt")
        listed = [
            {name: getattr(kind, name) for name in names} | {"meaning": kind.meaning()}
            for kind in task_kinds()
        ]
        terminal.write_json(listed)
    else:
        show_tasks([(kind.name, kind.meaning()) for kind in task_kinds()])
