"""Whatever the text: an answer, or a refusal in a sentence."""

from __future__ import annotations

import math

from attention_surgery.engine.ablation import ABLATION_METHODS, HeadAblation
from attention_surgery.engine.importance import importance
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attention_surgery.engine.attention import attention
from attention_surgery.engine.generation import infer
from attention_surgery.engine.model import Model
from attention_surgery.errors import AttentionSurgeryError

texts = st.one_of(
    st.text(max_size=40),
    st.text(st.characters(categories=["Lo", "So", "Cc", "Cs", "Mn"]), max_size=20),
    st.sampled_from(
        ["\x00", "<|endoftext|>", "🏳️‍🌈👩‍👩‍👧", "\u202eright to left", " " * 500, "word " * 300]
    ),
)
cuts = st.lists(
    st.builds(
        HeadAblation, st.integers(-1, 4), st.integers(-1, 5), st.sampled_from(ABLATION_METHODS)
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
    tiny: Model, text: str, ablations: list[HeadAblation], new: int, prepend_bos: bool
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
@given(texts, st.sampled_from(["gradient", "attribution", "l2", "kl"]))
def test_importance_answers_or_refuses(tiny: Model, text: str, method: str) -> None:
    try:
        result = importance(tiny, text, method)  # type: ignore[arg-type]
    except AttentionSurgeryError as error:
        assert_sentence(error)
        return
    assert all(math.isfinite(score) for row in result.scores for score in row)


@relaxed
@given(st.text(min_size=1, max_size=20), cuts)
def test_no_pattern_looks_ahead(tiny: Model, text: str, ablations: list[HeadAblation]) -> None:
    try:
        patterns = attention(tiny, text, 2, 1, ablations)
    except AttentionSurgeryError:
        return
    for pattern in (patterns.control, patterns.ablated):
        for i, row in enumerate(pattern):
            assert not any(row[i + 1 :])
            assert math.isclose(sum(row), 1, abs_tol=1e-4) or not any(row)
