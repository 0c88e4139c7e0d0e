"""Results as JSON text.

Done on the inference thread and row by row: one call that converts a million numbers would hold
the interpreter, and with it every health probe, for as long.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

_dumps = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode


def encode(value: object, **extra: object) -> str:
    """JSON of dataclasses, mappings, sequences and scalars.

    Args:
        extra: fields put in front of a dataclass's own.

    Raises:
        ValueError: a number is not finite, which JSON cannot say.
    """
    if is_dataclass(value) and not isinstance(value, type):
        own = {name: getattr(value, name) for name in _field_names(type(value))}
        return _encode_mapping(extra | own)
    if isinstance(value, Mapping):
        return _encode_mapping(value)
    if isinstance(value, list | tuple):
        return _encode_sequence(value)
    return _dumps(value)


def _encode_mapping(mapping: Mapping[Any, object]) -> str:
    return "{" + ",".join(f"{_dumps(str(k))}:{encode(v)}" for k, v in mapping.items()) + "}"


def _encode_sequence(items: list[object] | tuple[object, ...]) -> str:
    if not items or isinstance(items[0], int | float | str):
        return _dumps(items)
    return "[" + ",".join(encode(item) for item in items) + "]"


@cache
def _field_names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))
