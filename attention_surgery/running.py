"""Runs from a shell: a file worked on here, and the list of those that are kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
import typer
from numpy.typing import NDArray
from rich.progress import Progress, TaskID
from rich.table import Table

from attention_surgery import terminal
from attention_surgery.analyses.base import Analysis
from attention_surgery.cluster.pool import Pool, Weights, connect
from attention_surgery.commands import JSON, MODEL
from attention_surgery.errors import InvalidSetting, JobCancelled, UnknownRun
from attention_surgery.loading import load, parse_source, read_settings
from attention_surgery.runs.items import read_task
from attention_surgery.runs.plan import planned
from attention_surgery.runs.request import RunRequest
from attention_surgery.runs.results import HeadSummary, summarised
from attention_surgery.runs.work import Measuring, Work
from attention_surgery.store.kept_runs import UNFINISHED, KeptRun, NewRun
from attention_surgery.store.place import database_url, folder_of_runs

if TYPE_CHECKING:
    from attention_surgery.engine.model import Model
    from attention_surgery.store.runs import Runs

# Whose the runs of this machine's shell are: the page, opened here, lists them too.
CLIENT = "127.0.0.1"
DAY = 86_400.0
LOOK_SECONDS = 0.5

runs_app = typer.Typer(help="The runs that are kept here: list, show, stop, delete.")
ID = typer.Argument(metavar="ID", help="The run's name, or the first letters of it.")
FILE = typer.Argument(metavar="FILE", help="A run as YAML: task, n, seed, analysis.", exists=True)
OUTPUT = typer.Option(
    "--output", "-o", help="Write every item's scores there: .csv or .parquet.", dir_okay=False
)
TOP = typer.Option("--top", help="Heads to list.")
CLUSTER = typer.Option(
    metavar="ADDRESS",
    help="Let the workers of a Ray cluster measure the items: auto, or host:port of its head; "
    "local for one on this machine's cores.",
)


def run(
    file: Annotated[Path, FILE],
    model: Annotated[str | None, MODEL] = None,
    output: Annotated[Path | None, OUTPUT] = None,
    top: Annotated[int, TOP] = 20,
    cluster: Annotated[str | None, CLUSTER] = None,
    json: Annotated[bool, JSON] = False,
) -> None:
    """Make an analysis of every item of a task; what was interrupted goes on where it was."""
    from attention_surgery.runs.file import read_run  # YAML, which no other command reads

    request = read_run(file)
    _check_name(output)
    loaded = load(model or request.model)
    new = planned(request, loaded, lambda asked: asked.steps(loaded))
    source = None
    if cluster is not None:
        connect(cluster)
        source = _source(model or request.model, loaded)
    with open_runs() as runs:
        kept = _unfinished(runs, new) or runs.add(new, CLIENT)
        if kept.done:
            terminal.note(f"Run {kept.id} goes on: {kept.done} of {kept.total} items are done.")
        ended = _followed(runs, kept, request, loaded, source)
        if output is not None:
            _write(runs, ended, output)
        _show(runs, ended, top, json=json)
    if ended.state != "done":
        raise typer.Exit(1)


@runs_app.callback(invoke_without_command=True)
def list_runs(context: typer.Context, json: Annotated[bool, JSON] = False) -> None:
    """The runs that are kept here, the youngest first."""
    if context.invoked_subcommand is not None:
        return
    with open_runs() as runs:
        kept = runs.all_of(None)
    with terminal.piped():
        if json:
            terminal.write_json([_fields(each) for each in kept])
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
    _check_name(output)
    with open_runs() as runs:
        kept = _named(runs, run)
        if output is not None:
            _write(runs, kept, output)
        _show(runs, kept, top, json=json)


@runs_app.command()
def stop(run: Annotated[str, ID]) -> None:
    """Stop a run; what is done stays."""
    with open_runs() as runs:
        stopped = runs.cancel(_named(runs, run).id)
    terminal.note(f"{stopped.id} is {stopped.state}: {stopped.done} of {stopped.total} items done.")


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


def _followed(
    runs: Runs, kept: KeptRun, request: RunRequest, model: Model, source: str | None
) -> KeptRun:
    """The run at its end, whoever works on it: this process where nobody else does.

    Args:
        source: of the model, for the workers of a cluster; None where this process measures.
    """
    task = read_task(runs.items(kept.id), request.task)

    def request_for(item: int) -> Analysis[Any]:
        return request.measure.request_for(task.items[item], request.analysis_fields, task.metric)

    def here(item: int, given_up: Callable[[], bool]) -> NDArray[np.float32]:
        steps = request_for(item).steps(model)
        try:
            while not given_up():
                next(steps)
        except StopIteration as end:
            return np.asarray(request.measure.scores(end.value), np.float32)
        steps.close()
        raise JobCancelled("The run goes on later.")

    @contextmanager
    def measuring(left: Sequence[int]) -> Iterator[Measuring]:
        if source is None:
            yield here
            return
        weights = Weights(source, model.precision, model.revision)
        with closing(Pool(weights, left, request_for)) as pool:
            yield pool

    with terminal.bar() as progress:
        bar = progress.add_task("run", total=kept.total, completed=kept.done)
        while kept.state in UNFINISHED:
            _work(runs, kept, measuring, model, _Bar(progress, bar))
            kept = runs.open(kept.id)
            progress.update(bar, completed=kept.done)
            if kept.state in UNFINISHED:
                time.sleep(LOOK_SECONDS)
    return kept


def _work(
    runs: Runs,
    kept: KeptRun,
    measuring: Callable[[Sequence[int]], AbstractContextManager[Measuring]],
    model: Model,
    watch: _Bar,
) -> None:
    """Work on it unless someone else does."""
    lease = runs.claim({model.name: model.revision}, kept.id)
    if lease is None:
        return
    try:
        with measuring(lease.left) as measure:
            Work(runs, watch).go_on(lease, measure)
    except KeyboardInterrupt:
        runs.give_back(lease)
        done = runs.open(kept.id).done
        terminal.note(
            f"Stopped with {done} of {kept.total} items done: the same command goes on from there."
        )
        raise typer.Exit(130) from None


def _source(name: str | None, model: Model) -> str:
    """What every machine of a cluster loads: a name, or a directory that all of them see."""
    directory = None if name is None else parse_source(name)[1]
    return model.name if directory is None else str(directory.absolute())


class _Bar:
    """Shows how a run goes."""

    def __init__(self, progress: Progress, bar: TaskID) -> None:
        self._progress, self._bar = progress, bar

    def kept(self, done: int, total: int) -> None:
        self._progress.update(self._bar, completed=done, total=total)

    def stuck(self, why: str | None) -> None:
        if why is not None:
            terminal.note(why)

    def crashed(self, error: Exception) -> None:
        raise error


def _unfinished(runs: Runs, new: NewRun) -> KeptRun | None:
    """The run of the same request on the same weights that has not come to its end."""
    asked = new.request, new.revision
    kept = (each for each in runs.all_of(CLIENT) if each.state in UNFINISHED)
    return next((each for each in kept if (each.request, each.revision) == asked), None)


def _check_name(output: Path | None) -> None:
    """Raises:
    InvalidSetting: a file's name does not say what it is to be.
    """
    if output is not None and output.suffix not in (".csv", ".parquet"):
        raise InvalidSetting(f"{output.name} is neither .csv nor .parquet: name one of them.")


def _write(runs: Runs, kept: KeptRun, output: Path) -> None:
    form: Literal["csv", "parquet"] = "csv" if output.suffix == ".csv" else "parquet"
    written = runs.results(kept.id)[1].written(form, kept.request)
    try:
        output.write_bytes(written)
    except OSError as error:
        raise InvalidSetting(f"{output} cannot be written ({error.strerror}).") from None


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


def _show(runs: Runs, kept: KeptRun, top: int, *, json: bool) -> None:
    seed = RunRequest.model_validate_json(kept.request).seed
    summary = summarised(runs.results(kept.id)[1].scores, seed)
    with terminal.piped():
        if json:
            terminal.write_json(_fields(kept) | {"summary": summary})
            return
        words = f"{kept.id}: {kept.state}, {kept.done} of {kept.total} items"
        terminal.Output().print(terminal.plain(words + (f". {kept.why}" if kept.why else "")))
        if summary is not None:
            _show_summary(summary, top)


def _show_summary(summary: HeadSummary, top: int) -> None:
    table = Table("head", "mean", "95 % interval", "same sign", "adjusted p")
    table.title = f"{summary.n} items"
    order = np.argsort(-np.abs(summary.mean), axis=None, kind="stable")[:top]
    for at in (np.unravel_index(each, summary.mean.shape) for each in order):
        interval = ""
        if summary.low is not None and summary.high is not None:
            interval = f"{summary.low[at]:+.4g} … {summary.high[at]:+.4g}"
        table.add_row(
            f"L{at[0]}H{at[1]}",
            f"{summary.mean[at]:+.4g}",
            interval,
            f"{summary.same_sign[at]:.0%}",
            f"{summary.adjusted_p[at]:.2g}",
        )
    terminal.Output().print(table)


def _fields(kept: KeptRun) -> dict[str, Any]:
    names = ("id", "title", "state", "done", "total", "seconds", "why", "model", "revision")
    asked = RunRequest.model_validate_json(kept.request)
    return {name: getattr(kept, name) for name in names} | {
        "request": asked.model_dump(mode="json"),
        "version": kept.version,
    }
