"""Heads that are enough for a task: found by search, tested, written into page and package."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from attention_surgery.analyses.circuit import circuit
from attention_surgery.analyses.circuit_result import CircuitTest
from attention_surgery.analyses.circuit_search import FoundCircuit, circuit_search
from attention_surgery.engine.model import Model
from attention_surgery.tasks import task_named
from benchmarks.measure import table

TASKS = ("ioi", "induction", "places")
ITEMS = 30
TARGET = 0.9


@dataclass(frozen=True, slots=True)
class TaskCircuit:
    """What the search found, and how it stands the test."""

    found: FoundCircuit
    test: CircuitTest

    @property
    def heads(self) -> str:
        """The most needed first."""
        assert self.test.minimality is not None
        return " ".join(str(each.head) for each in self.test.minimality.heads)


def task_circuits(model: Model) -> list[TaskCircuit]:
    """A circuit for each task, grown until it is faithful."""
    return [_of_task(model, task) for task in TASKS]


def _of_task(model: Model, task: str) -> TaskCircuit:
    found = circuit_search(model, task=task, n=ITEMS, direction="growth", target=TARGET)
    heads = [str(head) for head in found.heads]
    return TaskCircuit(found, circuit(model, heads, task=task, n=ITEMS, measures=("minimality",)))


def circuits_file(circuits: Sequence[TaskCircuit]) -> str:
    """`bundled/circuits.json`, read by `analyses.named_circuits`."""
    named = [
        {
            "name": each.found.task,
            "title": task_named(each.found.task).title,
            "task": each.found.task,
            "source": "docs/bundled-model.md",
            "heads": [[head.layer, head.head] for head in each.found.heads],
        }
        for each in circuits
    ]
    return json.dumps(named, indent=1) + "\n"


def section(circuits: Sequence[TaskCircuit]) -> str:
    """The page's part about them."""
    rows = [
        [
            f"`{each.found.task}`",
            f"{each.found.whole:+.2f}",
            f"{each.found.empty:+.2f}",
            f"{each.found.value:+.2f} ({each.found.ratio:.0%})",
            _random(each.test),
            each.heads,
        ]
        for each in circuits
    ]
    columns = ["task", "whole model", "no head", "circuit", "random heads", "its heads"]
    return f"""## Which heads are enough

All heads but a few replaced by their mean over the task's corrupt prompts, MLPs kept: what is
left of logit(answer) − logit(foil), mean over {ITEMS} items. Each circuit was grown until it kept
{TARGET:.0%} (or came as near from above), and no single head of it can be spared; beside it the
mean and range of 20 random circuits of as many heads. The most needed head stands first.

{table(columns, rows)}

```sh
attention-surgery circuit search --task ioi --direction growth --model gpt2-mini-12x12
attention-surgery circuit test --circuit ioi --task ioi --model gpt2-mini-12x12
```"""


def _random(test: CircuitTest) -> str:
    band = test.faithfulness.random
    assert band is not None
    return f"{band.mean:+.2f} ({band.low:+.2f} … {band.high:+.2f})"
