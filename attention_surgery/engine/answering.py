"""How a model answers many short prompts: the metric, and whether the answer comes first."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from attention_surgery.engine.divergence import logsumexp, wide_norm
from attention_surgery.engine.forward import unembed
from attention_surgery.engine.model import Model
from attention_surgery.engine.reading import single_token
from attention_surgery.engine.run import embedded, run
from attention_surgery.metrics import Metric

# Prompt tokens that go through the model together.
TOKENS_TOGETHER = 1024


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked after a prompt.

    Attributes:
        ids: the prompt; the metric is read at its last position.
        metric, tokens: as `tokens_asked` returns them; the first is the answer where one is named.
    """

    ids: list[int]
    metric: Metric
    tokens: list[int]


@dataclass(frozen=True, slots=True)
class Answered:
    """What a model says there.

    Attributes:
        value: the metric.
        likeliest: the likeliest token.
    """

    value: float
    likeliest: int


def tokens_asked(
    model: Model, metric: Metric, answer: str, foil: str | None
) -> tuple[Metric, list[int]]:
    """The metric for these texts, and its tokens.

    Raises:
        InvalidSetting: answer or foil is not what the metric asks for.
    """
    of, named = metric.asked(answer, foil if metric.needs_foil else None)
    return of, [single_token(model, name, text) for name, text in named]


def answered(model: Model, questions: Sequence[Asked]) -> Generator[object, None, list[Answered]]:
    """The answers, in order. Yields between the blocks of each batch.

    Prompts of similar length go together, shorter ones padded on the right, where attention that
    looks back does not see it.
    """
    order = sorted(range(len(questions)), key=lambda place: len(questions[place].ids))
    found: dict[int, Answered] = {}
    for batch in _batches(order, questions):
        of_batch = [questions[place] for place in batch]
        resid = yield from run(model, embedded(model, [each.ids for each in of_batch]))
        ends = torch.tensor([len(each.ids) - 1 for each in of_batch], device=resid.device)
        last = resid[torch.arange(len(ends), device=resid.device), ends]
        found |= zip(batch, _read(model, last, of_batch), strict=True)
    return [found[place] for place in range(len(questions))]


def _batches(order: Sequence[int], questions: Sequence[Asked]) -> list[list[int]]:
    """Places in order of length, as many together as fit."""
    batches: list[list[int]] = []
    for place in order:
        length = len(questions[place].ids)
        if not batches or (len(batches[-1]) + 1) * length > TOKENS_TOGETHER:
            batches.append([])
        batches[-1].append(place)
    return batches


@torch.inference_mode()
def _read(
    model: Model, last: Float[Tensor, "row d_model"], questions: Sequence[Asked]
) -> list[Answered]:
    x = wide_norm(model, last)
    likeliest = unembed(model, x.float()).argmax(-1).tolist()
    totals = logsumexp(model, x.float()).to(x.dtype)
    answers = []
    for row, question, total, first in zip(x, questions, totals, likeliest, strict=True):
        columns = model.weights.unembed[torch.tensor(question.tokens, device=x.device)]
        logits = columns.to(x.dtype) @ row
        value = question.metric.value(logits[None], total[None])
        answers.append(Answered(value.item(), first))
    return answers
