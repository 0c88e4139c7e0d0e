"""Kinds of work: how urgent, how limited, and when two are the same."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from attention_surgery import Model
from attention_surgery.errors import InvalidSetting, PromptTooLong
from attention_surgery.service.computation import Urgency
from attention_surgery.service.service import SurgeryService
from attention_surgery.service.work import Work, check_limits, check_size
from attention_surgery.settings import BUNDLED_MODEL, Settings

INFER: dict[str, Any] = {
    "prompt": "A",
    "ablations": [],
    "max_new_tokens": 2,
    "temperature": 0.0,
    "top_k": None,
    "seed": None,
    "alternatives": 5,
    "prepend_bos": True,
}
LENS: dict[str, Any] = {
    "prompt": "A",
    "continuation": [],
    "ablations": [],
    "top_k": 5,
    "positions": None,
    "target": None,
    "prepend_bos": True,
}


@pytest.mark.parametrize(
    ("kind", "arguments", "urgency"),
    [
        ("infer", INFER | {"max_new_tokens": 0}, Urgency.VIEW),
        ("infer", INFER, Urgency.GENERATION),
        ("importance", {"method": "gradient"}, Urgency.GENERATION),
        ("importance", {"method": "kl"}, Urgency.SWEEP),
        ("logit_lens", LENS, Urgency.VIEW),
        ("attention", {}, Urgency.VIEW),
    ],
)
def test_urgency(kind: str, arguments: dict[str, Any], urgency: Urgency) -> None:
    assert Work(kind, arguments).urgency is urgency


@pytest.mark.parametrize(
    "change",
    [
        {"prompt": "B"},
        {"ablations": [{"layer": 0, "head": 0, "method": "zero"}]},
        {"max_new_tokens": 3},
        {"temperature": 1.0, "seed": 1},
        {"temperature": 1.0, "seed": 2},
        {"alternatives": 6},
        {"prepend_bos": False},
        {"top_k": 3},
    ],
)
def test_everything_that_matters_is_in_the_key(change: dict[str, Any]) -> None:
    assert Work("infer", INFER | change).key != Work("infer", INFER).key
    assert Work("infer", INFER | change).key == Work("infer", INFER | change).key


def test_what_chance_decides_has_no_key() -> None:
    assert Work("infer", INFER | {"temperature": 0.5}).key is None
    assert Work("infer", INFER | {"temperature": 0.5, "seed": 0}).key is not None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"max_new_tokens": 11}, "max_new_tokens is 11: this server allows at most 10"),
        ({"top_k": 8}, "top_k is 8"),
        ({"alternatives": 8}, "alternatives is 8"),
        ({"ablations": [{}] * 4}, "the number of ablations is 4"),
    ],
)
def test_limits_are_named(change: dict[str, Any], words: str) -> None:
    settings = Settings(max_new_tokens=10, max_top_k=7, max_ablations=3)
    check_limits(INFER, settings)
    with pytest.raises(InvalidSetting, match=words):
        check_limits(INFER | change, settings)


def test_prompt_and_continuation_count_together(bundled: Model) -> None:
    settings = Settings(max_prompt_tokens=5)
    check_size("logit_lens", LENS | {"continuation": [1, 2, 3]}, bundled, settings)
    with pytest.raises(PromptTooLong, match="at most 5"):
        check_size("logit_lens", LENS | {"continuation": [1, 2, 3, 4]}, bundled, settings)


def test_huge_answers_are_refused(bundled: Model) -> None:
    settings = Settings(max_answer_numbers=500)
    check_size("attention", LENS, bundled, settings)
    with pytest.raises(InvalidSetting, match="numbers"):
        check_size("attention", LENS | {"continuation": [1] * 20}, bundled, settings)
    with pytest.raises(InvalidSetting, match="fewer positions"):
        check_size("logit_lens", LENS, bundled, settings)


def test_a_reloaded_model_answers_anew() -> None:
    """The key of a shared answer names the load, not only the model."""

    async def ask(service: SurgeryService) -> object:
        answer = await service.admit(Work("infer", INFER), "someone")
        try:
            await answer.result()
            return answer._computation
        finally:
            answer.leave()

    async def scenario() -> None:
        service = SurgeryService(Settings(models=(BUNDLED_MODEL,)))
        service.start()
        while service.default is None:
            await asyncio.sleep(0.01)
        first, again = await ask(service), await ask(service)
        service.preferred.generation += 1
        anew = await ask(service)
        assert first is again
        assert anew is not first
        assert await service.stop()

    asyncio.run(scenario())
