"""Arrays in results: numpy in Python, nested lists of numbers in JSON and in its schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema


@dataclass(frozen=True)
class Axes:
    """Metadata of an array field.

    Attributes:
        names: of its axes, in order.
        integer: whether its numbers are whole.
        optional: so many of the first axes may be missing.
        others: the axes it may have instead.
    """

    names: tuple[str, ...]
    integer: bool = False
    optional: int = 0
    others: tuple[tuple[str, ...], ...] = ()

    def __get_pydantic_core_schema__(
        self, _source: Any, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._array)

    def __get_pydantic_json_schema__(
        self, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        deepest = [self._nested(self.names[first:]) for first in range(self.optional + 1)]
        deepest += map(self._nested, self.others)
        return deepest[0] if len(deepest) == 1 else {"anyOf": deepest}

    def _array(self, value: Any) -> NDArray[Any]:
        try:
            array = np.asarray(value)
        except ValueError:  # rows of different lengths
            array = np.asarray(None)
        is_deep = len(self.names) - self.optional <= array.ndim <= len(self.names)
        if not is_deep or array.dtype.kind not in ("iu" if self.integer and array.size else "iuf"):
            axes = "".join(f"[{name}]" for name in self.names)
            raise ValueError(f"this is no array {axes} of numbers")
        return array

    def _nested(self, names: tuple[str, ...]) -> JsonSchemaValue:
        schema: JsonSchemaValue = {"type": "integer" if self.integer else "number"}
        for _ in names:
            schema = {"type": "array", "items": schema}
        return schema | {"description": "".join(f"[{name}]" for name in names)}


# Columns by name, as `pandas.DataFrame` takes them.
Table = dict[str, Any]
LayerHead = Annotated[NDArray[np.float32], Axes(("layer", "head"))]


def tidy(axes: Mapping[str, Sequence[Any]], **values: NDArray[Any]) -> Table:
    """Arrays over the same axes as columns, one row a cell, beside a column for each axis."""
    labels = [np.asarray(axis) for axis in axes.values()]
    places = np.indices([len(axis) for axis in labels]).reshape(len(labels), -1)
    columns: Table = {
        name: axis[place] for name, axis, place in zip(axes, labels, places, strict=True)
    }
    return columns | {name: array.reshape(-1) for name, array in values.items()}


def plain(value: Any) -> Any:
    """Dataclasses, requests, arrays, tuples and mappings as dictionaries, lists and scalars."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value
