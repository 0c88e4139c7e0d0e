"""A run as the shell shows it, and its scores as a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import orjson
from rich.table import Table

from attention_surgery import terminal
from attention_surgery.errors import InvalidSetting
from attention_surgery.runs.request import RunRequest
from attention_surgery.runs.results import HeadSummary, summarised
from attention_surgery.store.kept_runs import KeptRun

if TYPE_CHECKING:
    from attention_surgery.store.runs import Runs


def show_run(runs: Runs, kept: KeptRun, top: int, *, json: bool) -> None:
    seed = RunRequest.model_validate_json(kept.request).seed
    summary = summarised(runs.results(kept.id)[1].scores, seed)
    with terminal.piped():
        if json:
            found = runs.found(kept.id)
            known = None if found is None else orjson.Fragment(found)
            terminal.write_json(fields_of(kept) | {"summary": summary, "found": known})
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


def fields_of(kept: KeptRun) -> dict[str, Any]:
    names = ("id", "title", "state", "done", "total", "seconds", "why", "model", "revision")
    asked = RunRequest.model_validate_json(kept.request)
    return {name: getattr(kept, name) for name in names} | {
        "request": asked.model_dump(mode="json"),
        "version": kept.version,
    }


def check_name(output: Path | None) -> None:
    """Raises:
    InvalidSetting: a file's name does not say what it is to be.
    """
    if output is not None and output.suffix not in (".csv", ".parquet"):
        raise InvalidSetting(f"{output.name} is neither .csv nor .parquet: name one of them.")


def write(runs: Runs, kept: KeptRun, output: Path) -> None:
    form: Literal["csv", "parquet"] = "csv" if output.suffix == ".csv" else "parquet"
    written = runs.results(kept.id)[1].written(form, kept.request)
    try:
        output.write_bytes(written)
    except OSError as error:
        raise InvalidSetting(f"{output} cannot be written ({error.strerror}).") from None
