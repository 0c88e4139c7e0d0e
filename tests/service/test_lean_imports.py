"""A server's process does without pyarrow; what is left out can still be imported afterwards."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
from attention_surgery.service.lean_imports import LEFT_OUT, import_transformer_lens

import_transformer_lens()
print(*sorted({"pyarrow", *LEFT_OUT} & set(sys.modules)))
import attention_surgery as surgeon

model = surgeon.load_model("gpt2-mini-12x12", device="cpu")
print(surgeon.infer(model, "The Eiffel Tower is located in", max_new_tokens=1).control.text)
import pandas

print(pandas.Series([1, 2]).sum())
"""


def test_transformer_lens_works_without_what_is_left_out() -> None:
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert result.stdout == "\n Paris\n3\n"
