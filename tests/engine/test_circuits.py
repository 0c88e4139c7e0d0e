"""Circuits equal hooked passes of a stock model, one item and one circuit at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from transformer_lens import HookedTransformer

from attention_surgery.engine.circuit_search import SearchStep, growth, removal
from attention_surgery.engine.circuits import (
    Circuit,
    CircuitRuns,
    Question,
    all_heads,
    circuit_runs,
    portions,
)
from attention_surgery.engine.left import Left
from attention_surgery.engine.model import Model, load_model
from attention_surgery.engine.steps import drain
from attention_surgery.errors import InvalidSetting
from attention_surgery.metrics import metric_named
from tests.engine.induction_circuit import (
    INDUCTION_HEAD,
    PREVIOUS_TOKEN_HEAD,
    WORDS,
    save_induction_circuit,
)

DIFFERENCE = metric_named("logit_difference")
Stock = Callable[[Model], HookedTransformer]
# Of two lengths, so that rows are padded; the references of each length are its own.
PROMPTS = [
    ("When Mary and John went to the store, John gave a drink to", " Mary", " John"),
    ("When John and Mary went to the store, Mary gave a drink to", " John", " Mary"),
    ("Then John and Mary went home, Mary gave it to", " John", " Mary"),
]
CORRUPT = [
    "When Anna and Peter went to the store, George gave a drink to",
    "When Paul and George went to the store, Anna gave a drink to",
    "Then Paul and Peter went home, Anna gave it to",
]


def questions(model: Model) -> list[Question]:
    made = []
    for (prompt, *targets), corrupt in zip(PROMPTS, CORRUPT, strict=True):
        ids, other = model.tokenize(prompt), model.tokenize(corrupt)
        tokens = [model.tokenize(text, prepend_bos=False)[0] for text in targets]
        made.append(Question(ids, DIFFERENCE, tokens, other))
    return made


class Naive:
    """F of one circuit on one item: a pass of a stock model with every other head replaced."""

    def __init__(self, stock: HookedTransformer, asked: Sequence[Question], method: str) -> None:
        self.stock, self.asked, self.method = stock, asked, method
        self.z = {tuple(q.corrupt or []): self._z(q.corrupt or []) for q in asked}

    def _z(self, ids: list[int]) -> Any:
        with torch.inference_mode():
            return self.stock.run_with_cache(torch.tensor([ids]))[1]

    def _other(self, question: Question, name: str, v: Tensor) -> Tensor:
        """[pos, head, d_head]: what stands in for the heads of a layer."""
        own = tuple(question.corrupt or [])
        if self.method == "resample":
            other: Tensor = self.z[own][name][0]
            return other
        if self.method == "dataset-mean":
            same = [ids for ids in self.z if len(ids) == len(question.ids)]
            return torch.stack([self.z[ids][name][0] for ids in same]).mean(0)
        if self.method == "mean":
            return v[0].cumsum(0) / torch.arange(1, len(v[0]) + 1)[:, None, None]
        return torch.zeros_like(v[0])

    def logit_difference(
        self, question: Question, circuit: Circuit, seen: dict[int, tuple[Tensor, ...]]
    ) -> Tensor:
        """Of one pass; `seen` is given each layer's z as it is, what stands in, and both mixed."""
        values: dict[int, Tensor] = {}

        def see(v: Tensor, hook: Any) -> None:
            values[hook.layer()] = v

        def replace(z: Tensor, hook: Any) -> Tensor:
            other = self._other(question, hook.name, values[hook.layer()])
            mixed = z.clone()
            for head in range(z.shape[2]):
                if (hook.layer(), head) not in circuit:
                    mixed[0, :, head] = other[:, head]
            seen[hook.layer()] = (z[0], other, mixed)
            return mixed

        hooks: Any = [
            hook
            for layer in range(self.stock.cfg.n_layers)
            for hook in (
                (f"blocks.{layer}.attn.hook_v", see),
                (f"blocks.{layer}.attn.hook_z", replace),
            )
        ]
        logits = self.stock.run_with_hooks(torch.tensor([question.ids]), fwd_hooks=hooks)
        answer, foil = question.targets
        difference: Tensor = logits[0, -1, answer] - logits[0, -1, foil]
        return difference

    def value(self, question: Question, circuit: Circuit) -> float:
        with torch.inference_mode():
            return float(self.logit_difference(question, circuit, {}))

    def estimates(self, question: Question, circuit: Circuit) -> Any:
        """[layer, head]: (what a change puts there − what is there) · ∂metric/∂ that."""
        seen: dict[int, tuple[Tensor, ...]] = {}
        difference = self.logit_difference(question, circuit, seen)
        mixed = [seen[layer][2] for layer in sorted(seen)]
        slopes = torch.autograd.grad(difference, mixed)
        found = np.zeros((len(mixed), self.stock.cfg.n_heads))
        for layer, slope in enumerate(slopes):
            own, other, _ = seen[layer]
            for head in range(found.shape[1]):
                change = (other - own)[:, head] * (1 if (layer, head) in circuit else -1)
                found[layer, head] = float((change * slope[0, :, head]).sum().detach())
        return found

    def values(self, circuits: Sequence[Circuit]) -> np.ndarray[Any, Any]:
        return np.array([[self.value(q, circuit) for q in self.asked] for circuit in circuits])


