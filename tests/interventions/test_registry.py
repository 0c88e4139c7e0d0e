"""The list of ablation methods, and every way of writing an intervention."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import pytest

from attention_surgery.analyses import InferRequest
from attention_surgery.errors import InvalidSetting
from attention_surgery.interventions import (
    Intervention,
    Mean,
    Resample,
    Zero,
    ablation,
    method_named,
    methods,
    parse,
    register,
)
from attention_surgery.interventions.base import Component
from attention_surgery.interventions.registry import interventions_from, unregister


class Half(Intervention):
    """The head attends half as much."""

    letter: ClassVar[str] = "h"
    title: ClassVar[str] = "Half"
    on_heads: ClassVar[Component | None] = "pattern"
    code: ClassVar[str] = "def half(old, hook, head):\n    return old / 2"

    method: Literal["half"] = "half"

    def replacement(self, old: Any, at: Any) -> Any:  # noqa: ARG002
        return old / 2


@pytest.fixture
def half() -> Iterator[type[Half]]:
    yield register(Half)
    unregister(Half)


def test_names_and_letters_are_unique() -> None:
    assert len({method.name() for method in methods()}) == len(methods())
    assert len({method.letter for method in methods()}) == len(methods())


@pytest.mark.parametrize("method", methods(), ids=lambda method: method.name())
def test_every_method_says_what_it_is(method: type[Intervention]) -> None:
    assert method.title
    assert method.meaning().endswith(".")
    assert len(method.letter) == 1
    assert method.letter.islower()
    assert method.on_heads is not None or method.on_mlps
    assert method_named(method.name()) is method


def test_a_registered_method_is_known_everywhere(half: type[Half]) -> None:
    assert half in methods()
    assert parse("L1H2h") == ablation(1, 2, "half") == Half(layer=1, head=2)
    by_name = InferRequest.ask(prompt="x", ablations=({"layer": 1, "head": 2, "method": "half"},))
    assert by_name.ablations == InferRequest.ask(prompt="x", ablations=("L1H2h",)).ablations
    assert "Half" in InferRequest.model_json_schema()["$defs"]


def test_an_unregistered_method_is_known_nowhere() -> None:
    unregister(register(Half))
    assert Half not in methods()
    assert "Half" not in InferRequest.model_json_schema()["$defs"]
    with pytest.raises(InvalidSetting, match="'half' is no ablation method: use"):
        InferRequest.ask(prompt="x", ablations=({"layer": 1, "head": 2, "method": "half"},))
    with pytest.raises(InvalidSetting, match="'h' stands for no ablation method"):
        parse("L1H2h")


def test_a_second_method_of_one_letter_or_name_is_refused(half: type[Half]) -> None:
    class Other(Half):
        letter: ClassVar[str] = "o"

    class Third(Half):
        method: Literal["third"] = "third"  # type: ignore[assignment]

    for collides in (Other, Third):
        with pytest.raises(ValueError, match="collides with half"):
            register(collides)
    assert [method.name() for method in methods()].count("half") == 1


def test_an_intervention_is_read_from_any_way_of_writing_it() -> None:
    ways = [
        Mean(layer=9, head=6),
        {"layer": 9, "head": 6, "method": "mean"},
        "L9H6m",
        "L9H6:mean",
        (9, 6, "mean"),
    ]
    assert set(interventions_from(ways)) == {Mean(layer=9, head=6)}
    assert interventions_from([(9, 6), "L9H6", {"layer": 9, "head": 6}]) == (
        (Zero(layer=9, head=6),) * 3
    )


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ({"layer": 1, "head": 2, "method": "nothing"}, "'nothing' is no ablation method: use"),
        ({"layer": 1, "head": -2}, "[0].head: the value should be greater than or equal to 0"),
        ({"layer": 1, "head": 2, "stregth": 1}, "[0].stregth: no such field exists here"),
        ({"layer": 1, "head": 2, "strength": 2.5}, "[0].strength: the value should be less than"),
        ({"layer": 1, "head": 2, "strength": float("nan")}, "[0].strength: the value should be"),
        ({"layer": 1, "head": 2, "positions": []}, "[0].positions: "),
        ({"layer": 1, "head": 2, "positions": [0.5]}, "[0].positions[0]: "),
        (
            {"layer": 1, "method": "mean"},
            "[0]: the method mean works on a head: name one, e.g. L1H0",
        ),
        ({"layer": 1, "head": 2, "method": "resample"}, "[0].source: this field is required"),
        ({"layer": 1, "head": True}, "[0].head: the value should be a valid integer"),
        ({"layer": "1", "head": 2}, "[0].layer: the value should be a valid integer"),
        (
            {"layer": 1, "head": 2, "component": "mlp_out"},
            "[0]: the method zero replaces pattern at L1H2: leave component out, or use another",
        ),
        ("nonsense", "'nonsense' names no head: write L9H6"),
        (7, "[0]: "),
    ],
)
def test_what_is_wrong_is_refused_in_a_sentence(value: object, sentence: str) -> None:
    with pytest.raises(InvalidSetting) as refusal:
        interventions_from((value,))
    assert sentence in str(refusal.value)
    assert str(refusal.value).endswith(".")


def test_interventions_are_values() -> None:
    cut = Resample(layer=1, head=2, source="a text")
    assert cut == Resample(layer=1, head=2, source="a text")
    assert hash(cut) == hash(Resample(layer=1, head=2, source="a text"))
    with pytest.raises(ValueError, match="frozen"):
        cut.layer = 2  # type: ignore[misc]


@pytest.mark.parametrize(
    "cut",
    [
        {"layer": 1, "head": 2, "component": "pattern"},
        {"layer": 1, "head": 2, "value_bias": "keep", "component": "z"},
        {"layer": 1, "component": "mlp_out"},
        {"layer": 1, "head": 2, "method": "mean", "component": "pattern"},
        {"layer": 1, "head": 2, "method": "resample", "source": "a text", "component": "z"},
    ],
)
def test_a_component_may_be_named_where_it_agrees(cut: dict[str, Any]) -> None:
    (named,) = InferRequest.ask(prompt="", ablations=(cut,)).ablations
    assert named.component == cut["component"]
    (plain,) = interventions_from(({k: v for k, v in cut.items() if k != "component"},))
    assert named == plain
