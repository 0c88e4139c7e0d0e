"""The list of ablation methods, and any of them as one type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Discriminator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    Tag,
    TypeAdapter,
    ValidationError,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from attention_surgery.errors import InvalidSetting
from attention_surgery.interventions.base import Intervention

Method = TypeVar("Method", bound=type[Intervention])
Value = TypeVar("Value")

_METHODS: dict[str, type[Intervention]] = {}
# What was built from the list and is to be built anew when it grows.
_DEPENDENTS: list[Callable[[], None]] = []


def register(method: Method) -> Method:
    """Add an ablation method; Python, REST, command line, page and exported code then have it.

    Raises:
        ValueError: another method has its name or its letter.
    """
    name = method.name()
    for other in _METHODS.values():
        if other.name() == name or other.letter == method.letter:
            raise ValueError(f"{name} ({method.letter}) collides with {other.name()}")
    _METHODS[name] = method
    _rebuild()
    return method


def unregister(method: type[Intervention]) -> None:
    """Take a method off the list."""
    del _METHODS[method.name()]
    _rebuild()


def methods() -> tuple[type[Intervention], ...]:
    """All ablation methods, in order of registration."""
    return tuple(_METHODS.values())


def method_named(name: str) -> type[Intervention]:
    """The method of that name.

    Raises:
        InvalidSetting: there is none.
    """
    if name not in _METHODS:
        raise InvalidSetting(f"{name[:40]!r} is no ablation method: use {', '.join(_METHODS)}.")
    return _METHODS[name]


def method_of_letter(letter: str) -> type[Intervention]:
    """The method that links write with this letter.

    Raises:
        InvalidSetting: there is none.
    """
    for method in _METHODS.values():
        if method.letter == letter:
            return method
    known = ", ".join(f"{method.letter} ({name})" for name, method in _METHODS.items())
    raise InvalidSetting(f"{letter!r} stands for no ablation method: use {known}.")


def ablation(
    layer: int, head: int | None = None, method: str = "zero", **parameters: Any
) -> Intervention:
    """The intervention of a method known by its name.

    Raises:
        InvalidSetting: no such method, or it takes no such value.
    """
    fields = {"layer": layer, "head": head, "method": method, **parameters}
    return _validated(TypeAdapter(AnyIntervention), fields)


def on_change(rebuild: Callable[[], None]) -> None:
    """Call this whenever a method is added or taken away."""
    _DEPENDENTS.append(rebuild)


def _rebuild() -> None:
    for rebuild in _DEPENDENTS:
        rebuild()


def _method_tag(value: Any) -> str:
    if isinstance(value, Mapping):
        return str(value.get("method", "zero"))
    return getattr(value, "method", "zero")


def _read(value: object) -> object:
    """`"L9H6m"` and `(9, 6)` as the fields they stand for."""
    from attention_surgery.interventions.notation import parse

    if isinstance(value, str):
        try:
            return parse(value)
        except InvalidSetting as error:
            raise ValueError(str(error).rstrip(".")) from None
    if isinstance(value, tuple) and 2 <= len(value) <= 3:
        return dict(zip(("layer", "head", "method"), value, strict=False))
    return value


class _OneOfTheMethods:
    """Any registered method, told apart by the field `method`; read anew at each rebuild."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        choices: Any = None
        for name, method in _METHODS.items():
            tagged: Any = Annotated[method, Tag(name)]
            choices = tagged if choices is None else choices | tagged
        return handler.generate_schema(Annotated[choices, Discriminator(_method_tag)])

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Any of them, because `method` may be left out; a request may also name it in short."""
        methods = handler(schema)["oneOf"]
        return {"anyOf": methods if handler.mode == "serialization" else [*methods, IN_SHORT]}


IN_SHORT: JsonSchemaValue = {"type": "string", "examples": ["L9H6m*0.5@10-14"]}

AnyIntervention = Annotated[Intervention, _OneOfTheMethods(), BeforeValidator(_read)]


def interventions_from(values: object) -> tuple[Intervention, ...]:
    """Interventions from any way of writing them: themselves, fields, `"L9H6m"`, `(9, 6, "mean")`.

    Raises:
        InvalidSetting: one cannot be read, in a sentence.
    """
    adapter = TypeAdapter(tuple[AnyIntervention, ...], config=ConfigDict(strict=False))
    return _validated(adapter, values)


def _validated(adapter: TypeAdapter[Value], value: object) -> Value:
    from attention_surgery.interventions.refusals import validation_sentence

    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        raise InvalidSetting(validation_sentence(error.errors())) from None