def runs_of(model: Model, asked: Sequence[Question], method: str = "dataset-mean") -> CircuitRuns:
    return drain(circuit_runs(model, asked, method))


def some_circuits(model: Model) -> list[Circuit]:
    """Of every kind: all, none, one head less, a few, alternate ones."""
    whole = all_heads(model)
    last, odd = model.n_layers - 1, {site for site in whole if sum(site) % 2}
    return [
        whole,
        frozenset(),
        whole - {(0, 1)},
        whole - {(last, 2)},
        whole - {(1, 0), (last, 0)},
        frozenset({(0, 0), (1, 3), (last, 1)}),
        frozenset(odd),
        frozenset(odd - {(1, 2)}),
    ]


@pytest.mark.parametrize("method", ["dataset-mean", "resample", "zero", "mean"])
def test_circuits_equal_hooked_passes(tiny: Model, stock: Stock, method: str) -> None:
    asked = questions(tiny)
    circuits = some_circuits(tiny)
    runs = runs_of(tiny, asked, method)
    found = drain(runs.values(circuits))
    expected = Naive(stock(tiny), asked, method).values(circuits)
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert runs.passes < len(circuits)
    assert np.array_equal(found, drain(runs_of(tiny, asked, method).values(circuits[::-1]))[::-1])


def test_a_change_of_one_head_runs_from_its_layer_on(bundled: Model) -> None:
    runs = runs_of(bundled, questions(bundled))
    whole = all_heads(bundled)
    drain(runs.mean(whole))
    before = runs.passes
    drain(runs.mean(whole - {(bundled.n_layers - 1, 0)}))
    assert runs.passes - before == pytest.approx(1 / bundled.n_layers)
    before = runs.passes
    drain(runs.mean(whole))
    assert runs.passes == before


def test_a_run_given_up_half_way_leaves_nothing_wrong(tiny: Model) -> None:
    asked, (one, other, *_) = questions(tiny), some_circuits(tiny)[3:]
    expected = drain(runs_of(tiny, asked).values([other]))
    for steps in range(1, 8):
        runs = runs_of(tiny, asked)
        given_up = runs.values([one])
        for _ in range(steps):
            next(given_up, None)
        given_up.close()
        assert np.array_equal(drain(runs.values([other])), expected)


def test_a_few_items_come_first_and_what_was_measured_stays(
    directories: dict[str, Path], stock: Stock
) -> None:
    # Nothing stays where somebody has a model's graph in hand, as other tests have.
    tiny = load_model(directories["tiny"], device="cpu", name="tiny")
    asked = questions(tiny) * 4
    circuits = some_circuits(tiny)
    naive = Naive(stock(tiny), asked, "dataset-mean")
    runs = runs_of(tiny, asked)
    for some, n in zip(runs.growing(), (5, 12), strict=True):
        assert some.n_items == n
        expected = np.array([[naive.value(q, each) for q in asked[:n]] for each in circuits[2:4]])
        np.testing.assert_allclose(drain(some.values(circuits[2:4])), expected, atol=1e-4)
    runs.leave()
    again = runs_of(tiny, asked)
    assert np.array_equal(drain(again.values(circuits[2:4])), drain(runs.values(circuits[2:4])))
    assert again.passes == 0
    assert runs_of(tiny, asked) is not again  # who has taken it has it alone
    runs.leave()
    assert not runs_of(tiny, asked[1:]).parts[0].known  # other items
    assert runs_of(tiny, asked) is runs


