"""`circuit test` and `circuit search`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from attention_surgery.analyses import CircuitRequest, CircuitSearchRequest
from tests.cli.commands import Run

MODEL = ("--model", "gpt2-mini-12x12")


def test_a_circuit_is_tested_and_written(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = (
        *("circuit", "test", "--heads", "L0H0", "--heads", "L6H6", "--task", "ioi", "--n", "2"),
        *("--random", "1", "--measures", "minimality", *MODEL),
    )
    request = CircuitRequest.ask(
        heads=("L0H0", "L6H6"), task="ioi", n=2, random=1, measures=("minimality",)
    ).model_dump(mode="json")
    found = Run(capsys, monkeypatch, *words, "--json").json()
    assert found["provenance"]["request"] == request | {"model": "gpt2-mini-12x12"}
    shown = Run(capsys, monkeypatch, *words).out
    assert "2 heads: L0H0 L6H6" in shown
    assert f"{found['faithfulness']['circuit']['mean']:+.4f}" in shown
    graph = Run(capsys, monkeypatch, *words, "--graphml").out
    assert graph.startswith("<?xml")
    nodes = json.loads(Run(capsys, monkeypatch, *words, "--mib").out)["nodes"]
    assert nodes["a6.h6"]["in_graph"]
    figure = Run(capsys, monkeypatch, *words, "--svg").out
    assert "2 heads, 2 items" in figure


def test_parameters_and_items_of_ones_own(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    few = ("circuit", "test", "--heads", "L6H6", "--random", "0", "--measures", "edges", *MODEL)
    words = (*few, "--task", "ioi", "--n", "2", "--with", "order=abba", "--json")
    found = Run(capsys, monkeypatch, *words).json()
    assert found["provenance"]["request"]["task_parameters"] == {"order": "abba"}
    own = tmp_path / "own.jsonl"
    own.write_text("\n".join(json.dumps(item) for item in found["items"]))
    again = Run(capsys, monkeypatch, *few, "--items", str(own), "--json").json()
    assert again["faithfulness"] == found["faithfulness"]
    assert "write NAME=VALUE" in Run(capsys, monkeypatch, *few, "--with", "abba").err
    own.write_text("{}")
    assert "Line 1: " in Run(capsys, monkeypatch, *few, "--items", str(own)).err


@pytest.mark.long
def test_a_search_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = (
        *("circuit", "search", "--task", "ioi", "--n", "2", "--direction", "growth"),
        *("--target", "0.5", *MODEL),
    )
    found = Run(capsys, monkeypatch, *words, "--json").json()
    request = CircuitSearchRequest.ask(task="ioi", n=2, direction="growth", target=0.5)
    asked = request.model_dump(mode="json")
    assert found["provenance"]["request"] == asked | {"model": "gpt2-mini-12x12"}
    assert found["ratio"] >= 0.5
    heads = " ".join(f"L{head['layer']}H{head['head']}" for head in found["heads"])
    shown = Run(capsys, monkeypatch, *words).out
    assert f"{len(found['heads'])} heads: {heads}" in " ".join(shown.split())
