"""What commands show to people, and what they read."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from attention_surgery import Model, __version__
from attention_surgery.settings import BUNDLED_MODEL, PREFIX

from .commands import OTHER, PROMPT, typed


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


def test_patching_for_people_is_a_grid_and_the_strongest(run: Any, bundled: Model) -> None:
    swapped = "When John and Mary went to the store, Mary gave a drink to"
    asked = ("patch", PROMPT, "--corrupt", swapped, "--answer", " Mary", "--foil", " John")
    of_heads = run(*asked, "--estimate", "--top", "3").out
    for layer in range(bundled.n_layers):
        assert f"L{layer} " in of_heads
    assert "share of the logit_difference restored by patching z" in of_heads
    assert "rank correlation" in of_heads
    assert "a loop takes 146" in of_heads
    short = ("patch", "To Mary", "--corrupt", "To John", *asked[4:], "--each-position")
    assert "2 ' Mary'" in run(*short, "--component", "resid_pre").out
    assert "' Mary'" in run(*short, "--top", "3").out
    chosen = run(*short, "--heads", "L6H6", "--heads", "L5H9").out
    assert "L6H6 " in chosen
    assert "L6H5 " not in chosen
    assert "change by patching" in run("patch", PROMPT, "--corrupt", PROMPT, *asked[4:]).out


def test_interactions_for_people_are_a_grid_and_the_strongest(run: Any) -> None:
    heads = ("--heads", "L6H5", "--heads", "L6H6", "--heads", "L7H1")
    shown = run("interactions", PROMPT, "--answer", " Mary", "--foil", " John", *heads).out
    assert "each head's strongest interaction by zero" in shown
    assert "L6H5 L6H6" in shown
    assert "a loop takes 7" in shown


@pytest.mark.parametrize(
    ("words", "passes"),
    [
        (["attribute"], "Worth 1 forward pass; a loop takes 171."),
        (["repair", "--top", "3"], "a loop takes 145."),
        (["paths", "--corrupt", OTHER, "--to", "logits", "--top", "3"], "a loop takes 146."),
    ],
)
def test_causes_for_people_say_what_a_loop_takes(run: Any, words: list[str], passes: str) -> None:
    names = ("--answer", " Mary", "--foil", " John")
    assert passes in run(words[0], PROMPT, *names, *words[1:]).out


def test_kinds_of_heads_for_people_say_what_a_loop_takes(run: Any) -> None:
    shown = run("head-types", PROMPT, "--copying-tokens", "0").out
    assert "Worth 1 forward pass; a loop takes 3." in shown


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
    "words", ["tokenize - --json", pytest.param("tokenize -", marks=pytest.mark.long)]
)
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


def test_letters_that_the_output_cannot_have_are_replaced() -> None:
    """As a file's on Windows, which has those of its region."""
    done = subprocess.run(
        [sys.executable, "-m", "attention_surgery", "attribute", "--help"],
        env=os.environ | {"PYTHONIOENCODING": "cp1252", "COLUMNS": "200"},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"logit(answer) ? logit(foil)" in done.stdout


def test_help_does_not_wait_for_torch() -> None:
    """In a process of its own, because this one has torch already."""
    code = (
        "import sys\n"
        "from attention_surgery.cli import main\n"
        "for words in (['--help'], ['infer', '--help'], ['serve', '-h']):\n"
        "    sys.argv = ['attention-surgery', *words]\n"
        "    try:\n        main()\n"
        "    except SystemExit as end:\n        assert not end.code\n"
        "    assert 'torch' not in sys.modules, 'torch was imported'\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.count("Usage") == 3
    assert done.stderr == ""
