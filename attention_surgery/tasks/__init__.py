"""Tasks: named sets of items, each a prompt with the token that should follow and one that should
not.

    from attention_surgery.tasks import generate

    task = generate("ioi", model.tokenizer, n=100, corruption="abc")
    task.items[0].prompt, task.items[0].answer, task.items[0].positions["S2"]

To add a task, write a module with one subclass of `TaskKind`, decorated by `register`. Importing
this package does not import torch.
"""

from attention_surgery.tasks.base import (
    Item,
    Task,
    TaskKind,
    generate,
    register,
    task_kinds,
    task_named,
)
from attention_surgery.tasks.exams import Exam
from attention_surgery.tasks.facts import Facts
from attention_surgery.tasks.files import (
    Format,
    Problem,
    Read,
    Row,
    format_of,
    read_items,
    read_task,
)
from attention_surgery.tasks.gender import Gender
from attention_surgery.tasks.greater_than import GreaterThan
from attention_surgery.tasks.induction import Induction
from attention_surgery.tasks.ioi import IndirectObjects
from attention_surgery.tasks.places import Places
from attention_surgery.tasks.template import FromTemplate

__all__ = [
    "Exam",
    "Facts",
    "Format",
    "FromTemplate",
    "Gender",
    "GreaterThan",
    "IndirectObjects",
    "Induction",
    "Item",
    "Places",
    "Problem",
    "Read",
    "Row",
    "Task",
    "TaskKind",
    "format_of",
    "generate",
    "read_items",
    "read_task",
    "register",
    "task_kinds",
    "task_named",
]
