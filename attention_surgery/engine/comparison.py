"""How a control and an ablated run predict the same text, as results carry it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from attention_surgery.engine.metrics import kl_divergence, top1_changed
from attention_surgery.engine.model import Model
from attention_surgery.engine.tokens import Token

# exp() of more overflows a double; no real model comes near.
LARGEST_EXPONENT = 700.0


@dataclass(frozen=True, slots=True)
class NextTokenCandidate(Token):
    """One token's log-probability right after the prompt, under both runs."""

    control_logprob: float
    ablated_logprob: float


@dataclass(frozen=True, slots=True)
class NextToken:
    """The distribution right after the prompt: both runs' likeliest tokens, KL in nats."""

    candidates: list[NextTokenCandidate]
    kl: float
    top1_changed: bool


@dataclass(frozen=True, slots=True)
class TokenMetrics(Token):
    """How both runs, fed the same text, predict the token at `position` of it."""

    position: int
    kl: float
    control_logprob: float
    ablated_logprob: float
    top1_changed: bool


@dataclass(frozen=True, slots=True)
class Metrics:
    """Means over the predicted tokens of prompt + control continuation; None if there are none.

    `kl` is KL(P‖Q) in nats, perplexities are exp(mean −log p), the delta is ablated − control,
    `top1_changed` the share of predictions whose most likely token differs.
    """

    kl: float | None
    perplexity_control: float | None
    perplexity_ablated: float | None
    perplexity_delta: float | None
    top1_changed: float | None
    per_token: list[TokenMetrics]


def compare_predictions(
    model: Model,
    control: Float[Tensor, "pos d_vocab"],
    ablated: Float[Tensor, "pos d_vocab"],
    targets: list[int],
    first_position: int,
) -> list[TokenMetrics]:
    """Metrics of the first len(targets) rows of log-probabilities; targets stand one further."""
    n = len(targets)
    control, ablated = control[:n], ablated[:n]
    ids = torch.tensor(targets, device=control.device)[:, None]
    columns = (
        kl_divergence(control, ablated).tolist(),
        control.gather(-1, ids)[:, 0].tolist(),
        ablated.gather(-1, ids)[:, 0].tolist(),
        top1_changed(control, ablated).tolist(),
    )
    return [
        TokenMetrics(token.id, token.text, first_position + offset, *values)
        for offset, (token, *values) in enumerate(zip(model.tokens(targets), *columns, strict=True))
    ]


def compare_next_token(
    model: Model,
    control: Float[Tensor, " d_vocab"],
    ablated: Float[Tensor, " d_vocab"],
    n_candidates: int,
) -> NextToken:
    """The likeliest tokens of both log-probability vectors, by control probability."""
    likely = control.topk(n_candidates).indices.tolist()
    likely += ablated.topk(n_candidates).indices.tolist()
    pairs = [(control[i].item(), ablated[i].item(), i) for i in dict.fromkeys(likely)]
    return NextToken(
        candidates=[
            NextTokenCandidate(i, model.token_text(i), p, q) for p, q, i in sorted(pairs)[::-1]
        ],
        kl=kl_divergence(control, ablated).item(),
        top1_changed=bool(top1_changed(control, ablated)),
    )


def summarize(per_token: list[TokenMetrics]) -> Metrics:
    """Means over predicted tokens, summed in double precision."""
    if not per_token:
        return Metrics(None, None, None, None, None, [])

    def mean(value: Callable[[TokenMetrics], float]) -> float:
        return sum(map(value, per_token)) / len(per_token)

    control = _perplexity(mean(lambda token: token.control_logprob))
    ablated = _perplexity(mean(lambda token: token.ablated_logprob))
    return Metrics(
        kl=mean(lambda token: token.kl),
        perplexity_control=control,
        perplexity_ablated=ablated,
        perplexity_delta=ablated - control,
        top1_changed=mean(lambda token: token.top1_changed),
        per_token=per_token,
    )


def _perplexity(mean_logprob: float) -> float:
    return math.exp(min(-mean_logprob, LARGEST_EXPONENT))
