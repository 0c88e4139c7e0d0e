"""Which heads matter: one number per head and prompt, by four definitions."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Literal, get_args

from attention_surgery.engine.ablation import (
    AblationMethod,
    HeadAblation,
    check_method,
    surgery_warnings,
)
from attention_surgery.engine.gradients import attribution, gradient_norm, pattern_scores
from attention_surgery.engine.model import Model
from attention_surgery.engine.norms import head_output_norms
from attention_surgery.engine.prompt import read_prompt
from attention_surgery.engine.steps import drain
from attention_surgery.engine.sweep import Positions, kl_of_each_head
from attention_surgery.engine.tokens import Token
from attention_surgery.errors import InvalidPrompt, InvalidSetting

ImportanceMethod = Literal["gradient", "attribution", "l2", "kl"]
IMPORTANCE_METHODS: tuple[ImportanceMethod, ...] = get_args(ImportanceMethod)
UNITS: dict[ImportanceMethod, str] = {
    "gradient": "nats per unit of attention",
    "attribution": "nats",
    "l2": "residual-stream units",
    "kl": "nats",
}


@dataclass(frozen=True, slots=True)
class HeadScore:
    """The score of one head."""

    layer: int
    head: int
    score: float


@dataclass(frozen=True, slots=True)
class SweepProgress:
    """Progress: the layers finished so far and the scores [layer][head] known, else None."""

    layers_done: list[int]
    n_layers: int
    scores: list[list[float] | None]


@dataclass(frozen=True, slots=True)
class HeadScores:
    """Scores [layer][head] of one prompt; `ranking` is by absolute value, largest first."""

    prompt_tokens: list[Token]
    method: ImportanceMethod
    ablation_method: AblationMethod | None
    positions: Positions
    scores: list[list[float]]
    ranking: list[HeadScore]
    unit: str
    seconds: float
    warnings: list[str]


def importance(
    model: Model,
    prompt: str,
    method: ImportanceMethod = "gradient",
    *,
    ablation_method: AblationMethod | None = None,
    positions: Positions = "all",
    prepend_bos: bool = True,
) -> HeadScores:
    """How much each head matters for a prompt.

    Args:
        method:
            `gradient`: Frobenius norm of ∂loss/∂A[l,h] over what the head may attend to (j ≤ i), A
                the attention pattern and loss the mean next-token cross-entropy on the prompt; ≥ 0.
            `attribution`: −Σ A ⊙ ∂loss/∂A, the first-order estimate of how the loss changes if the
                pattern is zeroed; positive where the head helps. Source: attribution patching,
                Nanda 2023; Syed et al. 2023, arXiv:2310.10348.
            `l2`: mean over positions of the L2 norm of the vector the head writes to the residual
                stream, without `b_O`. Source: Kobayashi et al. 2020, arXiv:2004.10102.
            `kl`: mean over positions of KL(control‖ablated), nats, when only this head is ablated;
                exact, every head measured.
        ablation_method: how `kl` ablates; zero when None. No other method takes one.
        positions: `last` makes `kl` read the last position alone. No other method takes it.

    Raises:
        InvalidPrompt, PromptTooLong, InvalidSetting
    """
    return drain(
        importance_steps(
            model,
            prompt,
            method,
            ablation_method=ablation_method,
            positions=positions,
            prepend_bos=prepend_bos,
        )
    )


def importance_steps(
    model: Model,
    prompt: str,
    method: ImportanceMethod = "gradient",
    *,
    ablation_method: AblationMethod | None = None,
    positions: Positions = "all",
    prepend_bos: bool = True,
) -> Generator[SweepProgress, None, HeadScores]:
    """`importance` as a job; it may yield the same progress several times.

    Arguments are checked at the call. No hook is installed at a yield; `close` cancels.
    """
    if method not in IMPORTANCE_METHODS:
        raise InvalidSetting(
            f"{method!r} is no importance method: use {', '.join(IMPORTANCE_METHODS)}."
        )
    if method != "kl" and (ablation_method is not None or positions != "all"):
        raise InvalidSetting(
            f"{method} ablates nothing and reads all positions: leave ablation_method and "
            "positions out, or use the method kl."
        )
    if positions not in ("all", "last"):
        raise InvalidSetting(f"{positions!r} is no choice of positions: use all or last.")
    if method == "kl":
        ablation_method = ablation_method or "zero"
        check_method(ablation_method)
    ids = read_prompt(model, prompt, prepend_bos)
    if method in ("gradient", "attribution") and len(ids) < 2:
        raise InvalidPrompt(
            f"{method} needs a next token to predict, and the prompt has one token: write more."
        )
    return _run(model, ids, method, ablation_method, positions)


def _run(
    model: Model,
    ids: list[int],
    method: ImportanceMethod,
    ablation_method: AblationMethod | None,
    positions: Positions,
) -> Generator[SweepProgress, None, HeadScores]:
    started = time.perf_counter()
    progress = SweepProgress([], model.n_layers, [None] * model.n_layers)
    warnings: list[str] = []
    if method == "kl":
        assert ablation_method is not None
        warnings = surgery_warnings([HeadAblation(0, 0, ablation_method)])
        layers = kl_of_each_head(model, ids, ablation_method, positions)
    elif method == "l2":
        layers = head_output_norms(model, ids)
    else:
        score = gradient_norm if method == "gradient" else attribution
        layers = pattern_scores(model, ids, score)
    for layer, layer_scores in layers:
        if layer_scores is not None:
            progress = _with_layer(progress, layer, layer_scores)
        yield progress
    scores = [layer_scores for layer_scores in progress.scores if layer_scores is not None]
    return HeadScores(
        prompt_tokens=model.tokens(ids),
        method=method,
        ablation_method=ablation_method,
        positions=positions,
        scores=scores,
        ranking=_ranking(scores),
        unit=UNITS[method],
        seconds=time.perf_counter() - started,
        warnings=[w.replace("L0H0 is", "Layer 0's heads are") for w in warnings],
    )


def _with_layer(progress: SweepProgress, layer: int, scores: list[float]) -> SweepProgress:
    known = list(progress.scores)
    known[layer] = scores
    return replace(progress, layers_done=[*progress.layers_done, layer], scores=known)


def _ranking(scores: list[list[float]]) -> list[HeadScore]:
    heads = [HeadScore(*place, value) for place, value in _entries(scores)]
    return sorted(heads, key=lambda head: -abs(head.score))


def _entries(scores: list[list[float]]) -> Generator[tuple[tuple[int, int], float], None, None]:
    for layer, row in enumerate(scores):
        for head, value in enumerate(row):
            yield (layer, head), value
