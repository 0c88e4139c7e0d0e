"""The list of analyses: routes, commands, limits and the OpenAPI document are made from it."""

from __future__ import annotations

from typing import Any, TypeVar

from attention_surgery.analyses.base import Analysis
from attention_surgery.errors import InvalidSetting
from attention_surgery.interventions.registry import on_change

Kind = TypeVar("Kind", bound=type[Analysis[Any]])

_ANALYSES: dict[str, type[Analysis[Any]]] = {}


def register(analysis: Kind) -> Kind:
    """Add an analysis to the list.

    Raises:
        ValueError: another one has its name.
    """
    if analysis.name in _ANALYSES:
        raise ValueError(f"there is an analysis {analysis.name} already")
    _ANALYSES[analysis.name] = analysis
    return analysis


def unregister(analysis: type[Analysis[Any]]) -> None:
    """Take an analysis off the list."""
    del _ANALYSES[analysis.name]


def analysis_named(name: str) -> type[Analysis[Any]]:
    """The analysis of that name.

    Raises:
        InvalidSetting: there is none.
    """
    if name not in _ANALYSES:
        raise InvalidSetting(f"{name[:40]!r} is no analysis: use {', '.join(_ANALYSES)}.")
    return _ANALYSES[name]


def analyses() -> tuple[type[Analysis[Any]], ...]:
    """All analyses, in order of registration."""
    return tuple(_ANALYSES.values())


def _read_methods_anew() -> None:
    """Requests name the ablation methods in their schemas."""
    for analysis in _ANALYSES.values():
        analysis.model_rebuild(force=True)


on_change(_read_methods_anew)
