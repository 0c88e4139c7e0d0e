"""Which heads matter: one number per head and prompt, by four definitions."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, get_args

import torch
from jaxtyping import Float
from torch import Tensor

from attention_surgery.engine.ablation import (
    AblationMethod,
    HeadAblation,
    check_method,
    surgery_warnings,
)
from attention_surgery.engine.forward import (
    embed,
    final_norm,
    mix_heads,
    mlp,
    run_block,
    unembed,
    write_heads,
)
from attention_surgery.engine.model import Model
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

# Positions whose logits are held at once when the loss is differentiated: 51 MB for GPT-2.
LOSS_POSITIONS = 256


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
            `gradient`: Frobenius norm of ∂loss/∂A[l,h], A the attention pattern and loss the mean
                next-token cross-entropy on the prompt; ≥ 0.
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
        for layer, layer_scores in kl_of_each_head(model, ids, ablation_method, positions):
            if layer_scores is not None:
                progress = _with_layer(progress, layer, layer_scores)
            yield progress
    elif method == "l2":
        for layer, norms in enumerate(head_output_norms(model, ids)):
            progress = _with_layer(progress, layer, norms.tolist())
            yield progress
    else:
        yield progress
        for layer, layer_scores in enumerate(pattern_gradients(model, ids, method).tolist()):
            progress = _with_layer(progress, layer, layer_scores)
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


def head_output_norms(
    model: Model, ids: list[int]
) -> Generator[Float[Tensor, " head"], None, None]:
    """Layer by layer: mean over positions of ‖o[l,h]‖₂, o = A V W_O[h] without `b_O`."""
    resid = _embedded(model, ids)
    for layer in range(model.n_layers):
        norms, resid = _norms_of_layer(model, layer, resid)
        yield norms


@torch.inference_mode()
def _norms_of_layer(model: Model, layer: int, resid: Tensor) -> tuple[Tensor, Tensor]:
    z = mix_heads(model, layer, resid)
    w_o = model.hooked.blocks[layer].attn.W_O.float()
    written = torch.einsum("phd,hdm->hpm", z[0].float(), w_o)
    resid = write_heads(model, layer, resid, z)
    return written.norm(dim=-1).mean(-1), resid + mlp(model, layer, resid)


@torch.inference_mode()
def _embedded(model: Model, ids: list[int]) -> Tensor:
    return embed(model, torch.tensor([ids], device=model.weights.embed.device))


def pattern_gradients(
    model: Model, ids: list[int], method: Literal["gradient", "attribution"]
) -> Float[Tensor, "layer head"]:
    """Scores from ∂loss/∂A: one forward and one backward pass."""
    patterns: list[Tensor] = []
    scores = torch.empty(model.n_layers, model.n_heads)

    def score(layer: int, gradient: Tensor) -> None:
        # Reduced as soon as it is there, so that one layer's gradient at a time is in memory.
        if method == "gradient":
            scores[layer] = gradient[0].flatten(1).norm(dim=1)
        else:
            scores[layer] = -(patterns[layer].detach() * gradient)[0].sum((1, 2))

    def watch(pattern: Tensor, **_: object) -> Tensor:
        # Nothing before the first pattern needs a gradient: the graph begins here.
        pattern = pattern if pattern.requires_grad else pattern.requires_grad_()
        pattern.register_hook(partial(score, len(patterns)))
        patterns.append(pattern)
        return pattern

    points = [f"blocks.{layer}.attn.hook_pattern" for layer in range(model.n_layers)]
    with torch.enable_grad(), model.hooked.hooks(fwd_hooks=[(point, watch) for point in points]):
        resid = embed(model, torch.tensor([ids], device=model.weights.embed.device))
        for layer in range(model.n_layers):
            resid = run_block(model, layer, resid)
        normalized = final_norm(model, resid)[0, :-1]
        slopes = loss_gradient(model, normalized.detach(), ids[1:])
        torch.autograd.grad(normalized, patterns[0], slopes)
    return scores


@torch.inference_mode()
def loss_gradient(
    model: Model, normalized: Float[Tensor, "pos d_model"], targets: list[int]
) -> Float[Tensor, "pos d_model"]:
    """∂(mean cross-entropy)/∂(final LayerNorm's output) = (softmax − one-hot) W_Uᵀ / n."""
    ids = torch.tensor(targets, device=normalized.device)[:, None]
    parts = []
    for part, part_ids in zip(
        normalized.split(LOSS_POSITIONS), ids.split(LOSS_POSITIONS), strict=True
    ):
        error = unembed(model, part).softmax(-1)
        error.scatter_add_(-1, part_ids, -torch.ones_like(part_ids, dtype=error.dtype))
        parts.append(error.to(model.weights.embed.dtype) @ model.weights.embed)
    return torch.cat(parts).float() / len(targets)