def test_what_is_left_is_what_stands_in_for_heads(directories: dict[str, Path]) -> None:
    """Where only as much may stay, the run itself does not."""
    tiny = load_model(directories["tiny"], device="cpu", name="tiny")
    asked = questions(tiny) * 4
    runs = runs_of(tiny, asked)
    drain(runs.values(some_circuits(tiny)))
    tokens = 12 * max(len(question.ids) for question in asked)
    vars(tiny)["_left"] = Left((1 + tiny.n_layers) * tokens * tiny.d_model)
    runs.leave()
    again = runs_of(tiny, asked)
    assert again is runs
    drain(again.values(some_circuits(tiny)))
    assert again.passes == 0


def test_what_is_left_is_bounded() -> None:
    left = Left(10)
    for key, numbers in (("a", 4), ("b", 4), ("c", 4), ("d", 11)):
        left.put(key, key, numbers)
    assert [left.take(key) for key in "abcd"] == [None, "b", "c", None]
    for key in range(20):
        left.put(key, key, 0)
    assert [left.take(key) for key in range(20)] == [None] * 4 + list(range(4, 20))


def test_portions_cover_all_items() -> None:
    for n in range(1, 201):
        parts = list(portions(n))
        assert [place for part in parts for place in part] == list(range(n))
        assert len(parts[0]) == (5 if n >= 10 else n)
        assert list(map(len, parts)) == sorted(map(len, parts))
    assert list(map(len, portions(200))) == [5, 15, 60, 120]


@pytest.mark.parametrize("method", ["dataset-mean", "mean"])
def test_estimates_equal_one_backward_pass_an_item(tiny: Model, stock: Stock, method: str) -> None:
    asked = questions(tiny)
    circuit = frozenset({(0, 0), (1, 3), (2, 1)})
    found = drain(runs_of(tiny, asked, method).estimates(circuit))
    naive = Naive(stock(tiny), asked, method)
    expected = [naive.estimates(question, circuit) for question in asked]
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_what_cannot_be_measured_is_refused(tiny: Model) -> None:
    asked = questions(tiny)
    bare = [Question(q.ids, q.metric, q.targets) for q in asked]
    ask: Any = partial(circuit_runs, tiny)
    with pytest.raises(InvalidSetting, match="no corrupt prompts"):
        ask(bare, "dataset-mean")
    with pytest.raises(InvalidSetting, match="no corrupt prompt of as many tokens"):
        ask(bare, "resample")
    with pytest.raises(InvalidSetting, match="cannot be replaced by previous"):
        ask(asked, "previous")
    with pytest.raises(InvalidSetting, match="measured at the end"):
        ask([Question(q.ids, metric_named("loss"), q.targets) for q in asked], "zero")


@pytest.fixture(scope="module")
def induction(tmp_path_factory: pytest.TempPathFactory) -> Model:
    directory: Path = tmp_path_factory.mktemp("circuit") / "induction"
    return load_model(save_induction_circuit(directory))


def repeats(model: Model) -> list[Question]:
    """a b c d … a b → c; corrupt: another first telling, in which nothing can be looked up."""
    made = []
    for seed in range(6):
        words = list(np.random.default_rng(seed).permutation(WORDS[1:]))
        first, other = words[:6], words[6:12]
        ids, corrupt = (model.tokenize(" ".join([*told, *first[:3]])) for told in (first, other))
        targets = [model.tokenize(word, prepend_bos=False)[0] for word in (first[3], first[5])]
        made.append(Question(ids, DIFFERENCE, targets, corrupt))
    return made


def test_hooks_are_refused(tiny: Model) -> None:
    with (
        tiny.hooked.hooks([("blocks.1.attn.hook_z", lambda z, hook: z)]),  # noqa: ARG005
        pytest.raises(InvalidSetting, match="a circuit's runs would not show them"),
    ):
        runs_of(tiny, questions(tiny))


@pytest.mark.parametrize("search", ["removal", "growth"])
def test_both_searches_find_the_circuit_that_was_set_by_hand(induction: Model, search: str) -> None:
    runs = runs_of(induction, repeats(induction))
    whole = all_heads(induction)
    steps = (
        removal(runs, whole, 0.9, 2) if search == "removal" else growth(runs, frozenset(), 0.9, 2)
    )
    told: list[SearchStep] = []
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            found = end.value
            break
        told += [step] if isinstance(step, SearchStep) else []
    assert found == {PREVIOUS_TOKEN_HEAD, INDUCTION_HEAD} == told[-1].circuit
    for step in told:
        assert step.mean == drain(runs.mean(step.circuit))
        assert step.mean - step.effect == pytest.approx(
            drain(runs.mean(step.circuit ^ {step.head}))
        )
