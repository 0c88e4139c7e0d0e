"""Runs from a shell: a file worked on here, and the list of those that are kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
import orjson
import typer
from numpy.typing import NDArray
from rich.progress import Progress, TaskID
from rich.table import Table

from attention_surgery import terminal
from attention_surgery.cluster.pool import Pool, connect
from attention_surgery.commands import JSON, MODEL
from attention_surgery.errors import (
    InvalidSetting,
    JobCancelled,
    StoreFull,
    StoreUnavailable,
    UnknownRun,
)
from attention_surgery.loading import load, read_settings
from attention_surgery.runs.batches import Batches
from attention_surgery.runs.items import read_task
from attention_surgery.runs.plan import planned
from attention_surgery.runs.request import RunRequest
from attention_surgery.runs.results import HeadSummary, summarised
from attention_surgery.runs.together import Piece
from attention_surgery.runs.work import ONE_PART, Measuring, Whole, Work, parts_left
from attention_surgery.store.kept_runs import UNFINISHED, KeptRun, Lease, NewRun
from attention_surgery.store.place import database_url, folder_of_runs

if TYPE_CHECKING:
    from attention_surgery.engine.model import Model
    from attention_surgery.store.runs import Runs
    from attention_surgery.tasks.files import Problem

# Whose the runs of this machine's shell are: the page, opened here, lists them too.
CLIENT = "127.0.0.1"
DAY = 86_400.0
LOOK_SECONDS = 0.5
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
    _check_name(output)
    loaded = load(model or written.request.model)
    request, problems = written.with_items(loaded)
    _tell(problems)
    new = planned(request, loaded, lambda asked: asked.steps(loaded))
    _join(cluster, request)
    with open_runs() as runs:
        kept = _unfinished(runs, new) or runs.add(new, CLIENT)
        finish = _Finish(runs, loaded, output, top, json=json, on_cluster=cluster is not None)
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
def resume(
    run: Annotated[str, ID],
    model: Annotated[str | None, MODEL] = None,
    output: Annotated[Path | None, OUTPUT] = None,
    top: Annotated[int, TOP] = 20,
    cluster: Annotated[str | None, CLUSTER] = None,
    json: Annotated[bool, JSON] = False,
) -> None:
    """Go on with a run that failed or was stopped; what is done is kept."""
    _check_name(output)
    with open_runs() as runs:
        kept = _named(runs, run)
        request = RunRequest.model_validate_json(kept.request)
        loaded = load(model or request.model)
        if (loaded.name, loaded.revision) != (kept.model, kept.revision):
            raise InvalidSetting(
                f"{kept.id} was begun with weights {kept.revision[:12]} of {kept.model}, and these "
                f"are {loaded.revision[:12]} of {loaded.name}: their numbers do not go together."
            )
        _join(cluster, request)
        finish = _Finish(runs, loaded, output, top, json=json, on_cluster=cluster is not None)
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


@dataclass(frozen=True, slots=True, eq=False)
class _Finish:
    """Brings a run to its end and shows what it found; exit code 1 where it failed."""

    runs: Runs
    model: Model
    output: Path | None
    top: int
    _: KW_ONLY
    json: bool
    on_cluster: bool

    def __call__(self, kept: KeptRun, request: RunRequest) -> None:
        if kept.done:
            terminal.note(f"Run {kept.id} goes on: {kept.done} of {kept.total} items are done.")
        ended = self._followed(kept, request)
        if self.output is not None:
            _write(self.runs, ended, self.output)
        _show(self.runs, ended, self.top, json=self.json)
        if ended.state != "done":
            raise typer.Exit(1)

    def _followed(self, kept: KeptRun, request: RunRequest) -> KeptRun:
        """The run at its end, whoever works on it: this process where nobody else does."""
        batches = None
        if request.together is None:
            task = read_task(self.runs.items(kept.id), request.task)
            batches = Batches.of(request, task, self.model)
        with terminal.bar() as progress:
            bar = progress.add_task("run", total=kept.total, completed=kept.done)
            while kept.state in UNFINISHED:
                self._work(kept, request, batches, _Bar(progress, bar))
                kept = self.runs.open(kept.id)
                progress.update(bar, completed=kept.done)
                if kept.state in UNFINISHED:
                    time.sleep(LOOK_SECONDS)
        return kept

    def _work(
        self, kept: KeptRun, request: RunRequest, batches: Batches | None, watch: _Bar
    ) -> None:
        """Work on it unless someone else does.

        Args:
            batches: of its items; None where it reads all of them together.
        """
        lease = self.runs.claim({self.model.name: self.model.revision}, kept.id)
        if lease is None:
            return
        try:
            work = Work(self.runs, watch)
            if batches is None:
                shape = self.model.n_layers, self.model.n_heads
                piece = Piece(request.of_items(), self.runs.found(kept.id), shape)
                work.go_on(lease, ONE_PART, partial(self._together, piece, lease))
                return
            with self._measuring(batches, lease) as measure:
                work.go_on(lease, batches.parts, measure)
        except KeyboardInterrupt:
            self.runs.give_back(lease)
            done = self.runs.open(kept.id).done
            terminal.note(
                f"Stopped with {done} of {kept.total} items done: the same command goes on from "
                "there."
            )
            raise typer.Exit(130) from None

    @contextmanager
    def _measuring(self, batches: Batches, lease: Lease) -> Iterator[Measuring]:
        if not self.on_cluster:
            yield partial(_here, self.model, batches)
            return
        left = parts_left(batches.parts, lease)
        with closing(Pool(self.model, left, batches.batch)) as pool:
            yield pool

    def _together(
        self, piece: Piece, lease: Lease, _all: range, given_up: Callable[[], bool]
    ) -> Whole:
        """What all items give together; what is known is kept as it goes."""
        with closing(piece.watched(piece.left.steps(self.model))) as steps:
            while not given_up():
                try:
                    next(steps)
                except StopIteration as end:
                    return piece.finished(end.value)
                if (news := piece.news()) is not None:
                    with suppress(StoreUnavailable, StoreFull):  # the next will do
                        self.runs.keep_found(lease, news)
        raise JobCancelled("The run goes on later.")


def _join(cluster: str | None, request: RunRequest) -> None:
    """Raises:
    InvalidSetting: the run cannot be shared out.
    ModelUnavailable: the cluster does not answer.
    """
    if cluster is None:
        return
    if request.together is not None:
        raise InvalidSetting(
            "A cluster shares out items, and a circuit is measured on all of them together: leave "
            "--cluster out."
        )
    connect(cluster)


def _here(
    model: Model, batches: Batches, part: range, given_up: Callable[[], bool]
) -> NDArray[np.float32]:
    """The scores of some items, measured by this process."""
    with closing(batches.batch(part).steps(model)) as steps:
        while not given_up():
            try:
                next(steps)
            except StopIteration as end:
                scores: NDArray[np.float32] = end.value
                return scores
    raise JobCancelled("The run goes on later.")


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


def _tell(problems: Sequence[Problem]) -> None:
    """Which lines of a file of items are left out."""
    for each in problems[:MOST_TOLD]:
        terminal.note(f"Line {each.line} is left out: {each.detail}")
    if (more := len(problems) - MOST_TOLD) > 0:
        terminal.note(f"So are {more} more lines.")


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
            found = runs.found(kept.id)
            known = None if found is None else orjson.Fragment(found)
            terminal.write_json(_fields(kept) | {"summary": summary, "found": known})
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
