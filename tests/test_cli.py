"""The command line as a shell sees it."""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from huggingface_hub import constants

from attention_surgery import Model, __version__, loading
from attention_surgery.analyses import (
    Analysis,
    AttentionRequest,
    ImportanceRequest,
    InferRequest,
    LogitLensRequest,
    TokenizeRequest,
)
from attention_surgery.analyses.encoding import encode
from attention_surgery.cli import main
from attention_surgery.engine.origin import KnownOrigin
from attention_surgery.settings import BUNDLED_MODEL, PREFIX

PROMPT = "When Mary and John went to the store, John gave a drink to"
OTHER = "When Anna and Paul went to the park, Paul gave a drink to"


class Run:
    """Exit code, output and error output of one command."""

    def __init__(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str
    ) -> None:
        monkeypatch.setattr(sys, "argv", ["attention-surgery", *words])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
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
    monkeypatch.setattr(loading, "load_source", lambda *_: bundled)
    return lambda *words: Run(capsys, monkeypatch, *words)


def typed(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    """Let the command read this from standard input."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


def python_says(request: Analysis[Any], model: Model) -> Any:
    return json.loads(encode(request.run(model)))


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
    assert "ablation by zero, nats; 100 is" in shown.out
    assert " 100" in shown.out


def test_lens_for_people_has_a_row_per_layer(run: Any, bundled: Model) -> None:
    shown = run("lens", PROMPT, "--cut", "L9H9")
    for layer in range(bundled.n_layers):
        assert f"L{layer}" in shown.out
    assert "embed" in shown.out


def test_attention_for_people_says_where_tokens_look(run: Any, bundled: Model) -> None:
    one = run("attention", PROMPT, "--layer", "9", "--head", "9").out
    assert "Looks most at" in one
    assert "' Mary'" in one
    assert f"L3H{bundled.n_heads - 1}" in run("attention", PROMPT, "--layer", "3").out
    assert "L11H0" in run("attention", "Hello").out


def test_tokens_for_people_are_a_table(run: Any) -> None:
    assert "' there'" in run("tokenize", "Hello there").out


def test_the_version_is_told(run: Any) -> None:
    assert run("--version").out == f"{__version__}\n"


def test_models_are_listed(run: Any) -> None:
    assert {"name": BUNDLED_MODEL, "where": "bundled"} in run("models", "--json").json()
    assert "gpt2-xl" in run("models").out


def test_a_dash_reads_standard_input(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    direct = run("infer", "Hello there", "-n", "2", "--json").json()
    typed(monkeypatch, b"Hello there\n")
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


def test_with_json_a_failure_is_json_too(run: Any) -> None:
    refused = run("infer", "x", "--cut", "L99H0", "--json")
    assert (refused.code, refused.out) == (2, "")
    failure = json.loads(refused.err)
    assert failure["error"] == "UnknownHead"
    assert "layers 0–11" in failure["detail"]


def test_latin1_on_standard_input_is_told(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, "un café".encode("latin-1"))
    refused = run("infer", "-")
    assert refused.code == 2
    assert "byte 0xe9 at 6" in refused.err


@pytest.mark.parametrize("words", ["tokenize - --json", "tokenize -", "models --json"])
def test_a_reader_that_leaves_is_no_failure(words: str) -> None:
    """As in `attention-surgery … | head -1`: the pipe is closed before the command writes."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "attention_surgery", *words.split()],
        input=b"word " * 50,
        stdout=writer,
        stderr=subprocess.PIPE,
        env=os.environ | {f"{PREFIX}MODELS": BUNDLED_MODEL},
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


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
