"""What cannot be done is a sentence on standard error and an exit code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from attention_surgery import Model
from attention_surgery.settings import BUNDLED_MODEL, PREFIX

from .commands import Run, typed


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["infer", "x", "--cut", "L99H0"], 2, "layers 0–11"),
        (["infer", "x", "--cut", "nine"], 2, "write L9H6"),
        (["infer", "x", "--cut", "L1H1:gone"], 2, "'gone' is no ablation method: use"),
        (["infer", "x", "--cut", "L1H1x"], 2, "'x' stands for no ablation method"),
        (
            ["infer", "x", "--cut", "L1H1r"],
            2,
            "resample needs its source: give --with source=VALUE",
        ),
        (
            ["importance", "x", "--method", "ablation", "--ablation-method", "resample"],
            2,
            "resample needs its source: give --with source=VALUE",
        ),
        (["infer", "x", "--cut", "L1H1", "--with", "source=y"], 2, "No cut takes the parameter"),
        (["infer", "x", "--cut", "L1H1r", "--with", "source"], 2, "NAME=VALUE"),
        (["infer", "x", "--cut", "L1H1d", "--with", "references=@/nowhere"], 2, "cannot be read"),
        (["infer", "x", "--seed", str(2**64)], 2, "seed"),
        (["infer", "x", "--seed", str(2**80)], 2, "seed"),
        (["infer", "caf\udce9"], 2, "Latin-1"),
        (["infer", "/nowhere", "--lines"], 2, "cannot be read"),
        (["infer", "x", "--cut", "L1H1", "--cut", "L1H1:mean"], 2, "L1H1"),
        (["infer", "x", "--cut", "L1H1", "--cut", "L1H1"], 2, "twice"),
        (["infer", "x", "--model", "gpt3"], 2, "neither a directory nor one of"),
        (["infer", "", "--no-bos"], 2, "prompt"),
        (["infer", "x", "-n", "100000"], 2, "100000"),
        (["importance", "x", "--method", "magic"], 2, "method: the value should be 'gradient'"),
        (["importance", "x", "--method", "l2", "--ablation-method", "zero"], 2, "method ablation"),
        (["lens", "x", "--position", "500"], 2, "500"),
        (["infer"], 2, "prompt"),
        (["unknown"], 2, "unknown"),
    ],
)
def test_what_cannot_be_done_is_a_sentence_and_exit_code_2(
    run: Any, words: list[str], code: int, sentence: str
) -> None:
    refused = run(*words)
    assert refused.code == code
    assert sentence in refused.err
    assert refused.out == ""
    assert "Traceback" not in refused.err


def test_latin1_on_standard_input_is_told(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, "un café".encode("latin-1"))
    refused = run("infer", "-")
    assert refused.code == 2
    assert "byte 0xe9 at 6" in refused.err


def test_a_wrong_setting_is_a_sentence(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}QUEUE_SIZE", "many")
    refused = run("infer", "x")
    assert refused.code == 2
    assert "queue_size" in refused.err


def test_a_model_that_fails_to_load_is_exit_code_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config.json").write_text("{}")
    failed = Run(capsys, monkeypatch, "infer", "x", "--model", str(tmp_path))
    assert failed.code == 1
    assert "architecture" in failed.err


def test_without_gpt2_the_bundled_model_answers_and_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from attention_surgery.engine import model as engine
    from attention_surgery.errors import ModelLoadError

    load = engine.load_model

    def no_hub(source: object, **options: Any) -> Model:
        if source == "gpt2":
            raise ModelLoadError("The hub cannot be reached.")
        return load(BUNDLED_MODEL, **options)

    monkeypatch.setattr(engine, "load_model", no_hub)
    monkeypatch.delenv(f"{PREFIX}MODELS", raising=False)
    shown = Run(capsys, monkeypatch, "infer", "Hello", "-n", "1", "--json")
    assert shown.json()["model"] == BUNDLED_MODEL
    assert f"Using {BUNDLED_MODEL} instead" in shown.err
