"""The tasks: what is asked, with items as they are drawn."""

from __future__ import annotations

import inspect
import json

from tokenizers import Tokenizer

from attention_surgery.tasks import TaskKind, generate, task_kinds
from manual.markdown import cell, fenced, page, prose, table
from manual.pictures import picture
from manual.schema import ROOT, default, kind

SHOWN = 2
LONG = 200


def text() -> str:
    folder = ROOT / "attention_surgery" / "bundled" / "tokenizer.json"
    tokenizer = Tokenizer.from_file(str(folder))
    return page(
        "# Tasks",
        "A task is a set of items: a prompt, the token that should follow (answer), mostly one "
        "that should not (foil), and a corrupt prompt of as many tokens in which nothing tells the "
        "one from the other. Items are drawn by seed; more of them begin with the same ones. Words "
        "that a model's tokenizer splits are left out.",
        picture("task", "A task on the page: its first items, and how well the model does", up=1),
        table(
            ("task", "what it is", "metric", "corrupt prompts"),
            [
                (
                    f"[`{each.name}`](#{each.name})",
                    each.title,
                    f"`{each.metric}`",
                    "yes" if each.has_corrupt else "",
                )
                for each in task_kinds()
            ],
        ),
        *(_task(each, tokenizer) for each in task_kinds()),
        "Your own items come from a file: see [a task of your own](../how-to/own-task.md).",
    )


def _task(task: type[TaskKind], tokenizer: Tokenizer) -> str:
    properties = task.model_json_schema()["properties"]
    rows = [
        (
            f"`{name}`",
            kind(of).replace("|", "\\|"),
            _short(default(of)),
            cell(of.get("description", "")),
        )
        for name, of in properties.items()
    ]
    items = generate(task.name, tokenizer, n=SHOWN).items
    shown = "\n".join(
        json.dumps(
            {
                name: value
                for name in ("prompt", "answer", "foil", "corrupt")
                if (value := getattr(item, name)) is not None
            },
            ensure_ascii=False,
        )
        for item in items
    )
    return page(
        f"## {task.title} {{ #{task.name} }}",
        f"`{task.name}`, measured by [`{task.metric}`](metrics.md#{task.metric})",
        prose(inspect.cleandoc(task.__doc__ or "")),
        table(("parameter", "may be", "when absent", "meaning"), rows) if rows else "",
        f"Its first {SHOWN} items for the bundled model:",
        fenced("json", shown),
    ).strip()


def _short(text: str) -> str:
    text = cell(text)
    return text if len(text) < LONG else f"{text[:LONG]} …`"
