"""Circuit tests and searches: every measure equals a naive loop on a stock model."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from pydantic import TypeAdapter
from transformer_lens import HookedTransformer

from attention_surgery.analyses import attribution, circuit, circuit_search, paths
from attention_surgery.analyses.circuit import CircuitRequest
from attention_surgery.analyses.circuit_export import graphml, mib
from attention_surgery.analyses.circuit_measures import SHARES
from attention_surgery.analyses.circuit_parts import Edge
from attention_surgery.analyses.circuit_result import CircuitProgress, CircuitTest
from attention_surgery.analyses.circuit_search import CircuitSearchRequest
from attention_surgery.engine.model import Model, load_model
from attention_surgery.engine.sites import Sender
from attention_surgery.errors import InvalidSetting, UnknownHead
from attention_surgery.tasks import Item
from tests.engine.induction_circuit import (
    INDUCTION_HEAD,
    PREVIOUS_TOKEN_HEAD,
    WORDS,
    save_induction_circuit,
)
from tests.engine.test_circuits import CORRUPT, PROMPTS, Naive, questions

# What the page's own writers of these files are held to as well.
WRITTEN = Path(__file__).parents[2] / "frontend" / "src" / "lib" / "circuit-files.json"
Heads = list[Sender]
ITEMS = tuple(
    Item(prompt, answer, foil, corrupt)
    for (prompt, answer, foil), corrupt in zip(PROMPTS, CORRUPT, strict=True)
)
CIRCUIT = ("L0H0", "L0H2", "L1H1", "L1H3", "L2H0", "L2H1")


class Loop:
    """F of a set of heads, one hooked pass an item."""

    def __init__(self, model: Model, stock: HookedTransformer) -> None:
        self._naive = Naive(stock, questions(model), "dataset-mean")
        self.whole = {(lay, head) for lay in range(model.n_layers) for head in range(model.n_heads)}

    def __call__(self, heads: set[tuple[int, int]]) -> float:
        return float(self._naive.values([frozenset(heads)]).mean())


def sites(heads: Heads) -> set[tuple[int, int]]:
    return {(head.layer, head.head) for head in heads}


@pytest.fixture(scope="module")
def tested(tiny: Model) -> CircuitTest:
    measures = ("minimality", "completeness", "curve", "edges")
    return circuit(tiny, CIRCUIT, items=ITEMS, random=2, measures=measures)


@pytest.fixture(scope="module")
def f(tiny: Model, stock: Callable[[Model], HookedTransformer]) -> Loop:
    return Loop(tiny, stock(tiny))


def test_faithfulness_equals_the_loop(tested: CircuitTest, f: Loop) -> None:
    found, heads = tested.faithfulness, sites(tested.heads)
    assert found.whole.mean == pytest.approx(f(f.whole), abs=1e-4)
    assert found.empty.mean == pytest.approx(f(set()), abs=1e-4)
    assert found.circuit.mean == pytest.approx(f(heads), abs=1e-4)
    assert found.ratio == pytest.approx(found.circuit.mean / found.whole.mean)
    assert found.gap == pytest.approx(abs(found.whole.mean - found.circuit.mean))
    assert found.random is not None
    assert len(found.random.values) == 2


def test_completeness_equals_the_loop(tested: CircuitTest, f: Loop) -> None:
    assert tested.completeness is not None
    heads = sites(tested.heads)
    for each in tested.completeness.removed[:2]:
        removed = sites(each.heads)
        assert removed <= heads
        assert each.circuit == pytest.approx(f(heads - removed), abs=1e-4)
        assert each.whole == pytest.approx(f(f.whole - removed), abs=1e-4)
        assert each.gap == pytest.approx(abs(each.circuit - each.whole))
    assert tested.completeness.worst == max(each.gap for each in tested.completeness.removed)
    (greedy,) = [each for each in tested.completeness.removed if each.kind == "greedy"]
    assert greedy.gap >= tested.faithfulness.gap


def test_minimality_equals_the_loop(tested: CircuitTest, f: Loop) -> None:
    assert tested.minimality is not None
    heads = sites(tested.heads)
    assert sites([each.head for each in tested.minimality.heads]) == heads
    for each in tested.minimality.heads[:3]:
        one = sites([each.head])
        assert each.effect == pytest.approx(f(heads - one) - f(heads), abs=1e-4)
        assert each.value == pytest.approx(abs(each.effect))  # no class is known of this model


def test_the_curve_equals_the_loop_and_its_areas_the_trapezoid(
    tested: CircuitTest, f: Loop
) -> None:
    curve = tested.curve
    assert curve is not None
    whole, empty = f(f.whole), f(set())
    for point in curve.points[4:-1:2]:
        heads = sites(curve.ranking[: point.size])
        assert point.size == round(point.share * len(f.whole))
        assert point.f == pytest.approx((f(heads) - empty) / (whole - empty), abs=1e-3)
    assert sites(curve.ranking[: len(tested.heads)]) == sites(tested.heads)
    values = np.array([point.f for point in curve.points])
    assert (values[0], values[-1]) == (0.0, 1.0)  # no head, all heads: exactly
    assert curve.cpr == pytest.approx(np.trapezoid(values, SHARES))
    assert curve.cmd == pytest.approx(np.trapezoid(np.abs(1 - values), SHARES))


def test_edges_are_the_mean_of_path_patching(tiny: Model, tested: CircuitTest) -> None:
    assert tested.edges is not None
    assert tested.edges.items == len(ITEMS)
    senders = tuple(CIRCUIT)
    of_items = [
        paths(
            tiny, item.prompt, item.corrupt or "", item.answer, item.foil,
            ["L2H1k", "logits"], senders=senders,
        )
        for item in ITEMS
    ]  # fmt: skip
    expected = np.mean([found.effects for found in of_items], axis=0)
    for edge in tested.edges.edges:
        column = senders.index(str(edge.sender))
        if edge.receiver is None:
            assert edge.effect == pytest.approx(expected[1, column], abs=1e-5)
        elif (str(edge.receiver), edge.input) == ("L2H1", "k"):
            assert edge.effect == pytest.approx(expected[0, column], abs=1e-5)
        if edge.receiver is not None:
            assert edge.sender.layer < edge.receiver.layer
    assert len(tested.edges.edges) == 6 + 3 * (2 * 2 + 2 * 4)


def test_all_heads_are_wholly_faithful(tiny: Model) -> None:
    every = [f"L{lay}H{head}" for lay in range(tiny.n_layers) for head in range(tiny.n_heads)]
    found = circuit(tiny, every, items=ITEMS, random=0, measures=()).faithfulness
    assert (found.normalized, found.ratio, found.gap) == (1.0, 1.0, 0.0)
    nothing = circuit(tiny, [], items=ITEMS, random=0, measures=()).faithfulness
    assert nothing.normalized == 0.0


def test_cutting_everything_but_the_circuit_is_its_run(tiny: Model, tested: CircuitTest) -> None:
    corrupt = [item.corrupt or "" for item in ITEMS]
    for place, item in enumerate(ITEMS):
        same = [
            text for text in corrupt if len(tiny.tokenize(text)) == len(tiny.tokenize(item.prompt))
        ]
        cuts = [
            {"layer": lay, "head": head, "method": "dataset-mean", "references": same}
            for lay in range(tiny.n_layers)
            for head in range(tiny.n_heads)
            if Sender(lay, head) not in tested.heads
        ]
        left = attribution(tiny, item.prompt, item.answer, item.foil or "", cuts).total
        assert left == pytest.approx(tested.faithfulness.circuit.items[place], abs=1e-4)


def test_the_same_seed_draws_the_same_circuits(tiny: Model, tested: CircuitTest) -> None:
    again = tested.provenance.asked.run(tiny)
    assert replace(again, passes=tested.passes).to_dict() == tested.to_dict()
    assert CircuitRequest.ask(**tested.provenance.request) == tested.provenance.asked


def test_a_head_less_meets_random_circuits_that_are_known(directories: dict[str, Path]) -> None:
    measures = ("minimality", "completeness")
    ask = partial(circuit, items=ITEMS, random=20, measures=measures)
    afresh = ask(load_model(directories["tiny"], device="cpu", name="tiny"), CIRCUIT[:-1])
    # Nothing stays where somebody has a model's graph in hand, as other tests have.
    model = load_model(directories["tiny"], device="cpu", name="tiny")
    ask(model, CIRCUIT)
    after = ask(model, CIRCUIT[:-1])
    assert replace(after, passes=afresh.passes).to_dict() == afresh.to_dict()
    assert after.passes.computed < 0.75 * afresh.passes.computed


def test_a_circuit_is_written_as_others_write_it(tiny: Model, tested: CircuitTest) -> None:
    assert tested.edges is not None
    written = tested.mib()
    nodes, edges = written["nodes"], written["edges"]
    assert {name for name, node in nodes.items() if node["in_graph"] and name[0] == "a"} == {
        f"a{head.layer}.h{head.head}" for head in tested.heads
    }
    assert len(nodes) == tiny.n_layers * (tiny.n_heads + 1) + 2
    assert all(("score" in node) == (name[0] == "a") for name, node in nodes.items())
    assert written["cfg"] == {
        "n_layers": tiny.n_layers, "n_heads": tiny.n_heads, "d_model": tiny.d_model,
        "parallel_attn_mlp": False,
    }  # fmt: skip
    # 3 layers of 2 heads and an MLP: who comes later reads all that came before.
    before = [1, 4, 7]
    assert len(edges) == sum(6 * n + n + 2 for n in before) + 10
    measured = {name: edge["score"] for name, edge in edges.items() if edge["score"]}
    assert len(measured) == len(tested.edges.edges)
    strongest = tested.edges.edges[0]
    assert max(measured.values()) == abs(strongest.effect)
    graph = ElementTree.fromstring(tested.graphml())[-1]
    names = {element.get("id") for element in graph if element.tag.endswith("node")}
    assert names == {"logits", *CIRCUIT}
    drawn = [element for element in graph if element.tag.endswith("edge")]
    assert len(drawn) == len(tested.edges.edges)
    assert {edge.get("source") for edge in drawn} <= names
    figure = ElementTree.fromstring(tested.svg())
    words = [element.text for element in figure if element.tag.endswith("text")]
    assert {"logits", *CIRCUIT} <= set(words)
    assert sum(element.tag.endswith("path") for element in figure) > 5
    assert tested.png().startswith(b"\x89PNG")


def test_the_page_is_held_to_the_same_files() -> None:
    written = json.loads(WRITTEN.read_text())
    heads = [Sender(**head) for head in written["heads"]]
    effects = {Sender(**each["head"]): each["effect"] for each in written["needed"]}
    edges = TypeAdapter(list[Edge]).validate_python(
        [{"standard_error": None, "share": None, **edge} for edge in written["edges"]]
    )
    assert mib(written["sizes"], heads, effects, edges) == written["mib"]
    assert graphml(heads, edges) == written["graphml"]


def test_the_first_numbers_come_from_a_few_items(tiny: Model) -> None:
    request = CircuitRequest.ask(heads=CIRCUIT, items=ITEMS * 4, random=2)
    told: list[CircuitProgress] = []
    steps = request.steps(tiny)
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            result: CircuitTest = end.value
            break
        told += [step] if isinstance(step, CircuitProgress) else []
    shares = [each.done for each in told]
    assert shares == sorted(shares)
    assert told[0].faithfulness is not None
    assert told[0].minimality is None
    few = result.faithfulness.circuit.items[:5]
    assert told[0].faithfulness.circuit.items == few
    assert told[0].faithfulness.circuit.mean == pytest.approx(np.mean(few))
    assert [each.faithfulness.n for each in told if each.faithfulness][-1] == 12
    known = told[-1]
    assert (known.faithfulness, known.minimality) == (result.faithfulness, result.minimality)
    assert (known.completeness, known.curve) == (result.completeness, result.curve)


def test_intervals_are_of_the_items_drawn_again(tested: CircuitTest, tiny: Model) -> None:
    found = circuit(tiny, CIRCUIT, items=ITEMS, random=0, seed=3, measures=())
    faith = found.faithfulness
    whole, empty, own = (np.array(each.items) for each in (faith.whole, faith.empty, faith.circuit))
    drawn = np.random.default_rng(3).integers(3, size=(2000, 3))
    m, none, c = (each[drawn].mean(1) for each in (whole, empty, own))
    for interval, values in (
        (faith.circuit.interval, c),
        (faith.ratio_interval, c / m),
        (faith.gap_interval, np.abs(m - c)),
        (faith.normalized_interval, (c - none) / (m - none)),
    ):
        assert interval is not None
        expected = np.quantile(values, (0.025, 0.975))
        assert (interval.low, interval.high) == pytest.approx(expected, rel=1e-6)
    one = circuit(tiny, CIRCUIT, items=ITEMS[:1], random=0, measures=()).faithfulness
    assert one.ratio_interval is None


def test_what_cannot_be_asked_is_refused(tiny: Model, bundled: Model) -> None:
    ask: Any = circuit
    with pytest.raises(InvalidSetting, match="Name the heads of a circuit, or a published"):
        ask(tiny, None, items=ITEMS)
    with pytest.raises(InvalidSetting, match="no published circuit 'nothing'"):
        ask(bundled, circuit="nothing", n=2)
    with pytest.raises(UnknownHead, match="L9H9"):
        ask(tiny, ["L9H9"], items=ITEMS)
    with pytest.raises(InvalidSetting, match="is no task"):
        ask(tiny, ["L0H0"], task="nothing")
    with pytest.raises(InvalidSetting, match="leave one of them out"):
        ask(tiny, ["L0H0"], task="ioi", items=ITEMS)
    bare = tuple(Item(item.prompt, item.answer, item.foil) for item in ITEMS)
    with pytest.raises(InvalidSetting, match="leave edges out"):
        ask(tiny, ["L0H0"], items=bare, ablation_method="zero", measures=("edges",))
    with pytest.raises(InvalidSetting, match="begin with more heads"):
        circuit_search(tiny, heads=("L0H0",), items=ITEMS, target=1.0)


@pytest.fixture(scope="module")
def induction(tmp_path_factory: pytest.TempPathFactory) -> Model:
    directory: Path = tmp_path_factory.mktemp("circuit") / "induction"
    return load_model(save_induction_circuit(directory))


def repeats() -> tuple[Item, ...]:
    """a b c d e f a b c → d; corrupt: the first telling is of other words."""
    made = []
    for seed in range(4):
        words = list(np.random.default_rng(seed).permutation(WORDS[1:]))
        first, other = words[:6], words[6:12]
        prompt, corrupt = (" ".join([*told, *first[:3]]) for told in (first, other))
        made.append(Item(prompt, str(first[3]), str(first[5]), corrupt))
    return tuple(made)


def test_the_circuit_set_by_hand_is_found_faithful_minimal_and_has_one_edge(
    induction: Model,
) -> None:
    by_hand = {PREVIOUS_TOKEN_HEAD, INDUCTION_HEAD}
    for direction in ("removal", "growth"):
        found = circuit_search(induction, items=repeats(), direction=direction)
        assert sites(found.heads) == by_hand
        assert found.ratio >= 0.9
    measures = ("minimality", "edges")
    names = tuple(map(str, found.heads))
    test = circuit(induction, names, items=repeats(), measures=measures, random=4)
    assert test.faithfulness.normalized == pytest.approx(1, abs=0.05)
    assert test.faithfulness.random is not None
    assert test.minimality is not None
    assert not test.minimality.superfluous
    assert test.edges is not None
    between = [edge for edge in test.edges.edges if edge.receiver is not None]
    strong, *weak = between
    assert (strong.sender, strong.receiver, strong.input) == (
        Sender(*PREVIOUS_TOKEN_HEAD), Sender(*INDUCTION_HEAD), "k",
    )  # fmt: skip
    assert strong.share is not None
    assert strong.share > 0.9
    assert all(abs(edge.effect) < 0.01 * abs(strong.effect) for edge in weak)


@pytest.mark.parametrize("direction", ["removal", "growth"])
def test_a_search_goes_on_from_where_it_was(tiny: Model, direction: str) -> None:
    request = CircuitSearchRequest.ask(items=ITEMS, direction=direction, target=0.99)
    whole = request.run(tiny)
    assert whole.steps
    for done in range(len(whole.steps) + 1):
        rest = request.after(whole.steps[:done], tiny.n_layers, tiny.n_heads).run(tiny)
        assert rest.steps == whole.steps[done:]
        assert rest.heads == whole.heads
