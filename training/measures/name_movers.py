"""Which heads write the right name: direct logit attribution on indirect objects."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from attention_surgery.engine.forward import by_head, embed
from attention_surgery.engine.model import Model
from attention_surgery.engine.run import run
from attention_surgery.engine.steps import drain
from training.measures.abilities import answer_and_foil
from training.measures.forward import pad, read
from training.teaching import Question


@dataclass(frozen=True, slots=True)
class NameMovers:
    """What every head does at the last position of indirect-object prompts, mean over prompts.

    Args:
        writes: what the head adds to logit(answer) − logit(foil) by itself; see `contributions`.
        to_answer: attention to the name that is the answer.
        to_foil: attention to the other name, all its occurrences together.
        to_start: attention to the beginning-of-text token.

    Source: Wang et al. 2022, arXiv:2211.00593
    """

    writes: Float[Tensor, "layer head"]
    to_answer: Float[Tensor, "layer head"]
    to_foil: Float[Tensor, "layer head"]
    to_start: Float[Tensor, "layer head"]


def name_movers(model: Model, questions: Sequence[Question]) -> NameMovers:
    """Who writes the answer rather than the foil, and where these heads look."""
    rows, last = pad([model.tokenize(question.prompt) for question in questions], model.bos_id)
    looks: list[Tensor] = []
    prompts = torch.arange(len(rows))

    def watch(_layer: int, pattern: Tensor) -> None:
        looks.append(pattern[prompts, :, last].cpu())

    read(model, rows, watch={"attn.hook_pattern": watch})
    written = contributions(model, questions)
    look = torch.stack(looks, dim=1)

    def attention_to(marks: Float[Tensor, "question key"]) -> Float[Tensor, "layer head"]:
        return torch.einsum("qlhk,qk->lh", look, marks) / len(rows)

    answers = [mark_name(model, q.prompt, q.answer, rows.shape[1]) for q in questions]
    foils = [mark_name(model, q.prompt, q.foil or "", rows.shape[1]) for q in questions]
    return NameMovers(
        writes=written.mean(0),
        to_answer=attention_to(torch.stack(answers)),
        to_foil=attention_to(torch.stack(foils)),
        to_start=look[..., 0].mean(0),
    )


@torch.inference_mode()
def contributions(
    model: Model, questions: Sequence[Question]
) -> Float[Tensor, "question layer head"]:
    """What each head by itself adds to logit(answer) − logit(foil) after the prompt.

    The head's output o[l,h] (without `b_O`) goes through the final LayerNorm with the scale that
    the whole residual stream has there, and through the unembedding. With the same for embeddings,
    MLPs and biases these add up to the logit difference.
    """
    rows, last = pad([model.tokenize(question.prompt) for question in questions], model.bos_id)
    prompts = torch.arange(len(rows))
    written: list[Tensor] = []

    def watch(layer: int, z: Tensor) -> None:
        w_o = by_head(model, layer).float()
        written.append(torch.einsum("qhd,hdm->qhm", z[prompts, last].float(), w_o))

    resid = drain(run(model, embed(model, rows), watch={"attn.hook_z": watch}))
    reads = _reader(model, questions, resid[prompts, last])
    return torch.einsum("lqhm,qm->qlh", torch.stack(written), reads).cpu()


def _reader(
    model: Model, questions: Sequence[Question], resid: Float[Tensor, "question d_model"]
) -> Float[Tensor, "question d_model"]:
    """The direction whose product with a part of the residual stream is its logit difference."""
    embed = model.weights.embed.float()
    pairs = torch.tensor([answer_and_foil(model, question) for question in questions])
    direction = model.weights.ln_final_w.float() * (embed[pairs[:, 0]] - embed[pairs[:, 1]])
    direction = direction - direction.mean(-1, keepdim=True)  # LayerNorm takes the mean out
    variance = resid.var(-1, correction=0, keepdim=True)
    return direction / (variance + model.config.eps).sqrt()


def mark_name(model: Model, prompt: str, name: str, length: int) -> Float[Tensor, " pos"]:
    """1 where an occurrence of a name ends among the tokens of a prompt, else 0; padded."""
    offsets = model.tokenizer.encode(prompt, add_special_tokens=False).offsets
    ends = [match.end() for match in re.finditer(rf"\b{re.escape(name.strip())}\b", prompt)]
    marks = torch.zeros(length)
    for position, (start, end) in enumerate(offsets, 1):  # after the beginning-of-text token
        marks[position] = any(start < name_end <= end for name_end in ends)
    return marks
