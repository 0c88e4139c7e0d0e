"""Words outside a Literal are refused in a sentence, also where no type checker looks."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import attention_surgery as surgeon
from attention_surgery.errors import InvalidSetting

model = surgeon.load_model("gpt2-mini-12x12")
for call in (
    lambda: surgeon.infer(model, "x", [surgeon.ablation(1, 1, "median")]),
    lambda: surgeon.importance(model, "x", "magic"),
    lambda: surgeon.importance(model, "x", "kl", positions="some"),
    lambda: surgeon.importance(model, "x", "kl", ablation_method="median"),
    lambda: surgeon.load_model("gpt2-mini-12x12", precision="int4"),
):
    try:
        call()
    except InvalidSetting as error:
        print(error)
"""


def test_unknown_words_are_refused_without_a_type_checker() -> None:
    # In a process of its own, because this one runs with all annotations enforced.
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert result.stdout.splitlines() == [
        "'median' is no ablation method: use zero, mean, previous.",
        "'magic' is no importance method: use gradient, attribution, l2, kl.",
        "'some' is no choice of positions: use all or last.",
        "'median' is no ablation method: use zero, mean, previous.",
        "Precision 'int4' is not offered: use float32 or bfloat16.",
    ]
