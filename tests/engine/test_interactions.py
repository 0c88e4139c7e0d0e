"""The effect of every two heads cut at once equals hooked passes of the stock model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from transformer_lens import HookedTransformer

from attention_surgery.analyses.importance import importance
from attention_surgery.analyses.interactions import (
    Interactions,
    InteractionsRequest,
    PairsKnown,
    SinglesKnown,
    interactions,
)
from attention_surgery.engine.model import Model, load_model
from attention_surgery.errors import InvalidRequest
from attention_surgery.interventions import Intervention, ablation
from tests.engine.induction_circuit import (
    INDUCTION_HEAD,
    PREVIOUS_TOKEN_HEAD,
    save_induction_circuit,
)
from tests.engine.naive import naive_logits
from tests.engine.test_metric_scores import CUTS, METHODS, TOKENS, naive_metric
from tests.engine.test_model import PROMPT

Stock = Callable[[Model], HookedTransformer]
ASKED: dict[str, Any] = {"answer": " Mary", "foil": " John"}


def naive_effect(
    model: Model, stock: HookedTransformer, cuts: list[Intervention], metric: str
) -> Callable[..., float]:
    """Δ of some turns, by one hooked pass."""
    ids = model.tokenize(PROMPT)
    base = naive_logits(stock, ids, cuts, tokenize=model.tokenize).double()
    control = naive_metric(metric, base, ids, base, model)

    def effect(*turns: Intervention) -> float:
        logits = naive_logits(stock, ids, [*cuts, *turns], tokenize=model.tokenize).double()
        return (naive_metric(metric, logits, ids, base, model) - control).item()

    return effect


def assert_equals_the_loop(
    found: Interactions,
    turn: Callable[[int, int], Intervention],
    effect: Callable[..., float],
    every: int = 1,
) -> None:
    """To 1e-4 of the largest effect of a pair."""
    turns = [turn(each.layer, each.head) for each in found.heads]
    singles = [effect(each) for each in turns]
    largest = max(map(abs, singles))
    pairs = [(i, j) for i in range(len(turns)) for j in range(i)][::every]
    for i, j in pairs:
        both = effect(turns[j], turns[i])
        largest = max(largest, abs(both))
        expected = both - singles[i] - singles[j]
        assert found.interactions[i, j] == pytest.approx(expected, abs=1e-4 * largest), (i, j)
    np.testing.assert_allclose(found.singles, singles, atol=1e-4 * largest)
    assert (found.interactions == found.interactions.T).all()
    assert not found.interactions.diagonal().any()


@pytest.mark.parametrize("cuts", CUTS)
@pytest.mark.parametrize("variant", METHODS)
def test_pairs_by_every_method_equal_hooked_passes(
    tiny: Model, stock: Stock, variant: str, cuts: str
) -> None:
    method, fields = variant.split(",")[0], dict(METHODS[variant])
    strength = fields.pop("strength", 1.0)
    found = interactions(
        tiny,
        PROMPT,
        **ASKED,
        ablations=CUTS[cuts],
        ablation_method=method,
        ablation_strength=strength,
        ablation_parameters=fields,
    )
    taken = {(cut.layer, cut.head) for cut in CUTS[cuts]}
    of_layer_0 = {(0, head) for head in range(4)} if method == "previous" else set()
    places = {(each.layer, each.head) for each in found.heads}
    assert places == {(x, h) for x in range(3) for h in range(4)} - taken - of_layer_0
    assert_equals_the_loop(
        found,
        lambda x, h: ablation(x, h, method, strength=strength, **fields),
        naive_effect(tiny, stock(tiny), CUTS[cuts], "logit_difference"),
        every=4,
    )


@pytest.mark.parametrize("metric", TOKENS)
def test_pairs_of_every_metric_equal_hooked_passes(tiny: Model, stock: Stock, metric: str) -> None:
    found = interactions(tiny, PROMPT, metric=metric, ablations=CUTS["cut"], **TOKENS[metric])
    effect = naive_effect(tiny, stock(tiny), CUTS["cut"], metric)
    assert_equals_the_loop(found, ablation, effect, every=4)


def test_pairs_on_every_shape_equal_hooked_passes(any_model: Model, stock: Stock) -> None:
    """Two heads of the first layers, two in the middle, two of the last."""
    layers = [0, 1, any_model.n_layers // 2, any_model.n_layers - 1]
    heads = sorted({f"L{layer}H{head}" for layer in layers for head in (0, 3)})
    found = interactions(any_model, PROMPT, **ASKED, heads=heads)
    effect = naive_effect(any_model, stock(any_model), [], "logit_difference")
    assert_equals_the_loop(found, ablation, effect)


def test_pairs_of_a_long_text_go_in_slices_and_are_the_same(
    tiny: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = interactions(tiny, PROMPT, **ASKED, ablations=CUTS["cut"])
    monkeypatch.setattr("attention_surgery.engine.shape.SLICE_TOKENS", 40)
    parts = interactions(tiny, PROMPT, **ASKED, ablations=CUTS["cut"])
    np.testing.assert_allclose(parts.interactions, whole.interactions, atol=1e-5)


def test_heads_of_a_layer_that_linear_parts_follow_do_not_interact(tmp_path: Path) -> None:
    """Behind the last layer of a model with linear LayerNorms; before it, softmax follows."""
    model = load_model(save_induction_circuit(tmp_path / "circuit", eps=1e6), device="cpu")
    found = interactions(model, "k d s a v b m q t k d", answer="s", foil="a")
    places = [(each.layer, each.head) for each in found.heads]
    last = [number for number, (layer, _) in enumerate(places) if layer == model.n_layers - 1]
    largest = float(abs(found.singles).max())
    assert abs(found.interactions[np.ix_(last, last)]).max() < 1e-5 * largest
    both = places.index(PREVIOUS_TOKEN_HEAD), places.index(INDUCTION_HEAD)
    assert abs(found.interactions[both]) > 0.5 * largest


def test_singles_are_the_sweep(bundled: Model) -> None:
    heads = ["L0H0", "L6H5", "L6H6"]
    found = interactions(bundled, PROMPT, **ASKED, heads=heads)
    sweep = importance(bundled, PROMPT, "ablation", metric="logit_difference", **ASKED)
    expected = [sweep.scores[each.layer][each.head] for each in found.heads]
    np.testing.assert_allclose(found.singles, expected, atol=1e-5)
    assert found.base == sweep.base


def test_what_is_told_on_the_way_is_the_result(tiny: Model) -> None:
    steps = InteractionsRequest.ask(prompt=PROMPT, **ASKED).steps(tiny)
    told: list[Any] = []
    while True:
        try:
            told.append(next(steps))
        except StopIteration as end:
            found = end.value
            break
    (singles,) = [step for step in told if isinstance(step, SinglesKnown)]
    assert singles.heads == found.heads
    assert (singles.singles == found.singles).all()
    values = np.zeros_like(found.interactions)
    parts = [step for step in told if isinstance(step, PairsKnown)]
    for part in parts:
        for (i, j), value in zip(part.pairs, part.interactions, strict=True):
            values[i, j] = values[j, i] = value
    assert (values == found.interactions).all()
    assert [part.done for part in parts] == sorted(part.done for part in parts)
    assert parts[-1].done == 1


def test_it_says_what_the_loop_would_have_cost(tiny: Model) -> None:
    found = interactions(tiny, PROMPT, **ASKED)
    assert found.passes.naive == 1 + 12 + 66
    # Of three layers, pairs run those from their second head on.
    within, across = 6, 16
    expected = within * (1 + 2 / 3 + 1 / 3) + across * (2 / 3 + 1 / 3 + 1 / 3)
    assert found.passes.computed == pytest.approx(1 + 4 * (1 + 2 / 3 + 1 / 3) + expected)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"heads": ["L0H1", "L0H1"]}, "L0H1 is listed twice: a head has no interaction with it"),
        ({"heads": ["L0H1", "L0H2"], "ablations": ["L0H2m"]}, "L0H2 is cut already"),
        ({"heads": ["L0H1"]}, "heads"),
        ({"heads": ["L0H1", "M3"]}, "heads"),
        ({"heads": ["L0H1", "L12H0"]}, "There is no head L12H0"),
        ({"foil": None}, "needs the foil"),
        ({"ablation_method": "resample"}, "source"),
        ({"positions": "last"}, "belongs to the metric kl"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(
    bundled: Model, fields: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(InvalidRequest, match=sentence):
        interactions(bundled, PROMPT, **ASKED | fields)
