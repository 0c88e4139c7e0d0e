"""TransformerLens stands behind one module, and is imported when `model.hooked` is asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest
from transformer_lens import HookedTransformer

from attention_surgery import BUNDLED_NAME, infer, load_model

from .test_layers import PACKAGE, imports, modules

HEAVY = ("transformer_lens", "transformers", "datasets", "pandas", "huggingface_hub")
# What a command has no use for: the server, and the parts of torch that compile and distribute.
IDLE = (
    *("fastapi", "starlette", "uvicorn", "structlog", "prometheus_client", "httpx", "tqdm"),
    *("torch._dynamo", "torch._inductor", "torch.distributed.fsdp", "sympy", "networkx"),
)
# Modules that a command imports beside ours: 223 when this was written.
MOST_OTHERS = 240
PROGRAM = """
import sys
import torch

before = set(sys.modules)
from attention_surgery.cli import main

prompt = "The Eiffel Tower is located in"
sys.argv = ["attention-surgery", "infer", prompt, "-m", "gpt2-mini-12x12", "-n", "1", "-c", "L6H6"]
try:
    main()
except SystemExit as end:
    assert not end.code
print("command:", *sorted(set(sys.modules) - before))

import attention_surgery as surgeon

model = surgeon.load_model("gpt2-mini-12x12", device="cpu")
surgeon.infer(model, prompt, ["L6H6"], max_new_tokens=1)
surgeon.importance(model, prompt, "gradient")
surgeon.logit_lens(model, prompt)
surgeon.attention(model, prompt, 1, 1)
print("imported:", *(name for name in HEAVY if name in sys.modules))
"""


def test_one_module_imports_transformer_lens() -> None:
    found = {
        str(path.relative_to(PACKAGE))
        for path in modules()
        for name in imports(path)
        if name.split(".")[0] in ("transformer_lens", "transformers")
    }
    assert found == {"engine/hooked.py"}


@pytest.fixture(scope="module")
def told() -> list[str]:
    """What one process says of its imports, after a command and after analyses."""
    return subprocess.run(
        [sys.executable, "-c", f"HEAVY = {HEAVY}\n{PROGRAM}"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()


def test_no_analysis_imports_it(told: list[str]) -> None:
    assert "Paris" in "".join(told)
    assert told[-1] == "imported:"


def test_hooked_is_the_real_one_and_changes_no_answer() -> None:
    model = load_model(BUNDLED_NAME, device="cpu")
    before = infer(model, "The Eiffel Tower is located in", ["L6H6"], max_new_tokens=1)
    assert isinstance(model.hooked, HookedTransformer)
    assert model.hooked is model.hooked
    after = infer(model, "The Eiffel Tower is located in", ["L6H6"], max_new_tokens=1)
    assert before.next_token == after.next_token


def test_a_command_imports_what_it_needs_and_no_more(told: list[str]) -> None:
    """Its start is nearly all of its time on the bundled model, and a start is imports."""
    imported = told[-2].split()
    assert imported.pop(0) == "command:"
    assert not set(imported) & {*HEAVY, *IDLE}
    others = [name for name in imported if name.split(".")[0] != PACKAGE.name]
    assert len(others) <= MOST_OTHERS, others
