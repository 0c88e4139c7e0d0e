"""Parts of the page in a notebook: what is set is shown, what is pressed is set, none by halves."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from traitlets import link

import attention_surgery as surgeon
from attention_surgery.engine.model import Model
from attention_surgery.errors import AttentionSurgeryError, InvalidSetting, UnknownHead
from attention_surgery.notebook import (
    AttentionPattern,
    HeadGrid,
    LogitLens,
    PatchGrid,
    TokenStreams,
)

CLEAN = "When Mary and John went to the store, John gave a drink to"
CORRUPT = "When Mary and John went to the store, Mary gave a drink to"


def press(part: Any, **changes: Any) -> None:
    """What a front end sends when the picture is pressed."""
    part._handle_custom_msg(json.loads(json.dumps(changes)), [])


@pytest.fixture
def grid(bundled: Model) -> HeadGrid:
    return HeadGrid(bundled, CLEAN, scores=None)


def test_setting_ablations_measures_and_tells_the_picture(bundled: Model, grid: HeadGrid) -> None:
    grid.ablations = ["L6H6", (5, 9, "mean")]
    expected = surgeon.infer(
        bundled, CLEAN, ["L6H6", (5, 9, "mean")], max_new_tokens=0, alternatives=6
    )
    assert grid.result == expected
    assert grid._state["answer"] == expected.to_dict()
    assert grid._state["ablations"] == [
        {"layer": 6, "head": 6, "method": "zero"},
        {"layer": 5, "head": 9, "method": "mean"},
    ]


def test_a_press_sets_ablations_and_tells_who_listens(bundled: Model, grid: HeadGrid) -> None:
    heard: list[Any] = []
    grid.observe(lambda change: heard.append(change["new"]), "ablations")
    press(grid, ablations=[{"layer": 6, "head": 6, "method": "zero", "strength": 0.5}])
    assert grid.ablations == (surgeon.Zero(layer=6, head=6, strength=0.5),)
    assert heard == [grid.ablations]
    assert grid.result.next_token == surgeon.infer(
        bundled, CLEAN, ["L6H6*0.5"], max_new_tokens=0, alternatives=6
    ).next_token  # fmt: skip


def test_what_is_refused_changes_nothing(grid: HeadGrid) -> None:
    grid.ablations = ["L6H6"]
    before = grid.result
    with pytest.raises(UnknownHead, match="L99H0"):
        grid.ablations = ["L99H0"]
    with pytest.raises(InvalidSetting, match="names no head"):
        grid.ablations = ["nonsense"]
    assert grid.ablations == (surgeon.Zero(layer=6, head=6),)
    assert grid.result is before
    press(grid, ablations=[{"layer": 99, "head": 0, "method": "zero"}])
    assert grid.ablations == (surgeon.Zero(layer=6, head=6),)
    assert "L99H0" in grid._state["refusal"]
    grid.ablations = []
    assert grid._state["refusal"] is None


def test_a_press_reaches_no_other_trait(grid: HeadGrid) -> None:
    press(grid, _esm="alert(1)", comm=None, model=None, focus={"layer": 3, "head": 4})
    assert grid.focus == (3, 4)
    assert grid._state["focus"] == {"layer": 3, "head": 4}
    assert grid.comm is not None
    press(grid, focus={"layer": 3, "head": 99})
    assert grid.focus == (3, 4)
    assert "L3H99" in grid._state["refusal"]


def test_scores_are_measured_or_ones_own(bundled: Model) -> None:
    grid = HeadGrid(bundled, CLEAN, scores="l2")
    assert np.array_equal(grid.scores.scores, surgeon.importance(bundled, CLEAN, "l2").scores)
    own = np.arange(144).reshape(12, 12)
    grid.scores = own
    assert grid._scores == {"name": "score", "unit": "", "scores": own.tolist()}
    with pytest.raises(InvalidSetting, match="12 × 12"):
        grid.scores = np.zeros((3, 3))
    with pytest.raises(InvalidSetting, match="finite"):
        grid.scores = np.full((12, 12), np.nan)


def test_texts_equal_those_of_infer(bundled: Model) -> None:
    streams = TokenStreams(bundled, CLEAN, ["L6H6"], max_new_tokens=2)
    assert streams.result == surgeon.infer(bundled, CLEAN, ["L6H6"], max_new_tokens=2)
    streams.max_new_tokens = 3
    assert len(streams.result.control.tokens) == 3


def test_the_lens_reads_the_end_and_looks_at_what_was_read(bundled: Model) -> None:
    lens = LogitLens(bundled, CLEAN, ["L6H6"])
    last = len(bundled.tokenize(CLEAN)) - 1
    assert lens.position == last
    press(lens, position=2)
    assert lens.position == lens._state["position"] == 2
    with pytest.raises(InvalidSetting, match="99"):
        lens.position = 99
    assert lens.position == 2
    long = LogitLens(bundled, "word " * 60)
    assert len(long.result.positions) == 48
    assert long.position == long.result.positions[-1]


def test_the_pattern_is_of_the_head_looked_at(bundled: Model) -> None:
    pattern = AttentionPattern(bundled, CLEAN, "L6H6", ["L3H0"])
    press(pattern, head={"layer": 4, "head": 11})
    assert pattern.head == (4, 11)
    expected = surgeon.attention(bundled, CLEAN, 4, 11, ["L3H0"])
    assert np.array_equal(pattern.result.ablated, expected.ablated)
    with pytest.raises(UnknownHead):
        pattern.head = (4, 12)
    assert pattern.head == (4, 11)


def test_patching_follows_its_fields(bundled: Model) -> None:
    part = PatchGrid(bundled, CLEAN, CORRUPT, " Mary", " John")
    press(part, component="mlp_out")
    part.metric = "probability"  # which has no foil
    expected = surgeon.patching(
        bundled, CLEAN, CORRUPT, " Mary", component="mlp_out", metric="probability"
    )
    assert np.array_equal(part.result.values, expected.values)
    with pytest.raises(AttentionSurgeryError):
        part.direction = "sideways"
    assert part.direction == "denoise"


def test_a_model_that_is_not_wrapped_is_refused_in_a_sentence(bundled: Model) -> None:
    with pytest.raises(InvalidSetting, match="wrap a HookedTransformer first"):
        HeadGrid(bundled.hooked, CLEAN)


def test_parts_can_be_tied_together(bundled: Model, grid: HeadGrid) -> None:
    streams = TokenStreams(bundled, CLEAN, max_new_tokens=1)
    link((grid, "ablations"), (streams, "ablations"))
    press(grid, ablations=[{"layer": 6, "head": 6, "method": "zero"}])
    assert streams.ablations == grid.ablations
    assert (
        streams.result.ablated == surgeon.infer(bundled, CLEAN, ["L6H6"], max_new_tokens=1).ablated
    )


def test_a_still_picture_stands_where_no_kernel_runs(bundled: Model, grid: HeadGrid) -> None:
    data, _ = grid._repr_mimebundle_()
    assert "<svg" in data["text/html"]
    assert data["text/plain"] == f"<HeadGrid of {bundled.name}, 0 cut>"


def test_what_a_part_tells_is_json(bundled: Model) -> None:
    part = PatchGrid(bundled, CLEAN, CORRUPT, " Mary", " John")
    json.dumps([part._state, part._fixed], allow_nan=False)
