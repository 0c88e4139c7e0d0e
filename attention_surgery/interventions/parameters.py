"""What a method takes beside its site, strength and positions, for pages and command lines."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import Field
from pydantic.fields import FieldInfo

from attention_surgery.interventions.base import Intervention

Kind = Literal["choice", "prompt", "prompts"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a method, as its field declares it."""

    name: str
    title: str
    meaning: str
    kind: Annotated[Kind, Field(description="One of some words, a text, or several texts.")]
    choices: Annotated[list[str], Field(description="The words, for `choice`.")]
    default: Annotated[str | None, Field(description="Null where it must be given.")]


def described(method: type[Intervention]) -> dict[str, Any]:
    """All that a page says of a method, in plain values."""
    return {
        "name": method.name(),
        "letter": method.letter,
        "title": method.title,
        "meaning": method.meaning(),
        "on_heads": method.on_heads is not None,
        "on_mlps": method.on_mlps,
        "stands_in": stands_in(method),
        "parameters": [asdict(parameter) for parameter in parameters(method)],
    }


def stands_in(method: type[Intervention]) -> bool:
    """Whether it may replace each head outside a circuit, over the items of a task.

    It works on a head by itself, and what it cannot do without are texts: the corrupt prompts.
    """
    if method.on_heads is None or method.needs_below:
        return False
    needed = (each for each in parameters(method) if each.default is None)
    return all(each.kind in ("prompt", "prompts") for each in needed)


def parameters(method: type[Intervention]) -> tuple[Parameter, ...]:
    """The parameters of a method.

    Raises:
        TypeError: a field of a type that has no form on pages and command lines.
    """
    return tuple(
        _parameter(name, field)
        for name, field in method.model_fields.items()
        if name not in Intervention.model_fields
    )


def _parameter(name: str, field: FieldInfo) -> Parameter:
    kind, choices = _kind(name, field.annotation)
    return Parameter(
        name=name,
        title=field.title or name.replace("_", " ").capitalize(),
        meaning=field.description or "",
        kind=kind,
        choices=choices,
        default=None if field.is_required() else field.default,
    )


def _kind(name: str, annotation: Any) -> tuple[Kind, list[str]]:
    if get_origin(annotation) is Literal:
        return "choice", list(get_args(annotation))
    if annotation is str:
        return "prompt", []
    if annotation == tuple[str, ...]:
        return "prompts", []
    raise TypeError(f"the parameter {name} is {annotation}: use Literal, str or tuple[str, ...]")
