"""What the command line writes, and how: standard output, notes, progress."""

from __future__ import annotations

import csv
import io
import os
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from io import TextIOWrapper
from typing import Any, TextIO

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn as Bar
from rich.progress import Progress, TextColumn
from rich.text import Text

from attention_surgery.analyses.result import Progress as Told


class Output(Console):
    """A console whose reader may leave; see `piped`."""

    def on_broken_pipe(self) -> None:
        raise


def replace_letters() -> None:
    """Write a ? for what an output's encoding does not have, as that of a file on Windows, instead
    of failing at it.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


@contextmanager
def piped() -> Iterator[None]:
    """Write to standard output; a reader that has seen enough is no failure."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # What is still buffered goes nowhere, instead of failing when Python exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit from None


def note(sentence: str) -> None:
    """Something for the person, not for the program that reads the output."""
    Console(stderr=True, soft_wrap=True).print(escape(sentence), style="yellow")


def write_json(value: object, to: TextIO | None = None) -> None:
    """One line of JSON in UTF-8, whatever the terminal's encoding."""
    from attention_surgery.analyses.encoding import encode

    output = (to or sys.stdout).buffer
    output.write(encode(value) + b"\n")
    output.flush()


def write_text(text: str) -> None:
    """Text in UTF-8 as it is, whatever the terminal's encoding."""
    sys.stdout.buffer.write(text.encode())
    sys.stdout.flush()


def write_csv(columns: Mapping[str, Iterable[object]]) -> None:
    """Columns of one length as CSV; numbers with as many digits as tell them apart."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(columns)
    rows.writerows(zip(*columns.values(), strict=True))
    write_text(text.getvalue())


def follow(steps: Generator[object, None, Any], title: str) -> Any:
    """Drive a job to its end, with a bar on a terminal's standard error."""
    with bar() as progress:
        task = progress.add_task(title, total=None)
        while True:
            try:
                step = next(steps)
            except StopIteration as end:
                return end.value
            if isinstance(step, Told) and step.share is not None:
                progress.update(task, total=1.0, completed=step.share)


@contextmanager
def download(title: str) -> Iterator[Callable[[int, int], None]]:
    """A callback that shows bytes of a download."""
    with bar() as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def bar() -> Progress:
    """Progress on a terminal's standard error, gone when it ends."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), Bar())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def plain(text: str) -> Text:
    """Text of the model or the user: never read as markup."""
    return Text(text)
