"""JSON that any parser reads, and that says the same."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attention_surgery.service.encoding import encode

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False)
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=30
)


@dataclass(frozen=True)
class Point:
    x: float
    names: tuple[str, ...]


@given(values)
def test_what_is_encoded_is_what_is_read(value: object) -> None:
    assert json.loads(encode(value)) == value


def test_dataclasses_become_objects_with_extra_fields_in_front() -> None:
    text = encode({"points": [Point(1.5, ("a",))], "by_id": {3: "x"}})
    assert json.loads(text) == {"points": [{"x": 1.5, "names": ["a"]}], "by_id": {"3": "x"}}
    assert encode(Point(0.0, ()), model="m") == '{"model":"m","x":0.0,"names":[]}'


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_cannot_say_are_refused(number: float) -> None:
    for value in (number, [number], [[1.0], [number]], Point(number, ())):
        with pytest.raises(ValueError, match="JSON compliant"):
            encode(value)


def test_text_without_a_utf8_form_becomes_ascii() -> None:
    assert encode("\ud800é") == '"\\ud800\\u00e9"'
