"""A page for each analysis: what it means, how it is asked, its fields, its answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from attention_surgery.analyses import analyses
from attention_surgery.analyses.base import Analysis, Limit
from attention_surgery.commands import NAMES
from attention_surgery.runs.measure import measures
from attention_surgery.runs.request import RunRequest
from attention_surgery.runs.together import TOGETHER
from attention_surgery.settings import PREFIX
from manual.markdown import cell, fenced, page, prose, table
from manual.pictures import picture
from manual.schema import COMMON, CUT, default, kind, parts_of, request_table, result_table

Kind = type[Analysis[Any]]


def slug(analysis: Kind) -> str:
    return analysis.path().strip("/").replace("/", "-")


def command(analysis: Kind) -> str:
    return NAMES.get(analysis.name, analysis.name.replace("_", "-"))


def overview() -> str:
    """All analyses beside each other."""
    rows = [
        (
            f"[{cell(each.summary)}]({slug(each)}.md)",
            f"`{command(each)}`",
            f"`POST {each.path()}`",
            f"`{each.name}`" if _in_python(each) else "",
        )
        for each in analyses()
    ]
    return page(
        "# Analyses",
        "One request, every way in: the same frozen object is the Python argument, the body of the "
        "REST request, what a run's file holds and what a result keeps of where it comes from. "
        "Its fields have one meaning and one default, whoever asks.",
        picture(
            "patching", "One of them on the page: activation patching of z, head by head", up=2
        ),
        table(("question", "command", "route", "Python"), rows),
        "Every result says where it comes from (`provenance`: the whole request, the weights' "
        "revision, the version) and what of the request changed nothing (`warnings`). Each route "
        "has a `/stream` twin with progress; those with a script have `/code`, "
        "`attention-surgery … --code` and `result.code()`.",
    )


def _in_python(analysis: Kind) -> bool:
    import attention_surgery

    return analysis.name in attention_surgery.__all__


def page_of(analysis: Kind) -> Callable[[], str]:
    return lambda: _text(analysis)


def _text(analysis: Kind) -> str:
    request, result = analysis.__name__, analysis.result.__name__
    limits = {
        name: f"{PREFIX}{limit.setting.upper()}"
        for name, field in analysis.model_fields.items()
        for limit in field.metadata
        if isinstance(limit, Limit)
    }
    shown = picture(slug(analysis), analysis.summary, up=2)
    without = ("prompt", "prepend_bos") if not analysis.reads_prompt else ()
    return page(
        f"# {_title(analysis)}",
        f"*{cell(analysis.summary)}*",
        prose(analysis.meaning()),
        shown,
        "## How it is asked",
        _ways(analysis),
        "A body that every model can answer:",
        fenced("json", json.dumps(analysis.example, indent=2, ensure_ascii=False)),
        "## The request",
        request_table(request, limits, without).replace("](settings.md)", "](../settings.md)"),
        _cuts(request),
        "## The answer",
        f"`{result}`, and what it is made of. `model`, `provenance` and `warnings` are of every "
        "answer.",
        result_table(result, COMMON),
        *_parts(result),
        _events(analysis),
    )


def _title(analysis: Kind) -> str:
    return analysis.name.replace("_", " ").capitalize()


def _ways(analysis: Kind) -> str:
    rows = [
        ("shell", f"`attention-surgery {command(analysis)}`"),
        ("REST", f"`POST {analysis.path()}`"),
    ]
    if _in_python(analysis):
        rows.insert(0, ("Python", f"`attention_surgery.{analysis.name}(model, …)`"))
    if any(each.analysis is analysis for each in measures()) or analysis.name in TOGETHER:
        rows.append(
            ("run", f"`analysis: {{name: {analysis.name}, …}}` in [a run's file](../runs.md)")
        )
    if analysis.has_script():
        rows.append(("script", f"`--code`, `POST {analysis.path()}/code`, `result.code()`"))
    return table(("way in", ""), rows)


def _cuts(request: str) -> str:
    from manual.schema import component

    if "ablations" not in component(request)["properties"]:
        return ""
    return "*A cut* is one of the [ablation methods](../methods.md), or its short text."


def _parts(result: str) -> list[str]:
    found: list[str] = []
    for name in parts_of(result, {"Provenance", *CUT}):
        found += [f"### {name}", result_table(name)]
    return found


def _events(analysis: Kind) -> str:
    if not analysis.progress:
        return ""
    told = [f"- {prose((each.__doc__ or '').strip())}" for each in analysis.progress]
    told = ["\n".join(line.strip() for line in each.splitlines()) for each in told]
    return "\n\n".join([f"## Events of `{analysis.path()}/stream`", "\n".join(told)])


def runs() -> str:
    """The request of a run, which is that of a run's file."""
    measured = [
        (_named(each.analysis.name), how, cell(each.meaning))
        for how, kinds in (
            ("item by item", measures()),
            ("all items together", TOGETHER.values()),
        )
        for each in kinds
    ]
    rows = []
    for field, of in RunRequest.model_json_schema()["properties"].items():
        needed = RunRequest.model_fields[field].is_required()
        given = "**needed**" if needed else default(of)
        what = kind(of).replace("|", "\\|").replace("#/$defs/", "")
        rows.append((f"`{field}`", what, given, cell(of.get("description", ""))))
    return page(
        "# Runs",
        "A run makes one analysis of every item of a task. It is a file for "
        "`attention-surgery run FILE`, and the body of `POST /runs`.",
        picture("evidence", "A run that has ended: every head's mean with its interval", up=1),
        fenced("yaml", "task: ioi\nn: 100\nanalysis: {name: importance, method: ablation}"),
        "## Its fields",
        table(("field", "may be", "when absent", "meaning"), rows),
        "## What can be measured",
        "A number for each head, which is",
        table(("analysis", "measures", "is"), measured),
        "## An item of your own",
        result_table("GivenItem"),
        "## What is told of the items",
        result_table("RunResults", COMMON),
        *_parts("RunResults"),
    )


def _named(name: str) -> str:
    address = next(slug(each) for each in analyses() if each.name == name)
    return f"[`{name}`](analyses/{address}.md)"
