"""The routes, from the OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attention_surgery.analyses import analyses
from attention_surgery.api.examples import ERRORS
from manual.markdown import cell, page, prose, table
from manual.pictures import picture
from manual.reference.analysis import slug
from manual.schema import document, kind, named_in, request_table, result_table

TITLES = {
    "surgery": "Analyses",
    "models": "Models",
    "tasks": "Tasks",
    "runs": "Runs",
    "experiments": "Saved experiments",
    "health": "Probes and metrics",
}
# Their answers are no JSON objects of their own, or stand on the pages of the analyses.
ELSEWHERE = ("surgery",)


def text() -> str:
    operations = list(_operations())
    tags = dict.fromkeys(tag for _, _, operation in operations for tag in operation["tags"])
    return page(
        "# REST API",
        "A running server describes itself at `/docs`, and as OpenAPI at `/openapi.json`. Bodies "
        "and answers are JSON; a stream is server-sent events. Where the server has a token, "
        "every request but the health probes sends `Authorization: Bearer …`.",
        picture("rest", "The description that every server has at /docs", up=1),
        *(_section(tag, operations) for tag in tags),
        "## Refusals",
        'Every refusal is `{"detail": sentence, "error": kind}`; its header `X-Request-ID` is '
        "what the server's log calls the request by. 429 and 503 say in `Retry-After` when to come "
        "again.",
        table(
            ("status", "when", "for example"),
            [
                (str(status), when, f"“{cell(said)}”")
                for status, (when, said, _) in sorted(ERRORS.items())
            ],
        ),
    )


def _operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def _section(tag: str, operations: list[tuple[str, str, dict[str, Any]]]) -> str:
    mine = [each for each in operations if tag in each[2]["tags"]]
    title = f"## {TITLES.get(tag, tag.capitalize())}"
    if tag in ELSEWHERE:
        return page(title, _analyses(mine)).strip()
    return page(title, *(_route(*each) for each in mine)).strip()


def _analyses(operations: list[tuple[str, str, dict[str, Any]]]) -> str:
    paths = {path for _, path, _ in operations}
    rows = []
    for each in analyses():
        route = each.path()
        twins = [f"`{route}{twin}`" for twin in ("/stream", "/code") if f"{route}{twin}" in paths]
        page_of = f"[`POST {route}`](analyses/{slug(each)}.md)"
        rows.append((page_of, cell(each.summary), ", ".join(twins)))
    return table(("route", "what it answers", "twins"), rows)


def _route(method: str, path: str, operation: dict[str, Any]) -> str:
    statuses = ", ".join(operation["responses"])
    return page(
        f"### `{method} {path}`",
        f"{operation['summary']}. {prose(operation.get('description', ''))}",
        _parameters(operation),
        _body(operation),
        _answer(operation),
        f"Statuses: {statuses}.",
    ).strip()


def _parameters(operation: dict[str, Any]) -> str:
    rows = [
        (
            f"`{each['name']}`",
            each["in"],
            kind(each["schema"]).replace("|", "\\|"),
            cell(each.get("description", "")),
        )
        for each in operation.get("parameters", ())
    ]
    return table(("parameter", "in", "may be", "meaning"), rows) if rows else ""


def _body(operation: dict[str, Any]) -> str:
    names = list(dict.fromkeys(named_in(operation.get("requestBody", {}))))
    if names == ["RunRequest"]:
        return "The body is [a run](runs.md)."
    return "\n\n".join(f"Body:\n\n{request_table(name, {})}" for name in names)


def _answer(operation: dict[str, Any]) -> str:
    good = {status: each for status, each in operation["responses"].items() if status < "300"}
    names = list(dict.fromkeys(named_in(good)))
    shown = [name for name in names if name not in ("RunResults", "ErrorResponse")][:1]
    return "\n\n".join(f"Answer:\n\n{result_table(name)}" for name in shown)
