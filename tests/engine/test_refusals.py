"""Words outside a Literal are refused in a sentence, also where no type checker looks."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import attention_surgery as surgeon
from attention_surgery.errors import InvalidSetting

model = surgeon.load_model("gpt2-mini-12x12")
for call in (
    lambda: surgeon.infer(model, "x", [(1, 1, "median")]),
    lambda: surgeon.surgery(object(), []).__enter__(),
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
        "ablations[0]: 'median' is no ablation method: use zero, mean, previous, dataset-mean, "
        "resample.",
        "surgery works on the Model that load_model returns: give that; inside, run its `hooked` "
        "as you like.",
        "method: the value should be 'gradient', 'attribution', 'l2' or 'ablation'.",
        "positions: the value should be 'all' or 'last'.",
        "ablation_method: 'median' is no ablation method: use zero, mean, previous, "
        "dataset-mean, resample.",
        "Precision 'int4' is not offered: use float32 or bfloat16.",
    ]
