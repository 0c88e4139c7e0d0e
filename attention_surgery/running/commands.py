"""`attention-surgery run`, and `attention-surgery runs` with what is below it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from attention_surgery import terminal
from attention_surgery.commands import JSON, MODEL
from attention_surgery.errors import InvalidSetting, UnknownRun
from attention_surgery.loading import load, read_settings
from attention_surgery.running.shown import check_name, fields_of, show_run, write
from attention_surgery.running.to_the_end import Finish, join
from attention_surgery.runs.plan import planned
from attention_surgery.runs.request import RunRequest
from attention_surgery.store.kept_runs import UNFINISHED, KeptRun, NewRun
from attention_surgery.store.place import database_url, folder_of_runs

if TYPE_CHECKING:
    from attention_surgery.store.runs import Runs
    from attention_surgery.tasks.files import Problem

# Whose the runs of this machine's shell are: the page, opened here, lists them too.
CLIENT = "127.0.0.1"
DAY = 86_400.0
MOST_TOLD = 10

runs_app = typer.Typer(help="The runs that are kept here: list, show, stop, resume, delete.")
ID = typer.Argument(metavar="ID", help="The run's name, or the first letters of it.")
FILE = typer.Argument(
    metavar="[FILE]",
    help="A run as YAML: task, n, seed, analysis; every head's exact effect when absent.",
    exists=True,
)
TASK = typer.Option(
    help="In place of the file's task: a name, or your own items as .jsonl or .csv."
)
OUTPUT = typer.Option(
    "--output", "-o", help="Write every item's scores there: .csv or .parquet.", dir_okay=False
)
TOP = typer.Option("--top", help="Heads to list.")
CLUSTER = typer.Option(
    metavar="ADDRESS",
    help="Let the workers of a Ray cluster measure the items: auto, host:port of its head, or "
    "ray://host:port; local for one on this machine's cores.",
)


def run(
    file: Annotated[Path | None, FILE] = None,
    task: Annotated[str | None, TASK] = None,
    model: Annotated[str | None, MODEL] = None,
    output: Annotated[Path | None, OUTPUT] = None,
    top: Annotated[int, TOP] = 20,
    cluster: Annotated[str | None, CLUSTER] = None,
    json: Annotated[bool, JSON] = False,
) -> None:
    """Make an analysis of every item of a task; what was interrupted goes on where it was."""
    from attention_surgery.runs.file import read_run  # YAML, which no other command reads

    written = read_run(file, task)
    check_name(output)
    loaded = load(model or written.request.model)
    request, problems = written.with_items(loaded)
    _tell(problems)
    new = planned(request, loaded, lambda asked: asked.steps(loaded))
    join(cluster, request)
    with open_runs() as runs:
        kept = _unfinished(runs, new) or runs.add(new, CLIENT)
        finish = Finish(runs, loaded, output, top, json=json, on_cluster=cluster is not None)
        finish(kept, request)


@runs_app.callback(invoke_without_command=True)
def list_runs(context: typer.Context, json: Annotated[bool, JSON] = False) -> None:
    """The runs that are kept here, the youngest first."""
    if context.invoked_subcommand is not None:
        return
    with open_runs() as runs:
        kept = runs.all_of(None)
    with terminal.piped():
        if json:
            terminal.write_json([fields_of(each) for each in kept])
            return
        table = Table("run", "state", "items", "task", "analysis", "model", "since", "title")
        for each in kept:
            asked = RunRequest.model_validate_json(each.request)
            since = datetime.fromtimestamp(each.created_at).isoformat(" ", "minutes")
            items, what = f"{each.done} of {each.total}", asked.analysis["name"]
            row = (each.id, each.state, items, asked.task, what, each.model, since, each.title)
            table.add_row(*map(terminal.plain, row))
        terminal.Output().print(table)


@runs_app.command()
def show(
    run: Annotated[str, ID],
    output: Annotated[Path | None, OUTPUT] = None,
    top: Annotated[int, TOP] = 20,
    json: Annotated[bool, JSON] = False,
) -> None:
    """What a run has found so far."""
    check_name(output)
    with open_runs() as runs:
        kept = _named(runs, run)
        if output is not None:
            write(runs, kept, output)
        show_run(runs, kept, top, json=json)


@runs_app.command()
def stop(run: Annotated[str, ID]) -> None:
    """Stop a run; what is done stays."""
    with open_runs() as runs:
        stopped = runs.cancel(_named(runs, run).id)
    terminal.note(f"{stopped.id} is {stopped.state}: {stopped.done} of {stopped.total} items done.")


@runs_app.command()
def resume(
    run: Annotated[str, ID],
    model: Annotated[str | None, MODEL] = None,
    output: Annotated[Path | None, OUTPUT] = None,
    top: Annotated[int, TOP] = 20,
    cluster: Annotated[str | None, CLUSTER] = None,
    json: Annotated[bool, JSON] = False,
) -> None:
    """Go on with a run that failed or was stopped; what is done is kept."""
    check_name(output)
    with open_runs() as runs:
        kept = _named(runs, run)
        request = RunRequest.model_validate_json(kept.request)
        loaded = load(model or request.model)
        if (loaded.name, loaded.revision) != (kept.model, kept.revision):
            raise InvalidSetting(
                f"{kept.id} was begun with weights {kept.revision[:12]} of {kept.model}, and these "
                f"are {loaded.revision[:12]} of {loaded.name}: their numbers do not go together."
            )
        join(cluster, request)
        finish = Finish(runs, loaded, output, top, json=json, on_cluster=cluster is not None)
        finish(runs.resume(kept.id), request)


@runs_app.command()
def delete(run: Annotated[str, ID]) -> None:
    """Delete a run with its results."""
    with open_runs() as runs:
        kept = _named(runs, run)
        runs.delete(kept.id)
    terminal.note(f"{kept.id} is deleted.")


@contextmanager
def open_runs() -> Iterator[Runs]:
    """The runs in the database that the settings name."""
    from attention_surgery.store.database import Database
    from attention_surgery.store.runs import Runs

    settings = read_settings()
    place = None if settings.database is None else settings.database.get_secret_value()
    given = None if settings.runs_folder is None else str(settings.runs_folder)
    folder = folder_of_runs(database_url(place), given)
    database = Database(place)
    try:
        yield Runs(database, folder, seconds_kept=settings.runs_days * DAY)
    finally:
        database.close()


def _unfinished(runs: Runs, new: NewRun) -> KeptRun | None:
    """The run of the same request on the same weights that has not come to its end."""
    asked = new.request, new.revision
    kept = (each for each in runs.all_of(CLIENT) if each.state in UNFINISHED)
    return next((each for each in kept if (each.request, each.revision) == asked), None)


def _tell(problems: Sequence[Problem]) -> None:
    """Which lines of a file of items are left out."""
    for each in problems[:MOST_TOLD]:
        terminal.note(f"Line {each.line} is left out: {each.detail}")
    if (more := len(problems) - MOST_TOLD) > 0:
        terminal.note(f"So are {more} more lines.")


def _named(runs: Runs, start: str) -> KeptRun:
    """The run whose name begins so.

    Raises:
        UnknownRun: none does, or several.
    """
    found = [each for each in runs.all_of(None) if each.id.startswith(start)]
    if len(found) != 1:
        how_many = "No run's name begins" if not found else f"{len(found)} runs' names begin"
        raise UnknownRun(f"{how_many} with {start!r}: attention-surgery runs lists them.")
    return found[0]
