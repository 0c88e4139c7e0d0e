"""Interventions in short: what is written is read, and what cannot be read is refused."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attention_surgery.errors import InvalidSetting
from attention_surgery.interventions import Intervention, Mean, Zero, methods, parse, write
from attention_surgery.interventions.notation import MOST_POSITIONS

PARAMETERS: dict[str, dict[str, Any]] = {
    "dataset-mean": {"references": ("one text", "another")},
    "resample": {"source": "another text"},
}
SITES = st.integers(0, 1_000_000)
STRENGTHS = st.floats(-2, 2, allow_subnormal=True)
POSITIONS = st.none() | st.lists(st.integers(-1_000_000, 1_000_000), min_size=1).map(tuple)


@st.composite
def interventions(draw: st.DrawFn) -> Intervention:
    method = draw(st.sampled_from(methods()))
    head = draw(SITES | st.none()) if method.on_mlps else draw(SITES)
    return method(
        layer=draw(SITES),
        head=head,
        strength=draw(STRENGTHS),
        positions=draw(POSITIONS),
        **PARAMETERS.get(method.name(), {}),
    )


@given(interventions())
def test_what_is_written_is_read_as_the_same(intervention: Intervention) -> None:
    parameters = PARAMETERS.get(intervention.method, {})
    assert parse(write(intervention), **parameters) == intervention


@given(st.lists(st.integers(0, 300), min_size=1, max_size=200))
def test_spans_keep_order_and_repeats(positions: list[int]) -> None:
    cut = Zero(layer=9, head=6, positions=tuple(positions))
    assert parse(write(cut)).positions == tuple(positions)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("L9H6", Zero(layer=9, head=6)),
        (" l9h6M ", Mean(layer=9, head=6)),
        ("L9H6:mean", Mean(layer=9, head=6)),
        ("L9H6z*0.5", Zero(layer=9, head=6, strength=0.5)),
        ("L9H6*-1", Zero(layer=9, head=6, strength=-1.0)),
        ("L9H6z@10-12,-1", Zero(layer=9, head=6, positions=(10, 11, 12, -1))),
        ("M9z", Zero(layer=9)),
        ("M9", Zero(layer=9)),
    ],
)
def test_short_texts_mean(text: str, meant: Intervention) -> None:
    assert parse(text) == meant


@pytest.mark.parametrize(
    ("cut", "text"),
    [
        (Zero(layer=9, head=6), "L9H6z"),
        (Zero(layer=9, strength=2.0), "M9z*2"),
        (Mean(layer=0, head=0, strength=1e-7), "L0H0m*0.0000001"),
        (Zero(layer=1, head=2, positions=(4, 5, 6, 9, -2, -1)), "L1H2z@4-6,9,-2,-1"),
    ],
)
def test_interventions_are_written_short(cut: Intervention, text: str) -> None:
    assert write(cut) == str(cut) == text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "names no head: write L9H6"),
        ("L9", "names no head: write L9H6"),
        ("L9H6z*1e3", "names no head: write L9H6"),
        ("L9H6z@", "names no head: write L9H6"),
        ("L9H6z@1,,2", "names no head: write L9H6"),
        ("L9H6z@5-3", "'5-3' is no span of positions: write the smaller one first"),
        ("L9H6z@0-1024", "more than 1024 positions: leave them out for all"),
        ("L9H6q", "'q' stands for no ablation method: use z (zero), m (mean)"),
        ("L9H6:nothing", "'nothing' is no ablation method: use zero, mean"),
        ("L9H6z*3", "strength: the value should be less than or equal to 2"),
        ("M9m", "mean works on a head: name one, e.g. L9H0"),
        ("L9H6r", "'L9H6r': source: this field is required"),
        ("L9999999H6", "layer: the value should be less than or equal to 1000000"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(InvalidSetting) as refusal:
        parse(text)
    assert sentence in str(refusal.value)
    assert str(refusal.value).endswith(".")


@given(st.text(max_size=40))
def test_any_text_is_an_intervention_or_refused(text: str) -> None:
    with suppress(InvalidSetting):
        assert isinstance(parse(text), Intervention)


def test_spans_together_name_no_more_positions_than_one_cut_may() -> None:
    """However many spans a text has, they are refused before they are spelled out."""
    with pytest.raises(InvalidSetting, match="more than 1024 positions"):
        parse("L9H6z@" + ",".join(["0-1000"] * 1000))
    assert len(parse("L9H6z@0-1000,0-22").positions or ()) == MOST_POSITIONS
