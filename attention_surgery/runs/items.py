"""Items as they are kept with a run, and as they are answered: JSON."""

from __future__ import annotations

from typing import Any

import orjson

from attention_surgery.tasks import Item, Task


def kept_task(task: Task) -> bytes:
    """The metric and the items of a task."""
    return orjson.dumps({"metric": task.metric, "items": list(map(fields_of, task.items))})


def read_task(kept: bytes, name: str) -> Task:
    """What `kept_task` wrote."""
    read: dict[str, Any] = orjson.loads(kept)
    return Task(name, read["metric"], tuple(Item(**each) for each in read["items"]))


def fields_of(item: Item) -> dict[str, Any]:
    """Its fields; those that are not there are left out."""
    fields: dict[str, Any] = {"prompt": item.prompt, "answer": item.answer, "foil": item.foil}
    fields |= {"corrupt": item.corrupt, "positions": dict(item.positions)}
    return {name: value for name, value in fields.items() if value is not None}
