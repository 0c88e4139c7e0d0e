"""Bodies are looked at once, whatever is in them."""

from __future__ import annotations

import contextlib
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attention_surgery.api.errors import Refused
from attention_surgery.api.middleware.body import check_json

SMALL, TIMES = 4 * 1024, 16


@pytest.mark.parametrize("unit", [rb"\"", b'"', b'"",', b"[", b"[]", b"\\", b"NaN ", b"nan"])
def test_a_body_sixteen_times_as_long_takes_no_longer_than_linear(unit: bytes) -> None:
    """Quadratic would be 256 times the work; the bound leaves linear a factor of four."""
    assert work(b'"' + unit * (TIMES * SMALL)) < 4 * TIMES * work(b'"' + unit * SMALL)


def work(body: bytes) -> float:
    """Processor seconds that the look at a body takes, whether it is refused or not."""

    def once() -> float:
        begin = time.thread_time()
        for _ in range(2):
            with contextlib.suppress(Refused):
                check_json(body, 16)
        return time.thread_time() - begin

    return min(once() for _ in range(5))


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


@given(value=JSON, ascii_only=st.booleans())
def test_json_passes_as_deep_as_it_is_and_no_deeper(value: object, ascii_only: bool) -> None:
    body = json.dumps(value, ensure_ascii=ascii_only).encode()
    check_json(body, depth(value))
    if depth(value):
        with pytest.raises(Refused, match="deeper"):
            check_json(body, depth(value) - 1)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_json_lacks_are_found_outside_strings_only(number: str) -> None:
    check_json(json.dumps([number, f'"{number}', f"\\{number}"]).encode(), 1)
    with pytest.raises(Refused, match=f"no {number.removeprefix('-')};"):
        check_json(f'["\\"", {number}]'.encode(), 1)
