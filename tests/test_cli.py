"""The command line as a shell sees it."""

from __future__ import annotations

import io
import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from attention_surgery import HeadAblation, Model, cli, importance, infer, logit_lens
from attention_surgery.api import schemas
from attention_surgery.service.encoding import encode
from attention_surgery.settings import BUNDLED_MODEL, PREFIX

PROMPT = "When Mary and John went to the store, John gave a drink to"


class Run:
    """Exit code, output and error output of one command."""

    def __init__(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str
    ) -> None:
        monkeypatch.setattr(sys, "argv", ["attention-surgery", *words])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            cli.main()
        self.code = end.value.code or 0
        self.out, self.err = capsys.readouterr()

    def json(self) -> Any:
        assert self.code == 0, self.err
        return json.loads(self.out)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, bundled: Model) -> Any:
    """Run a command in this process, on the model that is loaded already."""
    monkeypatch.setenv(f"{PREFIX}MODELS", BUNDLED_MODEL)
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setattr(cli, "load_source", lambda *_: bundled)
    return lambda *words: Run(capsys, monkeypatch, *words)


def test_infer_as_json_equals_the_engine(run: Any, bundled: Model) -> None:
    cuts = [HeadAblation(9, 9), HeadAblation(0, 10, "mean")]
    answer = run("infer", PROMPT, "--cut", "L9H9", "-c", "l0h10:mean", "-n", "4", "--json").json()
    expected = encode(infer(bundled, PROMPT, cuts, max_new_tokens=4), model=bundled.name)
    assert answer == json.loads(expected)
    schemas.InferResponse.model_validate(answer)


def test_importance_as_json_equals_the_engine(run: Any, bundled: Model) -> None:
    answer = run("importance", PROMPT, "--method", "attribution", "--json").json()
    assert answer["scores"] == importance(bundled, PROMPT, "attribution").scores
    schemas.ImportanceResponse.model_validate(answer)


def test_lens_as_json_equals_the_engine(run: Any, bundled: Model) -> None:
    answer = run("lens", PROMPT, "-p", "3", "--top-k", "2", "--json").json()
    expected = encode(logit_lens(bundled, PROMPT, top_k=2, positions=[3]), model=bundled.name)
    assert answer == json.loads(expected)


def test_infer_for_people(run: Any) -> None:
    shown = run("infer", PROMPT, "--cut", "L9H9", "-n", "3")
    assert shown.code == 0
    for words in ("control", "ablated", "Right after the prompt", "KL", "perplexity"):
        assert words in shown.out


def test_importance_for_people_is_a_grid(run: Any, bundled: Model) -> None:
    shown = run("importance", PROMPT, "--method", "kl", "--top", "3")
    for layer in range(bundled.n_layers):
        assert f"L{layer} " in shown.out
    assert f"H{bundled.n_heads - 1}" in shown.out
    assert "kl by zero, nats; 100 is" in shown.out
    assert " 100" in shown.out


def test_lens_for_people_has_a_row_per_layer(run: Any, bundled: Model) -> None:
    shown = run("lens", PROMPT, "--cut", "L9H9")
    for layer in range(bundled.n_layers):
        assert f"L{layer}" in shown.out
    assert "embed" in shown.out


def test_models_are_listed(run: Any) -> None:
    assert {"name": BUNDLED_MODEL, "where": "bundled"} in run("models", "--json").json()
    assert "gpt2-xl" in run("models").out


def test_a_dash_reads_standard_input(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    direct = run("infer", "Hello there", "-n", "2", "--json").json()
    monkeypatch.setattr(sys, "stdin", io.StringIO("Hello there\n"))
    assert run("infer", "-", "-n", "2", "--json").json() == direct


def test_warnings_go_to_the_person_and_not_into_the_json(run: Any) -> None:
    shown = run("infer", "Hello", "--cut", "L0H1:previous", "-n", "1")
    assert "L0H1 is unchanged" in shown.err
    quiet = run("infer", "Hello", "--cut", "L0H1:previous", "-n", "1", "--json")
    assert quiet.err == ""
    assert quiet.json()["warnings"]


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["infer", "x", "--cut", "L99H0"], 2, "layers 0–11"),
        (["infer", "x", "--cut", "nine"], 2, "write L9H6"),
        (["infer", "x", "--cut", "L1H1:gone"], 2, "write L9H6"),
        (["infer", "x", "--cut", "L1H1", "--cut", "L1H1:mean"], 2, "L1H1"),
        (["infer", "x", "--cut", "L1H1", "--cut", "L1H1"], 2, "twice"),
        (["infer", "x", "--model", "gpt3"], 2, "neither a directory nor one of"),
        (["infer", "", "--no-bos"], 2, "prompt"),
        (["infer", "x", "-n", "100000"], 2, "100000"),
        (["importance", "x", "--method", "magic"], 2, "magic"),
        (["importance", "x", "--method", "l2", "--ablation-method", "zero"], 2, "kl"),
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


def test_serve_starts_the_server_with_these_settings(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import uvicorn

    started: list[tuple[FastAPI, list[tuple[str, int]]]] = []

    def start(self: uvicorn.Server, sockets: list[socket.socket]) -> None:
        self.started = True
        started.append((self.config.app, [each.getsockname() for each in sockets]))  # type: ignore[arg-type]
        for each in sockets:
            each.close()

    monkeypatch.setattr(uvicorn.Server, "run", start)
    port = free_port()
    assert run("serve", "--port", str(port), "--model", BUNDLED_MODEL).code == 0
    ((app, addresses),) = started
    assert addresses == [("127.0.0.1", port)]
    assert app.state.settings.models == (BUNDLED_MODEL,)


def test_a_taken_port_is_told_before_anything_is_loaded(run: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        shown = run("serve", "--port", str(port))
    assert shown.code == 1
    assert f"127.0.0.1 port {port}: Address already in use." in shown.err
    assert "--port" in shown.err
    assert "loading" not in shown.err


def test_an_address_of_another_machine_is_told(run: Any) -> None:
    shown = run("serve", "--host", "192.0.2.1", "--port", "0")
    assert shown.code == 1
    assert "192.0.2.1" in shown.err


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


@pytest.mark.parametrize("words", [["--help"], ["infer", "--help"], ["serve", "-h"]])
def test_help_does_not_wait_for_torch(words: list[str]) -> None:
    """In a process of its own, because this one has torch already."""
    code = (
        "import sys\n"
        f"sys.argv = ['attention-surgery', *{words!r}]\n"
        "from attention_surgery.cli import main\n"
        "try:\n    main()\n"
        "finally:\n    assert 'torch' not in sys.modules, 'torch was imported'\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Usage" in done.stdout
    assert done.stderr == ""
