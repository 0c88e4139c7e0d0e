"""Results as JSON.

Done on the inference thread, and large arrays row by row: one call that converts a million
numbers would hold the interpreter, and with it every health probe, for as long.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray
from pydantic import BaseModel

# Numbers converted in one call: less than a millisecond.
AT_ONCE = 16_384

PLAIN = str, int, type(None)
NUMBERS = np.ndarray, np.generic
SEQUENCES = list, tuple


def encode(value: object) -> bytes:
    """JSON, as UTF-8, of dataclasses, requests, arrays, mappings, sequences and scalars.

    Raises:
        ValueError: a number is not finite, which JSON cannot say.
        TypeError: a value of another kind, or text that has no UTF-8 form.
    """
    written = orjson.dumps(value, default=_encode_other, option=orjson.OPT_NON_STR_KEYS)
    if b"null" in written:  # which is how the encoder writes a number that is not finite, too
        _check_finite(value)
    return written


def _encode_other(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return orjson.Fragment(_encode_array(value))
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _encode_array(array: NDArray[Any]) -> bytes:
    if array.size <= AT_ONCE or array.ndim == 1:
        return orjson.dumps(np.ascontiguousarray(array), option=orjson.OPT_SERIALIZE_NUMPY)
    return b"[" + b",".join(map(_encode_array, array)) + b"]"


def _check_finite(value: Any) -> None:
    if isinstance(value, PLAIN):
        return
    if isinstance(value, float):
        finite = math.isfinite(value)
    elif isinstance(value, NUMBERS):
        finite = bool(np.isfinite(value).all())
    else:
        finite = True
        for part in _parts(value):
            _check_finite(part)
    if not finite:
        raise ValueError("a number is not finite: JSON has no form for it")


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, SEQUENCES):
        return value
    if isinstance(value, dict):
        return value.values()
    names = getattr(type(value), "__dataclass_fields__", ())
    return [getattr(value, name) for name in names]
