"""How a control and an ablated run predict the same text, as results carry it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from attention_surgery.analyses.figures import Bars
from attention_surgery.analyses.result import Progress
from attention_surgery.engine.tokens import Token

if TYPE_CHECKING:
    from attention_surgery.engine.divergence import Compared
    from attention_surgery.engine.model import Model

# exp() of more overflows a double; no real model comes near.
LARGEST_EXPONENT = 700.0


@dataclass(frozen=True, slots=True)
class NextTokenCandidate(Token):
    """One token's log-probability right after the prompt, under both runs."""

    control_logprob: float
    ablated_logprob: float


@dataclass(frozen=True, slots=True)
class NextToken:
    """The distribution right after the prompt, under both runs."""

    candidates: Annotated[
        list[NextTokenCandidate],
        Field(description="Union of both runs' likeliest tokens, by control probability."),
    ]
    kl: Annotated[float, Field(description="KL(control‖ablated) here, nats.")]
    top1_changed: bool

    def figure(self) -> Bars:
        """The likeliest tokens of either run, with both probabilities."""
        likely = sorted(
            self.candidates, key=lambda token: -max(token.control_logprob, token.ablated_logprob)
        )[:8]
        series = {
            "control": [math.exp(token.control_logprob) for token in likely],
            "ablated": [math.exp(token.ablated_logprob) for token in likely],
        }
        return Bars("Next token", "probability", [token.text for token in likely], series)


@dataclass(frozen=True, slots=True)
class TokenMetrics(Token):
    """How both runs, fed the same text, predicted one token of prompt + control continuation."""

    position: Annotated[int, Field(description="Index of the predicted token in that text.")]
    kl: float
    control_logprob: float
    ablated_logprob: float
    top1_changed: bool


@dataclass(frozen=True, slots=True)
class Metrics(Progress):
    """Event `metrics`: means over the predicted tokens of prompt + control continuation.

    None where there are none. `kl` is KL(control‖ablated) in nats, a perplexity exp(mean −log p).
    """

    event: ClassVar[str] = "metrics"

    kl: float | None
    perplexity_control: float | None
    perplexity_ablated: float | None
    perplexity_delta: Annotated[float | None, Field(description="Ablated − control.")]
    top1_changed: Annotated[
        float | None, Field(description="Share of predictions whose top token differs.")
    ]
    per_token: list[TokenMetrics]


def compare_predictions(
    model: Model,
    both: Compared,
    targets: Sequence[int],
    first_position: int,
) -> list[TokenMetrics]:
    """Metrics of the first len(targets) positions; the targets stand one further."""
    control, ablated, kl, top1_changed = (values[: len(targets)] for values in both)
    ids = control.new_tensor(targets).long()[:, None]
    columns = (
        kl.tolist(),
        control.gather(-1, ids)[:, 0].tolist(),
        ablated.gather(-1, ids)[:, 0].tolist(),
        top1_changed.tolist(),
    )
    return [
        TokenMetrics(token.id, token.text, first_position + offset, *values)
        for offset, (token, *values) in enumerate(zip(model.tokens(targets), *columns, strict=True))
    ]


def compare_next_token(model: Model, both: Compared, n_candidates: int) -> NextToken:
    """The likeliest tokens of both runs at one position, by control probability."""
    from attention_surgery.engine.largest import largest

    control, ablated, kl, top1_changed = both
    likely = [i for run in (control, ablated) for i in largest(run, n_candidates)[1].tolist()]
    pairs = [(control[i].item(), ablated[i].item(), i) for i in dict.fromkeys(likely)]
    return NextToken(
        candidates=[
            NextTokenCandidate(i, model.token_text(i), p, q) for p, q, i in sorted(pairs)[::-1]
        ],
        kl=kl.item(),
        top1_changed=bool(top1_changed),
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
