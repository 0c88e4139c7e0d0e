"""What feeds a head and who moves once it is cut, mean over indirect-object prompts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from attention_surgery.analyses import HeadScore, paths, self_repair
from attention_surgery.engine.model import Model
from attention_surgery.interventions import head_name
from training.teaching import Question

INPUTS = {"q": "queries", "k": "keys", "v": "values"}


@dataclass(frozen=True, slots=True)
class Cut:
    """What cutting a head changes of logit(answer) − logit(foil), in logits.

    Args:
        total: of the difference.
        direct: by what the head itself no longer writes.
        heads: by what each later head writes otherwise.
        mlps: by all MLPs together.
        layer_norm: by the final LayerNorm's scale.
    """

    total: float
    direct: float
    heads: Float[Tensor, "layer head"]
    mlps: float
    layer_norm: float


@dataclass(frozen=True, slots=True)
class Causes:
    """What feeds one head, and what cutting each of some heads changes.

    Args:
        receiver: the head that is fed.
        feeds: by input, the share of the difference between a prompt and the same with its names
            swapped that the path from each head to this input carries.
        cuts: of each head that is cut in turn.
    """

    receiver: HeadScore
    feeds: dict[str, Float[Tensor, "layer head"]]
    cuts: list[tuple[HeadScore, Cut]]


def causes(
    model: Model, questions: Sequence[Question], receiver: HeadScore, cut: Sequence[HeadScore]
) -> Causes:
    """Trace the paths to a head, and what others do without each of some heads."""
    return Causes(receiver, feeds(model, questions, receiver), cuts(model, questions, cut))


def feeds(
    model: Model, questions: Sequence[Question], receiver: HeadScore
) -> dict[str, Float[Tensor, "layer head"]]:
    """Share of the mean difference between the names as they are and swapped, by input.

    Source: Wang et al. 2022, arXiv:2211.00593, appendix B
    """
    head = head_name(receiver.layer, receiver.head)
    found = [
        paths(
            model,
            question.prompt,
            swapped(question),
            question.answer,
            question.foil,
            [f"{head}{name}" for name in INPUTS],
        )
        for question in questions
    ]
    effects = torch.stack([torch.tensor(each.effects) for each in found]).mean(0)
    contrast = sum(each.clean - each.corrupt for each in found) / len(found)
    shares = (-effects / contrast).view(len(INPUTS), model.n_layers, model.n_heads)
    return dict(zip(INPUTS, shares, strict=True))


def cuts(
    model: Model, questions: Sequence[Question], heads: Sequence[HeadScore]
) -> list[tuple[HeadScore, Cut]]:
    """What zeroing each head changes; see `attention_surgery.self_repair`."""
    found = [
        self_repair(model, question.prompt, question.answer, question.foil or "")
        for question in questions
    ]

    def mean(name: str, head: HeadScore) -> Tensor:
        of_head = [torch.tensor(getattr(each, name)[head.layer, head.head]) for each in found]
        return torch.stack(of_head).mean(0)

    return [
        (
            head,
            Cut(
                total=mean("total", head).item(),
                direct=mean("direct", head).item(),
                heads=mean("heads", head),
                mlps=mean("mlps", head).sum().item(),
                layer_norm=mean("layer_norm", head).item(),
            ),
        )
        for head in heads
    ]


def swapped(question: Question) -> str:
    """The prompt with answer and foil in each other's place."""
    answer, foil = question.answer.strip(), (question.foil or "").strip()
    other = {answer: foil, foil: answer}
    return re.sub(
        rf"\b({re.escape(answer)}|{re.escape(foil)})\b",
        lambda name: other[name.group()],
        question.prompt,
    )
