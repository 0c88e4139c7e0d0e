"""On a circuit set by hand, every method finds the heads that are the circuit."""

from __future__ import annotations

import pytest

from attention_surgery.analyses import attention
from attention_surgery.analyses.head_scores import ImportanceMethod
from attention_surgery.analyses.importance import importance
from attention_surgery.analyses.infer import infer
from attention_surgery.engine.model import Model, load_model
from attention_surgery.interventions import Intervention, ablation
from tests.engine.induction_circuit import (
    INDUCTION_HEAD,
    PREVIOUS_TOKEN_HEAD,
    save_induction_circuit,
)

SEQUENCE = "k d s a v b m q t"
PROMPT = f"{SEQUENCE} {SEQUENCE}"
SECOND_HALF = slice(10, None)  # predictions of tokens whose predecessor has been seen before
CIRCUIT = {PREVIOUS_TOKEN_HEAD, INDUCTION_HEAD}


@pytest.fixture(scope="module")
def circuit(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return load_model(save_induction_circuit(tmp_path_factory.mktemp("circuit") / "induction"))


def copied(model: Model, cuts: list[Intervention]) -> tuple[float, float]:
    """Mean probability of the right token in the second half, control and ablated."""
    per_token = infer(model, PROMPT, cuts, max_new_tokens=0).metrics.per_token
    second = [token for token in per_token if token.position >= SECOND_HALF.start + 1]
    assert len(second) == 8
    control = sum(2.718281828**token.control_logprob for token in second) / len(second)
    ablated = sum(2.718281828**token.ablated_logprob for token in second) / len(second)
    return control, ablated


def test_the_circuit_copies(circuit: Model) -> None:
    control, _ = copied(circuit, [])
    assert control > 0.95
    following = infer(circuit, f"{SEQUENCE} k d", max_new_tokens=5).control.tokens
    assert [token.text for token in following] == ["s", "a", "v", "b", "m"]


@pytest.mark.parametrize("head", sorted(CIRCUIT))
@pytest.mark.parametrize("method", ["zero", "mean", "previous"])
def test_ablating_either_head_destroys_the_copying(
    circuit: Model, head: tuple[int, int], method: str
) -> None:
    if method == "previous" and head == PREVIOUS_TOKEN_HEAD:
        method = "mean"  # layer 0 has no previous layer
    _, ablated = copied(circuit, [ablation(*head, method)])
    assert ablated < 0.2


@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize("head", range(4))
def test_ablating_any_other_head_destroys_nothing(circuit: Model, layer: int, head: int) -> None:
    control, ablated = copied(circuit, [ablation(layer, head)])
    assert ((layer, head) in CIRCUIT) == (ablated < control - 0.5)


@pytest.mark.parametrize("method", ["gradient", "attribution", "l2", "ablation"])
def test_every_importance_method_ranks_the_circuit_first(
    circuit: Model, method: ImportanceMethod
) -> None:
    ranking = importance(circuit, PROMPT, method).ranking
    assert {(head.layer, head.head) for head in ranking[:2]} == CIRCUIT


def test_the_heads_attend_as_they_were_built_to(circuit: Model) -> None:
    before = attention(circuit, PROMPT, *PREVIOUS_TOKEN_HEAD).control
    assert all(before[i][i - 1] > 0.95 for i in range(1, len(before)))
    induction = attention(circuit, PROMPT, *INDUCTION_HEAD).control
    assert all(induction[i][i - 9 + 1] > 0.95 for i in range(10, len(induction)))
