"""Circuits with a name hold what is said of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from attention_surgery.analyses import CircuitTest, circuit
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


def beside_the_published(model: Model, n: int, **settings: Any) -> tuple[str, CircuitTest]:
    """The published IOI circuit tested here, and what others found, with what they did."""
    test = circuit(model, circuit="ioi", task="ioi", n=n, **settings)
    faith, curve = test.faithfulness, test.curve
    assert curve is not None
    size, interval = len(test.heads), faith.gap_interval
    bounds = "" if interval is None else f" ({interval.low:.2f} … {interval.high:.2f})"
    return (
        f"""
The published IOI circuit, {size} heads, {n} items, the others by the mean over ABC prompts

                                                       F(M)     gap    CPR    CMD
  here: all positions, means by length, MLPs kept,    {faith.whole.mean:5.2f}   {faith.gap:5.2f}  \
{curve.cpr:5.2f}  {curve.cmd:5.2f}   gap{bounds}
        heads ranked by exact effect in the circuit
  Wang et al. 2022: heads at single positions,         3.56    0.46
        means by template
  MIB, edges ranked by exact patching, resampled                      2.30   0.02
  MIB, nodes (MLPs too) ranked by attribution,                        0.28   0.38
        resampled
""",
        test,
    )


def test_the_table_beside_the_published_figures_is_written(bundled: Model) -> None:
    """As GPT-2 Small: it has as many layers and heads."""
    as_gpt2 = replace(bundled, source="hub", name="gpt2")
    told, test = beside_the_published(as_gpt2, 2, random=0, measures=("curve",))
    assert len(test.heads) == 26
    assert test.curve is not None
    numbers = test.faithfulness.whole.mean, test.faithfulness.gap, test.curve.cpr, test.curve.cmd
    (here,) = [line for line in told.splitlines() if "here:" in line]
    assert [f"{number:.2f}" for number in numbers] == here.split("kept,")[1].split()[:4]


@pytest.mark.gpt2
def test_the_published_ioi_circuit_under_the_abc_mean(capsys: pytest.CaptureFixture[str]) -> None:
    told, test = beside_the_published(load_model("gpt2"), 100, measures=("curve",))
    with capsys.disabled():
        print(told)  # noqa: T201
    faith = test.faithfulness
    assert len(test.heads) == 26
    assert faith.random is not None
    assert faith.circuit.mean > faith.random.high
    assert faith.gap < faith.whole.mean / 2
