"""Whatever the text: an answer, or a refusal in a sentence."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attention_surgery.analyses import attention
from attention_surgery.analyses.importance import importance
from attention_surgery.analyses.infer import infer
from attention_surgery.engine.model import Model
from attention_surgery.errors import AttentionSurgeryError
from attention_surgery.interventions import methods

texts = st.one_of(
    st.text(max_size=40),
    st.text(st.characters(categories=["Lo", "So", "Cc", "Cs", "Mn"]), max_size=20),
    st.sampled_from(
        ["\x00", "<|endoftext|>", "🏳️‍🌈👩‍👩‍👧", "\u202eright to left", " " * 500, "word " * 300]
    ),
)
cuts = st.lists(
    st.fixed_dictionaries(
        {"layer": st.integers(-1, 4)},
        optional={
            "head": st.integers(-1, 5),
            "method": st.sampled_from([method.name() for method in methods()]),
            "strength": st.floats(-2.5, 2.5),
            "positions": st.lists(st.integers(-70, 70), max_size=4),
            "references": st.lists(texts, max_size=2),
            "source": texts,
        },
    ),
    max_size=6,
)
relaxed = settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def assert_sentence(error: AttentionSurgeryError) -> None:
    assert str(error).endswith(".")


@relaxed
@given(texts, cuts, st.integers(0, 6), st.booleans())
def test_inference_answers_or_refuses(
    tiny: Model, text: str, ablations: list[dict[str, Any]], new: int, prepend_bos: bool
) -> None:
    try:
        result = infer(tiny, text, ablations, max_new_tokens=new, prepend_bos=prepend_bos)
    except AttentionSurgeryError as error:
        assert_sentence(error)
        return
    assert len(result.control.tokens) == new or result.control.finish_reason == "end_of_text"
    assert all(token.kl >= 0 for token in result.metrics.per_token)
    numbers = [token.kl for token in result.metrics.per_token] + [result.next_token.kl]
    assert all(math.isfinite(number) for number in numbers)


@relaxed
@given(texts, st.sampled_from(["gradient", "attribution", "l2", "ablation"]))
def test_importance_answers_or_refuses(tiny: Model, text: str, method: str) -> None:
    try:
        result = importance(tiny, text, method)  # type: ignore[arg-type]
    except AttentionSurgeryError as error:
        assert_sentence(error)
        return
    assert all(math.isfinite(score) for row in result.scores for score in row)


@relaxed
@given(st.text(min_size=1, max_size=20), cuts)
def test_no_pattern_looks_ahead(tiny: Model, text: str, ablations: list[dict[str, Any]]) -> None:
    try:
        patterns = attention(tiny, text, 2, 1, ablations)
    except AttentionSurgeryError:
        return
    for pattern in (patterns.control, patterns.ablated):
        for i, row in enumerate(pattern):
            assert not any(row[i + 1 :])
    for row in patterns.control:
        assert math.isclose(sum(row), 1, abs_tol=1e-4)
