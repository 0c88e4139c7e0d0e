"""Words outside a Literal are refused in a sentence, also where no type checker looks."""

from __future__ import annotations

from collections.abc import Callable

import jaxtyping
import pytest

import attention_surgery as surgeon
from attention_surgery.engine.model import Model
from attention_surgery.errors import InvalidSetting


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            lambda model: surgeon.infer(model, "x", [(1, 1, "median")]),
            "ablations[0]: 'median' is no ablation method: use zero, mean, previous, dataset-mean, "
            "resample.",
        ),
        (
            lambda model: surgeon.surgery(model.hooked, []).__enter__(),
            "surgery works on the Model that load_model returns: give that; inside, run its "
            "`hooked` as you like.",
        ),
        (
            lambda model: surgeon.importance(model, "x", "magic"),
            "method: the value should be 'gradient', 'attribution', 'l2' or 'ablation'.",
        ),
        (
            lambda model: surgeon.importance(model, "x", "kl", positions="some"),
            "positions: the value should be 'all' or 'last'.",
        ),
        (
            lambda model: surgeon.importance(model, "x", "kl", ablation_method="median"),
            "ablation_method: 'median' is no ablation method: use zero, mean, previous, "
            "dataset-mean, resample.",
        ),
        (
            lambda model: surgeon.load_model(model.name, precision="int4"),
            "Precision 'int4' is not offered: use float32 or bfloat16.",
        ),
    ],
)
def test_unknown_words_are_refused(
    bundled: Model,
    call: Callable[[Model], object],
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # As for a user, whose annotations nobody enforces.
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)
    with pytest.raises(InvalidSetting) as refusal:
        call(bundled)
    assert str(refusal.value) == sentence
