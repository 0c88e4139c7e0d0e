"""JSON that any parser reads, and that says the same."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attention_surgery.analyses import InferRequest
from attention_surgery.analyses.encoding import AT_ONCE, encode

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.text(st.characters(codec="utf-8"))
    | st.floats(allow_nan=False, allow_infinity=False)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
    max_leaves=30,
)


@dataclass(frozen=True)
class Point:
    x: object
    names: tuple[str, ...] = ()


@given(values)
def test_what_is_encoded_is_what_is_read(value: object) -> None:
    assert json.loads(encode(value)) == value


def test_dataclasses_and_requests_become_objects() -> None:
    text = encode({"points": [Point(1.5, ("a",))], "by_id": {3: "é"}})
    assert text == '{"points":[{"x":1.5,"names":["a"]}],"by_id":{"3":"é"}}'.encode()
    request = json.loads(encode(InferRequest(prompt="x", ablations=("L1H2m",))))
    assert request["ablations"][0]["method"] == "mean"


def test_single_precision_is_written_short() -> None:
    assert encode(np.array([[0.1, 1e-8]], dtype=np.float32)) == b"[[0.1,1e-8]]"


def test_large_arrays_are_written_row_by_row() -> None:
    array = np.arange(3 * AT_ONCE, dtype=np.int64).reshape(3, 4, -1)
    assert json.loads(encode(Point(array.swapaxes(0, 1))))["x"] == array.swapaxes(0, 1).tolist()


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_cannot_say_are_refused(number: float) -> None:
    array = np.full((2, 3), number, dtype=np.float32)
    for value in (number, [number], [[1.0], [number]], Point(number), {"a": (number,)}, array):
        with pytest.raises(ValueError, match="not finite"):
            encode(value)
    with pytest.raises(ValueError, match="not finite"):
        encode([Point([array])])


def test_what_has_no_form_is_refused() -> None:
    for value in (object(), "\ud800"):
        with pytest.raises(TypeError):
            encode(value)
