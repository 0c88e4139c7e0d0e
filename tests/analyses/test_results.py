"""Results: where they come from, and their numbers as data."""

from __future__ import annotations

import json
import sys
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot

from attention_surgery import __version__
from attention_surgery.analyses import (
    Analysis,
    AttentionRequest,
    AttributionRequest,
    CircuitRequest,
    CircuitSearchRequest,
    HeadTypesRequest,
    ImportanceRequest,
    InferRequest,
    InteractionsRequest,
    LogitLensRequest,
    PathsRequest,
    Result,
    SelfRepairRequest,
    TokenizeRequest,
    VerifyRequest,
    analyses,
)
from attention_surgery.engine.model import Model
from attention_surgery.errors import InvalidSetting

mpl.use("agg")

PROMPT = "one two three four five"
OTHER = "six seven eight nine ten"
CUTS = (
    "L1H2m*0.5@1-3,-1",
    "M2z",
    "L2H0p",
    {"layer": 0, "head": 1, "method": "dataset-mean", "references": (OTHER, "one two")},
    {"layer": 1, "head": 3, "value_bias": "keep", "strength": -1},
)
REQUESTS: dict[str, Analysis[Any]] = {
    "infer": InferRequest.ask(prompt=PROMPT, ablations=CUTS, max_new_tokens=4),
    "drawn": InferRequest.ask(
        prompt=PROMPT, ablations=CUTS, max_new_tokens=4, temperature=1.5, top_k=50
    ),
    "lens": LogitLensRequest.ask(
        prompt=PROMPT, ablations=CUTS, continuation=(5, 6), positions=(0, -1, 2), target=9
    ),
    "whole lens": LogitLensRequest.ask(prompt=PROMPT, top_k=3),
    "all patterns": AttentionRequest.ask(prompt=PROMPT, ablations=CUTS, prepend_bos=False),
    "a layer's": AttentionRequest.ask(prompt=PROMPT, ablations=CUTS, layer=2),
    "a head's": AttentionRequest.ask(prompt=PROMPT, ablations=CUTS, layer=2, head=0),
    "gradient": ImportanceRequest.ask(prompt=PROMPT),
    "sweep": ImportanceRequest.ask(prompt=PROMPT, method="kl", ablation_method="mean"),
    "direct attribution": AttributionRequest.ask(
        prompt=PROMPT, ablations=CUTS, answer=" four", foil=" six"
    ),
    "paths": PathsRequest.ask(
        prompt=PROMPT,
        corrupt="one two eight four five",
        ablations=CUTS,
        answer=" four",
        foil=" six",
        receivers=("L2H1k", "logits"),
    ),
    "head types": HeadTypesRequest.ask(length=5, copying_tokens=3),
    "self-repair": SelfRepairRequest.ask(
        prompt=PROMPT, ablations=CUTS, answer=" four", foil=" six", method="mean"
    ),
    "tokens": TokenizeRequest.ask(prompt=PROMPT, prepend_bos=False),
    "interactions": InteractionsRequest.ask(
        prompt=PROMPT, ablations=CUTS, metric="kl", heads=("L0H0", "L1H0", "L2H1")
    ),
    "circuit": CircuitRequest.ask(
        **CircuitRequest.example | {"measures": ["faithfulness", "minimality"]}
    ),
    "circuit search": CircuitSearchRequest.ask(
        **CircuitSearchRequest.example | {"direction": "removal"}
    ),
    "conditional scores": ImportanceRequest.ask(
        prompt=PROMPT, method="attribution", ablations=CUTS
    ),
}
# Any other analysis by its example; `verify` has no figures of this model.
REQUESTS |= {
    analysis.name: analysis.ask(**analysis.example)
    for analysis in analyses()
    if analysis not in {VerifyRequest, *map(type, REQUESTS.values())}
}
every_request = pytest.mark.parametrize("name", REQUESTS)


@every_request
def test_a_result_says_where_it_comes_from(tiny: Model, name: str) -> None:
    request = REQUESTS[name]
    provenance = request.run(tiny).provenance
    assert (provenance.model, provenance.version) == (tiny.name, __version__)
    assert (provenance.source, provenance.revision) == (tiny.source, tiny.revision)
    assert type(provenance.asked) is type(request)
    assert provenance.request.keys() == type(request).model_fields.keys()


@every_request
def test_a_request_rebuilt_from_provenance_gives_the_same_numbers(tiny: Model, name: str) -> None:
    """Through JSON, which has lists for tuples and no difference between 1 and 1.0."""
    request, result = REQUESTS[name], REQUESTS[name].run(tiny)
    told = json.loads(json.dumps(result.to_dict()))
    again = type(request).model_validate(told["provenance"]["request"])
    first, second = (each.to_dict() for each in (result, again.run(tiny)))
    for each in (first, second):
        each.pop("passes", None)  # fewer where the same was asked before
    assert first == second
    assert result.provenance.asked == again


@every_request
def test_json_holds_what_the_dictionary_holds(tiny: Model, name: str) -> None:
    result = REQUESTS[name].run(tiny)
    plain = json.loads(json.dumps(result.to_dict()))
    assert as_float32(json.loads(result.to_json())) == as_float32(plain)


