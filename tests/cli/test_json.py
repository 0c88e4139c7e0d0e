"""What commands write for programs: the same JSON as REST and Python."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pandas
import pytest

from attention_surgery import Model
from attention_surgery.analyses import (
    Analysis,
    AttentionRequest,
    ImportanceRequest,
    InferRequest,
    InteractionsRequest,
    LogitLensRequest,
    PatchingRequest,
    TokenizeRequest,
    VerifyRequest,
    analyses,
)
from attention_surgery.analyses.encoding import encode
from attention_surgery.commands import name_of

from .commands import OTHER, PROMPT, typed

# `verify` has no figures of this model.
ALONE = [analysis for analysis in analyses() if analysis is not VerifyRequest]
ODD = 'A "quote", a comma\nand NA'
SWAPPED = "When John and Mary went to the store, Mary gave a drink to"


@pytest.mark.parametrize(
    ("words", "request_"),
    [
        (
            ["infer", "--cut", "L9H9", "-c", "l0h10:mean", "-n", "4"],
            InferRequest(prompt=PROMPT, ablations=("L9H9", "L0H10m"), max_new_tokens=4),
        ),
        (
            ["infer", "--cut", "L9H6m*0.5@10-14", "--cut", "M3", "--new-tokens", "2"],
            InferRequest(
                prompt=PROMPT,
                ablations=(
                    {
                        "layer": 9,
                        "head": 6,
                        "method": "mean",
                        "strength": 0.5,
                        "positions": (10, 11, 12, 13, 14),
                    },
                    {"layer": 3},
                ),
                max_new_tokens=2,
            ),
        ),
        (
            ["infer", "--cut", "L9H6r", "--cut", "L8H1", "--with", f"source={OTHER}", "-n", "1"],
            InferRequest(
                prompt=PROMPT,
                ablations=(
                    {"layer": 9, "head": 6, "method": "resample", "source": OTHER},
                    "L8H1z",
                ),
                max_new_tokens=1,
            ),
        ),
        (
            ["infer", "--temperature", "1", "--top-k", "5", "--seed", "3", "-n", "2", "--no-bos"],
            InferRequest(
                prompt=PROMPT, temperature=1, top_k=5, seed=3, max_new_tokens=2, prepend_bos=False
            ),
        ),
        (
            ["importance", "--method", "attribution"],
            ImportanceRequest(prompt=PROMPT, method="attribution"),
        ),
        (
            ["importance", "--method", "kl", "--positions", "last", "--ablation-method", "mean"],
            ImportanceRequest(
                prompt=PROMPT, method="ablation", positions="last", ablation_method="mean"
            ),
        ),
        (
            [
                *("importance", "--method", "ablation", "--ablation-method", "resample"),
                *("--cut", "L1H1d", "--with", f"source={OTHER}", "--with", f"references={PROMPT}"),
            ],
            ImportanceRequest(
                prompt=PROMPT,
                method="ablation",
                ablation_method="resample",
                ablation_parameters={"source": OTHER},
                ablations=(
                    {"layer": 1, "head": 1, "method": "dataset-mean", "references": (PROMPT,)},
                ),
            ),
        ),
        (
            ["lens", "-p", "3", "--top-k", "2"],
            LogitLensRequest(prompt=PROMPT, top_k=2, positions=(3,)),
        ),
        (["lens"], LogitLensRequest(prompt=PROMPT, positions=(-1,))),
        (
            ["attention", "--layer", "9", "--head", "9", "--cut", "L9H9m"],
            AttentionRequest(prompt=PROMPT, layer=9, head=9, ablations=("L9H9m",)),
        ),
        (["tokenize"], TokenizeRequest(prompt=PROMPT)),
        (
            [
                *("patch", "--corrupt", SWAPPED, "--answer", " Mary", "--foil", " John"),
                *("--component", "pattern", "--direction", "noise", "--estimate", "-c", "L9H9m"),
            ],
            PatchingRequest(
                prompt=PROMPT,
                corrupt=SWAPPED,
                answer=" Mary",
                foil=" John",
                component="pattern",
                direction="noise",
                estimate=True,
                ablations=("L9H9m",),
            ),
        ),
        (
            [
                *("interactions", "--answer", " Mary", "--foil", " John", "--heads", "L6H5"),
                *("--heads", "L6H6", "--ablation-method", "resample"),
                *("--with", f"source={SWAPPED}", "--cut", "L9H9"),
            ],
            InteractionsRequest(
                prompt=PROMPT,
                answer=" Mary",
                foil=" John",
                heads=("L6H5", "L6H6"),
                ablation_method="resample",
                ablation_parameters={"source": SWAPPED},
                ablations=("L9H9",),
            ),
        ),
    ],
)
def test_as_json_a_command_says_what_python_says(
    run: Any, bundled: Model, words: list[str], request_: Analysis[Any]
) -> None:
    command, *options = words
    assert run(command, PROMPT, *options, "--json").json() == python_says(request_, bundled)


def test_reference_prompts_come_from_a_file(run: Any, bundled: Model, tmp_path: Path) -> None:
    file = tmp_path / "references.txt"
    file.write_text(f"{OTHER}\n\n{PROMPT}\n")
    words = ["--cut", "L9H6d", "--with", f"references=@{file}", "-n", "1", "--json"]
    cut = {"layer": 9, "head": 6, "method": "dataset-mean", "references": (OTHER, PROMPT)}
    asked = InferRequest(prompt=PROMPT, ablations=(cut,), max_new_tokens=1)
    assert run("infer", PROMPT, *words).json() == python_says(asked, bundled)


def test_a_prompt_a_line_gives_a_result_a_line(
    run: Any, bundled: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = ["Hello there", '{"prompt": "Hello", "ablations": ["L1H1"], "max_new_tokens": 1}']
    typed(monkeypatch, "\r\n".join(["", *lines, ""]).encode())
    done = run("infer", "--lines", "-n", "2", "--cut", "L9H9")
    assert done.code == 0, done.err
    assert [json.loads(line) for line in done.out.splitlines()] == [
        python_says(
            InferRequest(prompt="Hello there", ablations=("L9H9",), max_new_tokens=2), bundled
        ),
        python_says(InferRequest(prompt="Hello", ablations=("L1H1",), max_new_tokens=1), bundled),
    ]


@pytest.mark.parametrize("analysis", ALONE, ids=lambda analysis: analysis.name)
def test_every_analysis_is_a_command_that_reads_requests_a_line(
    run: Any, bundled: Model, monkeypatch: pytest.MonkeyPatch, analysis: type[Analysis[Any]]
) -> None:
    typed(monkeypatch, json.dumps(analysis.example).encode())
    told = run(*name_of(analysis).split(), "--lines").json()
    said = python_says(analysis.ask(**analysis.example), bundled)
    for each in (told, said):
        each.pop("passes", None)  # fewer where the same was asked before
    assert told == said


@pytest.mark.parametrize(
    ("command", "words", "request_"),
    [
        ("tokenize", [], TokenizeRequest(prompt=ODD)),
        ("importance", ["--method", "l2"], ImportanceRequest(prompt=ODD, method="l2")),
        ("attention", ["--layer", "1"], AttentionRequest(prompt=ODD, layer=1)),
    ],
)
def test_as_csv_a_command_writes_the_rows_of_the_data_frame(
    run: Any, bundled: Model, command: str, words: list[str], request_: Analysis[Any]
) -> None:
    written = io.StringIO(run(command, ODD, *words, "--csv").out)
    frame = request_.run(bundled).to_pandas()
    read = pandas.read_csv(written, keep_default_na=False).astype(frame.dtypes)
    pandas.testing.assert_frame_equal(read, frame, check_exact=True)


def test_csv_is_of_one_result_and_nothing_else(run: Any) -> None:
    for other in ("--json", "--code", "--lines"):
        refused = run("tokenize", "x", "--csv", other)
        assert (refused.code, refused.out) == (2, "")
        assert "leave --csv out" in refused.err


def test_a_line_that_fails_says_why_and_the_others_go_on(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "lines.txt"
    file.write_bytes(b'{"prompt": 3}\n{"prompt"\n\xe9t\xe9\n{"prompt": "x", "model": "gpt2"}\nHi\n')
    done = run("tokenize", str(file), "--lines")
    assert done.code == 2
    *failed, last = map(json.loads, done.out.splitlines())
    assert [each["error"] for each in failed] == [
        "InvalidSetting",
        "InvalidSetting",
        "InvalidPrompt",
        "InvalidSetting",
    ]
    assert "Latin-1" in failed[2]["detail"]
    assert last["tokens"]


def test_with_json_a_failure_is_json_too(run: Any) -> None:
    refused = run("infer", "x", "--cut", "L99H0", "--json")
    assert (refused.code, refused.out) == (2, "")
    failure = json.loads(refused.err)
    assert failure["error"] == "UnknownHead"
    assert "layers 0–11" in failure["detail"]


def python_says(request: Analysis[Any], model: Model) -> Any:
    return json.loads(encode(request.run(model)))
