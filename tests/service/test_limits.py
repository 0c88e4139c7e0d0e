"""What one request may ask, and one client hold."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import pytest
from pydantic import ValidationError

from attention_surgery import Model
from attention_surgery.analyses import (
    Analysis,
    AttentionRequest,
    AttributionRequest,
    ImportanceRequest,
    InferRequest,
    LogitLensRequest,
    PatchingRequest,
    PathsRequest,
    SelfRepairRequest,
    TokenizeRequest,
    Urgency,
    analyses,
)
from attention_surgery.errors import InvalidSetting, PromptTooLong, QueueFull
from attention_surgery.service.limits import LONGEST_TOKEN, begin
from attention_surgery.service.service import SurgeryService
from attention_surgery.service.shares import Shares
from attention_surgery.settings import BUNDLED_MODEL, Settings

LONG = "word " * 100
NAMES = "When Mary and John went to the store, John gave a drink to"
SWAPPED = "When John and Mary went to the store, Mary gave a drink to"
ABOUT_NAMES: dict[str, str] = {"prompt": NAMES, "answer": " Mary", "foil": " John"}


@pytest.mark.parametrize(
    ("request_", "urgency"),
    [
        (InferRequest(prompt="A", max_new_tokens=0), Urgency.VIEW),
        (InferRequest(prompt="A"), Urgency.GENERATION),
        (LogitLensRequest(prompt="A", positions=(-1,)), Urgency.VIEW),
        (LogitLensRequest(prompt=LONG * 2, ablations=("L0H0",)), Urgency.GENERATION),
        (AttentionRequest(prompt="A", layer=0, head=0), Urgency.VIEW),
        (ImportanceRequest(prompt="A"), Urgency.VIEW),
        (ImportanceRequest(prompt=LONG * 3, method="ablation"), Urgency.SWEEP),
        (AttributionRequest(**ABOUT_NAMES), Urgency.VIEW),
        (SelfRepairRequest(**ABOUT_NAMES), Urgency.GENERATION),
        (PathsRequest(**ABOUT_NAMES, corrupt=SWAPPED), Urgency.VIEW),
        (PathsRequest(**ABOUT_NAMES, corrupt=SWAPPED, receivers=("L6H5v",)), Urgency.GENERATION),
        (PathsRequest(**ABOUT_NAMES, corrupt=SWAPPED, receivers=("all",)), Urgency.SWEEP),
        (PatchingRequest(prompt=LONG, corrupt=LONG, metric="loss"), Urgency.GENERATION),
        (
            PatchingRequest(**ABOUT_NAMES, corrupt=SWAPPED, heads=("L6H6",), each_position=True),
            Urgency.VIEW,
        ),
        (
            PatchingRequest(prompt=LONG, corrupt="A", metric="loss", each_position=True),
            Urgency.SWEEP,
        ),
        (TokenizeRequest(prompt=LONG), Urgency.VIEW),
    ],
)
def test_urgency_follows_cost(request_: Analysis[Any], urgency: Urgency, bundled: Model) -> None:
    tokens = len(bundled.tokenize(request_.prompt))
    assert request_.cost(bundled.config, tokens).urgency is urgency


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"max_new_tokens": 11}, "max_new_tokens is 11: this server allows at most 10"),
        ({"top_k": 8}, "top_k is 8"),
        ({"alternatives": 8}, "alternatives is 8"),
        ({"ablations": ("L0H0", "L0H1", "L0H2", "L0H3")}, "the number of ablations is 4"),
    ],
)
def test_limits_are_named(change: dict[str, Any], words: str, bundled: Model) -> None:
    settings = Settings(max_new_tokens=10, max_top_k=7, max_ablations=3)
    asked = {"prompt": "A", "max_new_tokens": 2}
    begin(InferRequest(**asked), bundled, settings)
    with pytest.raises(InvalidSetting, match=words):
        begin(InferRequest(**asked | change), bundled, settings)


def test_every_limit_names_a_setting() -> None:
    settings = Settings()
    named = [
        getattr(settings, part.setting)
        for analysis in analyses()
        for field in analysis.model_fields.values()
        for part in field.metadata
        if hasattr(part, "setting")
    ]
    assert len(named) >= 5


def test_prompt_and_continuation_count_together(bundled: Model) -> None:
    settings = Settings(max_prompt_tokens=5)
    begin(LogitLensRequest(prompt="A", continuation=(1, 2, 3)), bundled, settings)
    with pytest.raises(PromptTooLong, match="at most 5"):
        begin(LogitLensRequest(prompt="A", continuation=(1, 2, 3, 4)), bundled, settings)


def test_reference_prompts_are_bounded_too(bundled: Model) -> None:
    settings = Settings(max_prompt_tokens=5)
    cut = {"layer": 0, "head": 0, "method": "dataset-mean", "references": ["A", LONG]}
    with pytest.raises(PromptTooLong, match="at most 5"):
        begin(InferRequest(prompt="A", ablations=(cut,), max_new_tokens=1), bundled, settings)


def test_a_text_too_long_for_certain_is_not_tokenized(
    bundled: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> list[int]:
        raise AssertionError("it was tokenized")

    monkeypatch.setattr(type(bundled), "tokenize", never)
    settings = Settings(max_prompt_tokens=5)
    with pytest.raises(PromptTooLong, match="bytes"):
        begin(InferRequest(prompt="x" * (5 * LONGEST_TOKEN + 1)), bundled, settings)


def test_a_text_longer_than_the_model_reads_can_be_counted(bundled: Model) -> None:
    settings = Settings(max_prompt_tokens=50)
    begin(TokenizeRequest(prompt=LONG), bundled, settings)
    with pytest.raises(PromptTooLong, match="at most 200"):
        begin(TokenizeRequest(prompt=LONG * 3), bundled, settings)


def test_huge_answers_are_refused(bundled: Model) -> None:
    settings = Settings(max_answer_numbers=500)
    begin(AttentionRequest(prompt="A", layer=0, head=0), bundled, settings)
    for request in (
        AttentionRequest(prompt="A", continuation=(1,) * 20, layer=0, head=0),
        LogitLensRequest(prompt=LONG, ablations=("L0H0",)),
    ):
        with pytest.raises(InvalidSetting, match="fewer positions"):
            begin(request, bundled, settings)


def test_positions_asked_for_again_and_again_cost_once(bundled: Model) -> None:
    once = LogitLensRequest(prompt="A b c", positions=(0,))
    often = LogitLensRequest(prompt="A b c", positions=(0,) * 5700)
    shape = bundled.config
    assert often.cost(shape, 4) == once.cost(shape, 4)
    assert often.run(bundled).positions == [0]


@pytest.mark.parametrize(
    ("analysis", "fields"),
    [
        (InferRequest, {"ablations": [{}] * 87_000}),
        (InferRequest, {"ablations": [{}] * 1900}),
        (LogitLensRequest, {"continuation": [""] * 87_000}),
        (LogitLensRequest, {"positions": [""] * 87_000}),
    ],
)
def test_long_lists_are_read_to_the_first_error(
    analysis: type[Analysis[Any]], fields: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError) as refused:
        analysis(prompt="A", **fields)
    assert refused.value.error_count() == 1


def test_other_threads_run_while_a_text_is_tokenized(bundled: Model) -> None:
    """A megabyte of no-break spaces takes a second."""
    thread = threading.Thread(target=bundled.tokenize, args=("\u00a0" * 500_000,))
    thread.start()
    ticks = 0
    while thread.is_alive():
        ticks += 1
        time.sleep(0.001)
    assert ticks > 5


def test_work_that_holds_too_much_is_refused(bundled: Model) -> None:
    for request in (
        InferRequest(prompt=LONG),
        ImportanceRequest(prompt=LONG, method="ablation"),
        PatchingRequest(prompt=LONG, corrupt=LONG, metric="loss"),
    ):
        begin(request, bundled, Settings())
        with pytest.raises(InvalidSetting, match="gives 1 MiB to one request"):
            begin(request, bundled, Settings(max_work_bytes=1024 * 1024))


def test_one_client_holds_no_more_than_its_share() -> None:
    shares = Shares(2)
    with shares.one_for("a", 3.0), shares.one_for("a", 3.0):
        with pytest.raises(QueueFull, match="one client's share") as full, shares.one_for("a", 3.0):
            pass
        assert full.value.retry_after == 3.0
        with shares.one_for("b", 3.0):
            pass
    with shares.one_for("a", 3.0):
        pass


def test_a_reloaded_model_answers_anew() -> None:
    """The key of a shared answer names the load, not only the model."""

    async def ask(service: SurgeryService) -> None:
        async with service.admitted(InferRequest(prompt="A", max_new_tokens=1), "me") as answer:
            await answer.result()

    async def scenario() -> None:
        service = SurgeryService(Settings(models=(BUNDLED_MODEL,)))
        service.start()
        while service.default is None:
            await asyncio.sleep(0.01)
        shared = service.meters.shared
        for _ in range(2):
            await ask(service)
        assert counted(shared) == 1
        service.preferred.generation += 1
        await ask(service)
        assert counted(shared) == 1
        assert await service.stop()

    asyncio.run(scenario())


def counted(counter: Any) -> float:
    ((sample, *_),) = [metric.samples for metric in counter.collect()]
    return float(sample.value)