def as_float32(value: Any) -> Any:
    """JSON with its numbers as float32: arrays are written with as few digits as they need."""
    match value:
        case float():
            return float(np.float32(value))
        case dict():
            return {key: as_float32(item) for key, item in value.items()}
        case list():
            return [as_float32(item) for item in value]
        case _:
            return value


def test_a_drawn_seed_is_kept(tiny: Model) -> None:
    result = REQUESTS["drawn"].run(tiny)
    assert result.seed is not None
    assert result.provenance.request["seed"] == result.seed


@every_request
def test_a_table_has_columns_of_one_length(tiny: Model, name: str) -> None:
    table = REQUESTS[name].run(tiny).table()
    frame = REQUESTS[name].run(tiny).to_pandas()
    assert list(frame.columns) == list(table)
    assert {len(column) for column in table.values()} == {len(frame)}
    assert len(frame) > 0


@every_request
def test_a_notebook_shows_a_picture_or_the_first_rows(tiny: Model, name: str) -> None:
    result = REQUESTS[name].run(tiny)
    shown = result._repr_html_()
    ElementTree.fromstring(shown)  # well-formed, whatever a token is
    assert ("<svg" in shown) == bool(result.figures())
    assert ("<table" in shown) != bool(result.figures())


@every_request
def test_matplotlib_draws_what_the_notebook_shows(tiny: Model, name: str) -> None:
    result = REQUESTS[name].run(tiny)
    if not result.figures():
        with pytest.raises(InvalidSetting, match="to_pandas"):
            result.plot()
        return
    drawn = result.plot()
    assert [ax.get_title() for ax in drawn] == [figure.title for figure in result.figures()]
    pyplot.close("all")


def test_a_picture_has_the_results_numbers(tiny: Model) -> None:
    scores: Any = REQUESTS["gradient"].run(tiny)
    (ax,) = scores.plot()
    assert np.array_equal(ax.images[0].get_array(), scores.scores)
    pyplot.close("all")
    view: Any = REQUESTS["infer"].run(tiny)
    (ax,) = view.plot()
    likeliest = max(token.control_logprob for token in view.next_token.candidates)
    assert max(bar.get_width() for bar in ax.patches) >= np.exp(likeliest)
    pyplot.close("all")


def test_what_a_prompt_says_is_text(tiny: Model) -> None:
    shown = InferRequest.ask(prompt="<script>alert(1)</script>", max_new_tokens=0).run(tiny)
    assert "<script" not in shown._repr_html_()


def test_scores_are_a_row_a_head(tiny: Model) -> None:
    result = REQUESTS["gradient"].run(tiny)
    frame = result.to_pandas().set_index(["layer", "head"])
    assert frame.index.is_unique
    for entry in result.ranking:
        assert frame.loc[(entry.layer, entry.head), "score"] == np.float32(entry.score)


@pytest.mark.parametrize("name", ["all patterns", "a layer's", "a head's"])
def test_patterns_are_a_row_a_key_that_may_be_seen(tiny: Model, name: str) -> None:
    result: Any = REQUESTS[name].run(tiny)
    frame = result.to_pandas()
    assert (frame["key"] <= frame["query"]).all()
    sums = frame[frame["run"] == "control"].groupby(["layer", "head", "query"])["weight"].sum()
    np.testing.assert_allclose(sums, 1, rtol=1e-5)
    here = frame[(frame["run"] == "ablated") & (frame["layer"] == 2) & (frame["head"] == 0)]
    pattern = {"all patterns": (2, 0), "a layer's": (0,), "a head's": ()}[name]
    for query, key, weight in zip(here["query"], here["key"], here["weight"], strict=True):
        assert weight == result.ablated[pattern][query, key]


def test_a_lens_is_a_row_a_run_layer_and_position(tiny: Model) -> None:
    result: Any = REQUESTS["lens"].run(tiny)
    frame = result.to_pandas().set_index(["run", "layer", "position"])
    assert len(frame) == 2 * (tiny.n_layers + 1) * 3
    row = frame.loc[("ablated", "L1", 2)]
    place = (2, result.positions.index(2))
    assert row["target"] == tiny.token_text(9)
    assert row["target_rank"] == result.ablated.target_rank[place]
    assert row["kl_to_final"] == result.ablated.kl_to_final[place]
    assert row["top"] == tiny.token_text(int(result.ablated.top_ids[place][0]))


def test_an_inference_is_a_row_a_predicted_token(tiny: Model) -> None:
    result: Any = REQUESTS["infer"].run(tiny)
    frame = result.to_pandas()
    assert frame["kl"].mean() == pytest.approx(result.metrics.kl)
    assert list(frame["position"]) == list(range(1, len(frame) + 1))
    assert frame["text"].iloc[-1] == result.control.tokens[-1].text


def test_without_pandas_a_sentence_says_what_to_do(
    tiny: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    result: Result = REQUESTS["tokens"].run(tiny)
    with pytest.raises(ImportError, match="to_pandas needs pandas: pip install pandas"):
        result.to_pandas()
    assert result.table()["position"] == list(range(len(result.table()["id"])))
