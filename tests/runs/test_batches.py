"""Batches: which items they hold, and that padded together they give the numbers of each alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from attention_surgery.engine.model import Model
from attention_surgery.engine.steps import drain
from attention_surgery.errors import InvalidSetting
from attention_surgery.runs.batches import Batches, divided
from attention_surgery.runs.measure import measure_named
from attention_surgery.runs.request import RunRequest

CUT = {"ablations": ["L1H2m*0.5@-2", "M0z", "L2H1p"]}
SHARING = [
    {"name": "importance", "method": "gradient"},
    {"name": "importance", "method": "attribution", "metric": "loss", **CUT},
    {"name": "importance", "method": "l2", **CUT},
    {"name": "attribution", **CUT},
    {"name": "head_types", "kind": "previous_token"},
    {"name": "head_types", "kind": "induction"},
]
ITEMS = [
    {"prompt": text, "answer": " John", "foil": " Mary", "corrupt": text}
    for text in (
        "Mary saw",
        "When Mary and John went to the store, John gave a drink to",
        "The boy said that",
        "One day, one day, the dog and the cat saw the dog and",
        "Then she said that the man",
    )
]


def batches_of(model: Model, analysis: dict[str, Any]) -> Batches:
    request = RunRequest.model_validate({"task": "mine", "items": ITEMS, "analysis": analysis})
    return Batches.of(request, request.drawn(model.tokenizer), model)


@pytest.mark.parametrize("analysis", SHARING, ids=str)
def test_a_padded_batch_of_unequal_items_equals_each_alone(
    bundled: Model, analysis: dict[str, Any]
) -> None:
    batches = batches_of(bundled, analysis)
    assert batches.parts == (range(5),)
    batch = batches.batch(range(5))
    together = drain(batch.steps(bundled))
    measure = measure_named(analysis["name"])
    alone = [measure.scores(each.run(bundled), analysis.get("kind")) for each in batch.requests]
    scale = np.abs(alone).max(axis=(1, 2), keepdims=True) + 1e-3
    np.testing.assert_allclose(together / scale, np.array(alone) / scale, atol=2e-5)


def test_what_fills_the_machine_by_itself_goes_alone(bundled: Model) -> None:
    batches = batches_of(bundled, {"name": "importance", "method": "ablation"})
    assert batches.parts == tuple(range(item, item + 1) for item in range(5))


def test_a_batch_gives_the_same_numbers_whatever_was_measured_before(bundled: Model) -> None:
    batches = batches_of(bundled, SHARING[0])
    first = drain(batches.batch(range(5)).steps(bundled))
    drain(batches.batch(range(2, 3)).steps(bundled))
    assert np.array_equal(drain(batches.batch(range(5)).steps(bundled)), first)


def test_batches_hold_as_many_neighbours_as_fit_when_padded() -> None:
    assert divided([]) == []
    assert divided([4, 4, 4, 4], most=8) == [range(2), range(2, 4)]
    assert divided([1, 1, 5, 1], most=8) == [range(2), range(2, 3), range(3, 4)]
    assert divided([100, 1, 2], most=8) == [range(1), range(1, 3)]


def test_head_types_are_asked_of_one_kind() -> None:
    for fields, said in (
        ({}, "kind is one of previous_token, duplicate_token, induction"),
        ({"kind": "copying"}, "kind is one of"),
        ({"kind": "induction", "copying_tokens": 5}, "copying_tokens has no part in a run"),
    ):
        with pytest.raises(InvalidSetting, match=said):
            measure_named("head_types").check(fields)
