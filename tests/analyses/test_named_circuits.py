"""Circuits with a name hold what is said of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from attention_surgery.analyses import circuit
from attention_surgery.analyses.named_circuits import named_circuits
from attention_surgery.engine.model import Model, load_model

PAGE = Path(__file__).parents[2] / "docs" / "bundled-model.md"


@pytest.mark.parametrize("task", ["ioi", "induction", "places"])
def test_the_documented_circuits_of_the_bundled_model_hold(bundled: Model, task: str) -> None:
    (named,) = [each for each in named_circuits(bundled) if each.name == task]
    names = " ".join(map(str, named.heads))
    test = circuit(bundled, circuit=task, task=named.task, measures=(), random=1)
    faith = test.faithfulness
    assert faith.ratio == pytest.approx(1, abs=0.1)
    assert faith.random is not None
    assert abs(faith.whole.mean - faith.random.mean) > 2 * faith.gap
    (row,) = [
        line for line in PAGE.read_text("utf-8").splitlines() if line.startswith(f"| `{task}`")
    ]
    assert sorted(row.split("|")[-2].split()) == sorted(names.split())
    assert f"{faith.circuit.mean:+.2f} ({faith.ratio:.0%})" in row


@pytest.mark.gpt2
def test_the_published_ioi_circuit_under_the_abc_mean(capsys: pytest.CaptureFixture[str]) -> None:
    model = load_model("gpt2")
    test = circuit(model, circuit="ioi", task="ioi", n=100, measures=("curve",))
    faith, curve = test.faithfulness, test.curve
    assert curve is not None
    with capsys.disabled():
        print(  # noqa: T201
            f"\nIOI circuit, {len(test.heads)} heads, ABC mean, {len(test.items)} items: "
            f"F(M) {faith.whole.mean:.2f}, gap {faith.gap:.2f} (published 3.56 and 0.46: single "
            f"positions, means by template); on nodes CPR {curve.cpr:.2f}, CMD {curve.cmd:.2f} "
            "(MIB on nodes by attribution 0.28 and 0.38, on edges by exact patching 2.30 and "
            "0.02: resampled, MLPs among the nodes, ranked by attribution)"
        )
    assert len(test.heads) == 26
    assert faith.random is not None
    assert faith.circuit.mean > faith.random.high
    assert faith.gap < faith.whole.mean / 2
