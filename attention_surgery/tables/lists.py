"""Tables of what there is, and of what was found by looking."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.table import Table
from rich.text import Text

from attention_surgery.analyses import Verification
from attention_surgery.analyses.task import TaskItems
from attention_surgery.terminal import Output, plain


def show_models(models: Sequence[tuple[str, str]]) -> None:
    table = Table("model", "where")
    for name, where in models:
        table.add_row(name, where)
    Output().print(table)


def show_tasks(tasks: Sequence[tuple[str, str]]) -> None:
    table = Table("task", "what is asked", show_lines=True)
    for name, meaning in tasks:
        table.add_row(name, plain(meaning))
    Output().print(table)


def show_task_items(result: TaskItems) -> None:
    """Its items with the model's answers, and how well it does."""
    table = Table("prompt", "answer", "foil", result.metric, "model says", "")
    for item in result.items:
        texts = (item.prompt, repr(item.answer), repr(item.foil) if item.foil else "")
        value, likeliest = f"{item.value:.3f}", plain(repr(item.likeliest))
        table.add_row(*map(plain, texts), value, likeliest, "" if item.right else "✗")
    Output().print(table)
    corrupt = "" if result.corrupt_mean is None else f", {result.corrupt_mean:.3f} corrupt"
    Output().print(
        f"{result.task}, {len(result.items)} items: {result.accuracy:.1%} right, "
        f"mean {result.metric} {result.mean:.3f}{corrupt}"
    )


def show_verification(result: Verification) -> None:
    """Published beside ours, a table a kind; what is off is marked and counted."""
    console = Output()
    kinds = dict.fromkeys((each.kind, each.source, each.unit) for each in result.comparisons)
    for kind, source, unit in kinds:
        console.print(plain(f"{kind}, {unit} ({source})"))
        table = Table("", "published", "ours", "within")
        for each in (
            f for f in result.comparisons if (f.kind, f.source, f.unit) == (kind, source, unit)
        ):
            within = f"±{each.tolerance:g}" + ("" if each.agrees else ": it is off")
            numbers = f"{each.published:+.4g}", f"{each.ours:+.4f}", within
            table.add_row(plain(each.name), *numbers, style=None if each.agrees else "bold red")
        console.print(table)
    off_by = sum(not each.agrees for each in result.comparisons)
    total = len(result.comparisons)
    console.print(
        f"{off_by} of {total} figures are off." if off_by else f"All {total} figures agree."
    )


def show_findings(findings: Iterable[tuple[str, str, str | None, str | None]]) -> None:
    """Name, state, what is wrong, and what could be better."""
    console, wrong = Output(), 0
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(overflow="fold")
    for name, state, problem, advice in findings:
        table.add_row(name, plain(state))
        wrong += problem is not None
        if problem is not None:
            table.add_row("", Text(problem, style="bold red"))
        if advice is not None:
            table.add_row("", Text(advice, style="yellow"))
    console.print(table)
    console.print("Nothing is wrong." if not wrong else f"Wrong: {wrong}, in red above.")
