"""Requests: what is asked, what is refused, and the list of analyses."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from jsonschema_rs import Draft202012Validator
from pydantic import ValidationError

from attention_surgery.analyses import (
    Analysis,
    AttentionRequest,
    Cost,
    ImportanceRequest,
    InferRequest,
    LogitLensRequest,
    Result,
    TokenizeRequest,
    Urgency,
    analyses,
    register,
)
from attention_surgery.analyses.registry import analysis_named, unregister
from attention_surgery.engine.model import Model
from attention_surgery.engine.origin import KnownOrigin
from attention_surgery.errors import InvalidSetting
from attention_surgery.interventions import DatasetMean, Mean, Zero

# As many items as a request body of the greatest size may hold.
MANY = 87_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Length(Result):
    """How long a text is."""

    length: int


class LengthRequest(Analysis[Length]):
    """How many tokens a text has."""

    name: ClassVar[str] = "length"
    summary: ClassVar[str] = "How long a text is"
    result: ClassVar[type[Result]] = Length
    example: ClassVar[dict[str, Any]] = {"prompt": "Hello"}

    def cost(self, shape: Any, n_tokens: int) -> Cost:  # noqa: ARG002
        return Cost(passes=0, numbers_held=n_tokens)

    def steps(self, model: Model) -> Generator[object, None, Length]:
        yield 0
        length = len(model.tokenize(self.prompt))
        provenance = self.provenance(model)
        return Length(model=model.name, provenance=provenance, warnings=[], length=length)


@pytest.fixture
def length() -> Iterator[type[LengthRequest]]:
    yield register(LengthRequest)
    unregister(LengthRequest)


def test_a_request_spells_out_every_default() -> None:
    request = InferRequest.ask(prompt="x", ablations=("L1H2", (3, 4, "mean")))
    assert request.ablations == (Zero(layer=1, head=2), Mean(layer=3, head=4))
    assert request.model_dump(mode="json") == {
        "prompt": "x",
        "model": None,
        "prepend_bos": True,
        "ablations": [
            {**site, "strength": 1.0, "positions": None, **more}
            for site, more in (
                ({"method": "zero", "layer": 1, "head": 2}, {"value_bias": "remove"}),
                ({"method": "mean", "layer": 3, "head": 4}, {}),
            )
        ],
        "max_new_tokens": 20,
        "temperature": 0.0,
        "top_k": None,
        "seed": None,
        "alternatives": 5,
        "positions": "all",
    }


def test_equal_requests_are_equal_however_they_are_written() -> None:
    one = InferRequest.ask(prompt="x", ablations=("L1H2*0.5",))
    other = InferRequest.ask(prompt="x", ablations=({"layer": 1, "head": 2, "strength": 0.5},))
    assert one == other
    assert hash(one) == hash(other)


def test_older_names_are_read() -> None:
    assert ImportanceRequest.ask(prompt="x", method="kl").method == "ablation"
    assert TokenizeRequest.model_validate({"text": "x"}).prompt == "x"


@pytest.mark.parametrize(
    ("kind", "fields", "sentence"),
    [
        (InferRequest, {}, "prompt: this field is required."),
        (InferRequest, {"prompt": 7}, "prompt: the value should be a valid string."),
        (InferRequest, {"prompt": "x", "temprature": 1}, "temprature: no such field exists here;"),
        (InferRequest, {"prompt": "x", "temperature": -1}, "temperature: the value should be grea"),
        (InferRequest, {"prompt": "x", "seed": 2**64}, "seed: the value should be less than"),
        (InferRequest, {"prompt": "x", "prepend_bos": "yes"}, "prepend_bos: the value should be a"),
        (InferRequest, {"prompt": "x", "ablations": ("?",)}, "ablations[0]: '?' names no head"),
        (
            InferRequest,
            {"prompt": "x", "ablations": ({"layer": 1, "head": 2, "method": "mean", "x": 1},)},
            "ablations[0].x: no such field exists here",
        ),
        (LogitLensRequest, {"prompt": "x", "top_k": 0}, "top_k: the value should be greater"),
        (AttentionRequest, {"prompt": "x", "layer": -1}, "layer: the value should be greater"),
        (
            ImportanceRequest,
            {"prompt": "x", "method": "l2", "positions": "last"},
            "The method l2 is asked of no metric: leave",
        ),
        (ImportanceRequest, {"prompt": "x", "method": "luck"}, "method: the value should be"),
        (InferRequest, {"prompt": "x", "seed": -1, "top_k": 0}, "; 1 more field to correct."),
    ],
)
def test_a_wrong_request_is_refused_in_a_sentence(
    kind: type[Analysis[Any]], fields: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(InvalidSetting) as refusal:
        kind.ask(**fields)
    assert sentence in str(refusal.value)
    assert str(refusal.value).endswith(".")


def arrays(schema: object) -> Iterator[dict[str, Any]]:
    """All lists that a JSON schema speaks of."""
    if isinstance(schema, dict):
        if schema.get("type") == "array":
            yield schema
        for part in schema.values():
            yield from arrays(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from arrays(part)


# For each field in turn: of a wrong type somewhere, whatever the field is.
WRONG: tuple[Any, ...] = (
    *(True, 0, 1.5, "kl", "0", None, [], {}),
    *([True], [1.5], ["x"], ["0"], [[0, 1]], [None]),
    *([{"layer": layer, "head": 0}] for layer in (False, "0", 1.5, None)),
    *([{"layer": 0, "head": head, "input": "q"}] for head in (False, "0", 1.5, None)),
)


@pytest.mark.parametrize("analysis", analyses(), ids=lambda analysis: analysis.name)
def test_what_the_schema_refuses_is_refused(analysis: type[Analysis[Any]]) -> None:
    schema = Draft202012Validator(analysis.model_json_schema())
    for name in analysis.model_fields:
        for body in (analysis.example | {name: wrong} for wrong in WRONG):
            if not schema.is_valid(body):
                with pytest.raises(ValidationError):
                    analysis.model_validate(body)


@pytest.mark.parametrize("analysis", analyses(), ids=lambda analysis: analysis.name)
def test_every_list_of_a_request_is_bounded(analysis: type[Analysis[Any]]) -> None:
    for array in arrays(analysis.model_json_schema()):
        assert array["maxItems"] <= 100_000


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (InferRequest, {"ablations": [{}] * MANY}),
        (InferRequest, {"ablations": ["nonsense"] * MANY}),
        (InferRequest, {"ablations": [{"layer": 1, "head": 2}] * MANY}),
        (InferRequest, {"ablations": [{"layer": 1, "head": 2, "positions": [""] * MANY}]}),
        (LogitLensRequest, {"continuation": [""] * MANY}),
        (LogitLensRequest, {"positions": [""] * MANY}),
        (AttentionRequest, {"continuation": [""] * MANY}),
        (DatasetMean, {"layer": 1, "references": [7] * MANY}),
        (Zero, {"layer": 1, "positions": [0.5] * MANY}),
    ],
)
def test_a_long_list_is_refused_at_its_first_wrong_item(kind: Any, fields: dict[str, Any]) -> None:
    """What is not read costs nothing: one problem is told, not 87,000."""
    prompt = {"prompt": "x"} if issubclass(kind, Analysis) else {}
    with pytest.raises(ValidationError) as refusal:
        kind.model_validate(prompt | fields)
    assert refusal.value.error_count() <= 2


def test_urgency_follows_cost() -> None:
    assert Cost(passes=20, numbers_held=0).urgency is Urgency.VIEW
    assert Cost(passes=1_000, numbers_held=0).urgency is Urgency.GENERATION
    assert Cost(passes=100_000, numbers_held=0).urgency is Urgency.SWEEP


def test_a_registered_analysis_runs_and_is_listed(length: type[LengthRequest], tiny: Model) -> None:
    assert length in analyses()
    assert analysis_named("length") is length
    result = length.ask(prompt="Hello").run(tiny)
    assert result.to_dict()["length"] == len(tiny.tokenize("Hello"))
    assert result.provenance.asked == LengthRequest.ask(prompt="Hello", model=tiny.name)


def test_an_analysis_may_do_without_script_and_table(
    length: type[LengthRequest], tiny: Model
) -> None:
    request = length.ask(prompt="Hello")
    with pytest.raises(InvalidSetting, match="length cannot be written as a script"):
        request.code(KnownOrigin("gpt2", "hub"))
    with pytest.raises(InvalidSetting, match="The result of length has no table: use to_dict"):
        request.run(tiny).table()


def test_names_of_analyses_are_unique(length: type[LengthRequest]) -> None:
    with pytest.raises(ValueError, match="there is an analysis length already"):
        register(length)
    assert [analysis.name for analysis in analyses()].count("length") == 1


def test_an_unregistered_analysis_is_unknown() -> None:
    unregister(register(LengthRequest))
    with pytest.raises(InvalidSetting, match="'length' is no analysis: use attention, attribution"):
        analysis_named("length")
