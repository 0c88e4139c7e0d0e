"""A run brought to its end by this process, or by the workers of a cluster that it has joined."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import KW_ONLY, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import typer
from numpy.typing import NDArray
from rich.progress import Progress, TaskID

from attention_surgery import terminal
from attention_surgery.cluster.joining import connect
from attention_surgery.cluster.pool import Pool
from attention_surgery.errors import InvalidSetting, JobCancelled, StoreFull, StoreUnavailable
from attention_surgery.running.shown import show_run, write
from attention_surgery.runs.batches import Batches
from attention_surgery.runs.items import read_task
from attention_surgery.runs.request import RunRequest
from attention_surgery.runs.together import Piece
from attention_surgery.runs.work import ONE_PART, Measuring, Whole, Work, parts_left
from attention_surgery.store.kept_runs import UNFINISHED, KeptRun, Lease

if TYPE_CHECKING:
    from attention_surgery.engine.model import Model
    from attention_surgery.store.runs import Runs

LOOK_SECONDS = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Finish:
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
            write(self.runs, ended, self.output)
        show_run(self.runs, ended, self.top, json=self.json)
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
        self, piece: Piece, lease: Lease, everything: range, given_up: Callable[[], bool]
    ) -> tuple[range, Whole]:
        """What all items give together; what is known is kept as it goes."""
        with closing(piece.watched(piece.left.steps(self.model))) as steps:
            while not given_up():
                try:
                    next(steps)
                except StopIteration as end:
                    return everything, piece.finished(end.value)
                if (news := piece.news()) is not None:
                    with suppress(StoreUnavailable, StoreFull):  # the next will do
                        self.runs.keep_found(lease, news)
        raise JobCancelled("The run goes on later.")


def join(cluster: str | None, request: RunRequest) -> None:
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
) -> tuple[range, NDArray[np.float32]]:
    """The scores of some items, measured by this process."""
    with closing(batches.batch(part).steps(model)) as steps:
        while not given_up():
            try:
                next(steps)
            except StopIteration as end:
                return part, end.value
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
