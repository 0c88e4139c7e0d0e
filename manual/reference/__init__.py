"""The pages of the reference: address → what makes its text. All of it comes from the code."""

from __future__ import annotations

from collections.abc import Callable

from attention_surgery.analyses import analyses
from manual.reference import analysis, cli, methods, metrics, python, rest, settings, tasks

Page = Callable[[], str]


def pages() -> dict[str, Page]:
    """Every generated page, in the order of the table of contents."""
    found: dict[str, Page] = {"reference/analyses/index.md": analysis.overview}
    for each in analyses():
        found[f"reference/analyses/{analysis.slug(each)}.md"] = analysis.page_of(each)
    found["reference/runs.md"] = analysis.runs
    found["reference/methods.md"] = methods.text
    found["reference/metrics.md"] = metrics.text
    found["reference/tasks.md"] = tasks.text
    found["reference/cli.md"] = cli.text
    found["reference/rest.md"] = rest.text
    found["reference/python.md"] = python.text
    found["reference/settings.md"] = settings.text
    return found
