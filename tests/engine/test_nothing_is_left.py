"""No analysis leaves a tensor behind, whether it ends, fails or is stopped on the way.

But for what a model keeps of its last jobs on purpose; see `engine.left`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from itertools import count
from typing import Any

import pytest
import torch

from attention_surgery.analyses import (
    AttentionRequest,
    AttributionRequest,
    CircuitRequest,
    CircuitSearchRequest,
    HeadTypesRequest,
    ImportanceRequest,
    InferRequest,
    InteractionsRequest,
    LogitLensRequest,
    PatchingRequest,
    PathsRequest,
    SelfRepairRequest,
    analyses,
)
from attention_surgery.engine import gradients
from attention_surgery.engine.model import Model
from attention_surgery.engine.steps import drain
from tests.engine.test_model import PROMPT
from tests.live_tensors import WatchedTensors

Steps = Generator[Any, None, object]
CUTS = ["L1H2", "L2H0m", "L2H1p", "M1*0.5"]
FIELDS: dict[str, Any] = {"prompt": PROMPT, "ablations": CUTS}
CORRUPT = "When John and Mary went to the store, Mary gave a drink to"
CONTRAST: dict[str, Any] = {"answer": " Mary", "foil": " John"}

AGAINST = CONTRAST | {"corrupt": CORRUPT}

ANALYSES: dict[str, Callable[[Model], Steps]] = {
    "infer": InferRequest.ask(**FIELDS, max_new_tokens=3).steps,
    "gradient": ImportanceRequest.ask(prompt=PROMPT, method="gradient").steps,
    "attribution": ImportanceRequest.ask(prompt=PROMPT, method="attribution").steps,
    "l2": ImportanceRequest.ask(prompt=PROMPT, method="l2").steps,
    "ablation": ImportanceRequest.ask(
        prompt=PROMPT, method="ablation", ablation_method="previous"
    ).steps,
    "logit lens": LogitLensRequest.ask(**FIELDS).steps,
    "patching": PatchingRequest.ask(**FIELDS, **AGAINST, component="k").steps,
    "patching by position, and the estimate": PatchingRequest.ask(
        **FIELDS, **AGAINST, component="resid_pre", each_position=True, estimate=True
    ).steps,
    "interactions": InteractionsRequest.ask(**FIELDS, **CONTRAST, ablation_method="previous").steps,
    "attention": AttentionRequest.ask(**FIELDS, layer=2, head=1).steps,
    "paths": PathsRequest.ask(
        **FIELDS, **CONTRAST, corrupt=CORRUPT, receivers=("L2H1k", "logits")
    ).steps,
    "paths to a set": PathsRequest.ask(
        **FIELDS, **CONTRAST, corrupt=CORRUPT, receivers=("L2H1k", "L1H0v"), together=True
    ).steps,
    "head types": HeadTypesRequest.ask(length=5, copying_tokens=3).steps,
    "head types on a prompt": HeadTypesRequest.ask(prompt=PROMPT, copying_tokens=3).steps,
    "self-repair": SelfRepairRequest.ask(**FIELDS, **CONTRAST).steps,
    "direct attribution": AttributionRequest.ask(**FIELDS, **CONTRAST).steps,
    "circuit": CircuitRequest.ask(heads=("L1H2", "L2H0"), task="ioi", n=2, random=1).steps,
    "circuit search": CircuitSearchRequest.ask(task="ioi", n=2, target=0.5).steps,
}
# Any other by its example: `tokenize` makes no tensors, and `verify` is made of the others.
HERE = {steps.__self__.name for steps in ANALYSES.values()}  # type: ignore[attr-defined]
ANALYSES |= {
    analysis.name: analysis.ask(**analysis.example).steps
    for analysis in analyses()
    if analysis.name not in HERE | {"tokenize", "verify"}
}

each_analysis = pytest.mark.parametrize("name", ANALYSES)


@pytest.fixture(autouse=True)
def nothing_kept(tiny: Model) -> None:
    tiny.left.clear()


@each_analysis
def test_nothing_is_left_of_an_analysis_that_ended(tiny: Model, name: str) -> None:
    with WatchedTensors() as tensors:
        drain(ANALYSES[name](tiny))
    tiny.left.clear()
    assert tensors.made > 0
    assert tensors.alive() == 0


@each_analysis
def test_nothing_is_left_of_an_analysis_that_was_stopped(tiny: Model, name: str) -> None:
    with WatchedTensors() as tensors:
        for n_steps in (1, 2, 4):
            steps = ANALYSES[name](tiny)
            for _ in range(n_steps):
                next(steps, None)
            steps.close()
    tiny.left.clear()
    assert tensors.made > 0
    assert tensors.alive() == 0


@each_analysis
def test_nothing_is_left_of_an_analysis_that_failed(
    tiny: Model, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = count()

    def failing(*arguments: Any, **options: Any) -> torch.Tensor:
        if next(calls) == 1:
            raise RuntimeError("out of memory")
        return layer_norm(*arguments, **options)

    layer_norm = torch.nn.functional.layer_norm
    monkeypatch.setattr(torch.nn.functional, "layer_norm", failing)
    with WatchedTensors() as tensors, pytest.raises(RuntimeError, match="out of memory"):
        drain(ANALYSES[name](tiny))
    tiny.left.clear()
    assert tensors.made > 0
    assert tensors.alive() == 0


@each_analysis
def test_an_analysis_is_admitted_amid_the_hooks_of_a_step_of_another(
    tiny: Model, name: str
) -> None:
    with tiny.hooked.hooks([("blocks.1.attn.hook_z", lambda z, hook: z)]):  # noqa: ARG005
        ANALYSES[name](tiny).close()


@pytest.mark.parametrize("method", ["gradient", "attribution"])
def test_nothing_is_left_of_a_gradient_taken_block_by_block(
    tiny: Model, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gradients, "RECORDED_POSITIONS", 0)
    with WatchedTensors() as tensors:
        drain(ImportanceRequest.ask(prompt=PROMPT, method=method).steps(tiny))
    assert tensors.alive() == 0


def test_a_tensor_that_only_a_graph_holds_is_seen() -> None:
    """The measure itself: this one is out of the collector's reach until its hook is gone."""
    with WatchedTensors() as tensors:
        pattern = torch.ones(3, requires_grad=True) * 2
        hook = pattern.register_hook(lambda slope, own=pattern: slope * own.detach())
        del pattern
    assert tensors.alive() > 0
    hook.remove()
    assert tensors.alive() == 0
