"""The Python code the page exports runs as it is and prints the page's numbers.

The scripts are written by `frontend/src/lib/codeExport.ts`; its test fails when they drift.
"""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest
from transformer_lens import HookedTransformer

from attention_surgery.engine.ablation import HeadAblation
from attention_surgery.engine.generation import Inference, infer
from attention_surgery.engine.model import Model

FOLDER = Path(__file__).parent / "exported_code"
RUNS: dict[str, dict[str, Any]] = json.loads((FOLDER / "runs.json").read_text(encoding="utf-8"))


def engine_answer(model: Model, run: dict[str, Any]) -> Inference:
    return infer(
        model,
        run["prompt"],
        [HeadAblation(**cut) for cut in run["cuts"]],
        max_new_tokens=run["maxNewTokens"],
        temperature=float(run["temperature"]),
        top_k=run["topK"],
        seed=run["seed"],
        prepend_bos=run["prependBos"],
    )


def assert_same_numbers(script: dict[str, Any], answer: Inference) -> None:
    assert script["control"] == [token.id for token in answer.control.tokens]
    assert script["ablated"] == [token.id for token in answer.ablated.tokens]
    assert script["control_text"] == answer.control.text
    assert script["ablated_text"] == answer.ablated.text
    for name in ("kl", "perplexity_control", "perplexity_ablated", "top1_changed"):
        assert script[name] == pytest.approx(getattr(answer.metrics, name), rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("name", RUNS)
def test_exported_script_gives_the_numbers_of_the_page(
    bundled: Model, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = engine_answer(bundled, RUNS[name])
    script = runpy.run_path(str(FOLDER / f"{name}.py"), run_name="__main__")
    assert_same_numbers(script, answer)
    printed = capsys.readouterr().out
    assert repr(answer.ablated.text) in printed
    assert f"{script['kl']:.4f} nats" in printed


def test_script_for_gpt2_needs_nothing_but_what_transformer_lens_returns(
    bundled: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another model stands in for GPT-2, which only the hub has."""
    asked: list[str] = []

    def from_hub(name: str, **_options: object) -> HookedTransformer:
        asked.append(name)
        return bundled.hooked

    monkeypatch.setattr(HookedTransformer, "from_pretrained_no_processing", from_hub)
    script = runpy.run_path(str(FOLDER / "from_hub.py"), run_name="__main__")
    assert asked == ["gpt2"]
    assert_same_numbers(script, engine_answer(bundled, RUNS["greedy_zero"]))


def test_the_runs_cover_every_method_greedy_and_sampled() -> None:
    methods = {cut["method"] for run in RUNS.values() for cut in run["cuts"]}
    assert methods == {"zero", "mean", "previous"}
    assert {run["temperature"] > 0 for run in RUNS.values()} == {True, False}
