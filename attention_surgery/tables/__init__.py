"""Results as tables for people; colours vanish where the output is no terminal."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import fields
from typing import Any, get_type_hints

from rich.table import Table

from attention_surgery.analyses import (
    AttentionPatterns,
    CircuitTest,
    DirectAttribution,
    FoundCircuit,
    HeadScores,
    HeadTypes,
    Inference,
    Interactions,
    LogitLens,
    Patching,
    Paths,
    SelfRepair,
    Tokens,
    Verification,
)
from attention_surgery.analyses.result import Result
from attention_surgery.analyses.task import TaskItems
from attention_surgery.tables.causes import show_interactions, show_patching, show_paths
from attention_surgery.tables.circuits import show_circuit, show_found_circuit
from attention_surgery.tables.heads import (
    show_attribution,
    show_head_types,
    show_scores,
    show_self_repair,
)
from attention_surgery.tables.lists import show_task_items, show_verification
from attention_surgery.tables.texts import show_inference, show_lens, show_patterns, show_tokens
from attention_surgery.terminal import Output, plain

TABLES: dict[type[Result], Callable[..., None]] = {
    Inference: show_inference,
    HeadScores: show_scores,
    LogitLens: show_lens,
    AttentionPatterns: show_patterns,
    CircuitTest: show_circuit,
    DirectAttribution: show_attribution,
    FoundCircuit: show_found_circuit,
    SelfRepair: show_self_repair,
    HeadTypes: show_head_types,
    Paths: show_paths,
    Patching: show_patching,
    Interactions: show_interactions,
    TaskItems: show_task_items,
    Tokens: show_tokens,
    Verification: show_verification,
}


def show(result: Result, **options: Any) -> None:
    """A table of the result; its fields where it has none of its own."""
    TABLES.get(type(result), show_fields)(result, **options)


def options_of(result: type[Result]) -> dict[str, tuple[Any, str, Any]]:
    """The options of a result's table: name → type, meaning, default."""
    table = TABLES.get(result, show_fields)
    hints = get_type_hints(table, include_extras=True)
    return {
        name: (hints[name].__origin__, hints[name].__metadata__[0], parameter.default)
        for name, parameter in inspect.signature(table).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
    }


def show_fields(result: Result) -> None:
    table = Table("field", "value")
    for field in fields(result):
        if field.name != "provenance":
            table.add_row(field.name, plain(str(getattr(result, field.name))))
    Output().print(table)
