"""`--code` writes a script instead of running."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import constants

from attention_surgery import loading
from attention_surgery.analyses import (
    InferRequest,
    TokenizeRequest,
)
from attention_surgery.engine.origin import KnownOrigin
from attention_surgery.settings import BUNDLED_MODEL, PREFIX

from .commands import PROMPT


def test_code_prints_the_script_and_loads_no_model(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "load_source", None)
    request = InferRequest(prompt=PROMPT, ablations=("L9H6m*0.5@10-14", "M3"), max_new_tokens=2)
    words = ["infer", PROMPT, "-c", "L9H6m*0.5@10-14", "-c", "M3", "-n", "2", "--code"]
    written = request.code(KnownOrigin(BUNDLED_MODEL, "bundled"))
    assert run(*words).out == written
    assert run(*words, "--json").json() == {"code": written}
    assert run(*words, "-m", "gpt2").out == request.code(KnownOrigin("gpt2", "hub"))


def test_code_for_a_directory_names_its_path(run: Any, directories: dict[str, Path]) -> None:
    directory = str(directories["tiny"])
    code = run("tokenize", PROMPT, "-m", directory, "--code").out
    assert code == TokenizeRequest(prompt=PROMPT).code(KnownOrigin(directory, "directory"))


def test_code_of_the_default_is_for_a_model_that_is_there(
    run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setenv(f"{PREFIX}MODELS", f"gpt2,{BUNDLED_MODEL}")
    assert 'files("attention_surgery")' in run("tokenize", PROMPT, "--code").out
    monkeypatch.setenv(f"{PREFIX}MODELS", "gpt2")
    assert 'from_pretrained_no_processing("gpt2"' in run("tokenize", PROMPT, "--code").out


def test_code_answers_one_prompt(run: Any) -> None:
    refused = run("infer", "--lines", "--code")
    assert refused.code == 2
    assert "A script answers one prompt: leave --lines or --code out." in refused.err
