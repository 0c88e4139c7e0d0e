"""How figures that others published, or that we documented, are measured here: a kind a class.

The figures lie in `attention_surgery/literature`, a file a model, with where each comes from.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Generator
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from attention_surgery.analyses.attention import AttentionRequest
from attention_surgery.analyses.circuit import CircuitRequest
from attention_surgery.analyses.importance import ImportanceRequest
from attention_surgery.analyses.infer import InferRequest
from attention_surgery.analyses.patching import PatchingRequest
from attention_surgery.interventions import parse

if TYPE_CHECKING:
    from torch import Tensor

    from attention_surgery.engine.attribution import Attribution
    from attention_surgery.engine.model import Model

Measured = dict[str, float]
MOST_LIKELY = 100


class Check(BaseModel):
    """Figures of one kind, from one source.

    Attributes:
        figures: name → value as published.
        tolerance: how far ours may lie from it; the last digits of some are not given.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    measure: str
    title: str
    source: str
    unit: str
    tolerance: Annotated[float, Field(gt=0)]
    figures: Measured

    @abstractmethod
    def steps(self, model: Model) -> Generator[object, None, Measured]:
        """Measure what `figures` names, under the same names."""

    def label(self, model: Model, name: str) -> str:  # noqa: ARG002
        """A figure's name, as a person reads it."""
        return name


class NextToken(Check):
    """Natural logarithm of a token's probability after a prompt; named by the token's id."""

    measure: Literal["next_token"]
    prompt: str
    prepend_bos: bool

    def steps(self, model: Model) -> Generator[object, None, Measured]:
        request = InferRequest.ask(
            prompt=self.prompt,
            prepend_bos=self.prepend_bos,
            max_new_tokens=0,
            alternatives=MOST_LIKELY,
        )
        seen = (yield from quietly(request.steps(model))).next_token.candidates
        found = {str(each.id): each.control_logprob for each in seen}
        least = min(found.values())  # those that are not among the likeliest lie below
        return {name: found.get(name, least) for name in self.figures}

    def label(self, model: Model, name: str) -> str:
        return f"{self.prompt} …{model.tokens([int(name)])[0].text}"


class Pairs(Check):
    """A check of prompts that differ in who acts: {} is that name, the answer is the other one."""

    asked: dict[str, tuple[str, str]]

    def contrasts(self) -> list[dict[str, str]]:
        """Clean and corrupt prompt, answer and foil: two of each template."""
        return [
            {
                "prompt": template.format(foil),
                "corrupt": template.format(answer),
                "answer": answer,
                "foil": foil,
            }
            for template, (first, second) in self.asked.items()
            for answer, foil in ((first, second), (second, first))
        ]


class LogitDifferences(Pairs):
    """logit(answer) − logit(foil) of each prompt, in order."""

    measure: Literal["logit_difference"]

    def steps(self, model: Model) -> Generator[object, None, Measured]:
        found = yield from processed_attributions(model, self.contrasts())
        return dict(zip(self.figures, (each.total for each in found), strict=True))


class PatchedShares(Pairs):
    """Patching of one head at all positions: the share of the mean difference it restores."""

    measure: Literal["patching"]
    component: Literal["z", "q", "k", "v", "pattern"]

    def steps(self, model: Model) -> Generator[object, None, Measured]:
        found = []
        for asked in self.contrasts():
            request = PatchingRequest.ask(**asked, component=self.component)
            found.append((yield from quietly(request.steps(model))))
        clean, corrupt = (np.mean([getattr(f, n) for f in found]) for n in ("clean", "corrupt"))
        values = np.mean([each.values for each in found], axis=0)
        return picked((values - corrupt) / (clean - corrupt), self.figures)


class ProcessedAttribution(Pairs):
    """Mean direct attribution of heads, on weights as TransformerLens processes them by default.

    There the value biases belong to no head: folded into b_O. What is cut is cut with
    `value_bias=keep`, which is what zeroing z means on such weights.
    """

    measure: Literal["attribution"]
    cut: tuple[str, ...] = ()

    def steps(self, model: Model) -> Generator[object, None, Measured]:
        found = yield from processed_attributions(model, self.contrasts(), self.cut)
        heads = np.mean([each.heads.cpu().numpy() for each in found], axis=0)
        total = {"logit difference": float(np.mean([each.total for each in found]))}
        named = {name: value for name, value in self.figures.items() if name not in total}
        return {**picked(heads, named), **{n: v for n, v in total.items() if n in self.figures}}


class Repeats(Check):
    """Mean attention one token, `length` and `length` − 1 tokens back on random tokens told twice.

    Figures are named `previous L4H11`, `duplicate L0H5`, `induction L5H1`.

    Attributes:
        drawn_from: lowest id and one above the highest, as `torch.randint` takes them, without a
            beginning of text; behind one, and from all the vocabulary else, where absent.
    """

    measure: Literal["repeats"]
    rows: int
    length: int
    seed: int = 0
    drawn_from: tuple[int, int] | None = None

    def tokens(self, model: Model) -> Tensor:
        import torch

        generator = torch.Generator().manual_seed(self.seed)
        shape = self.rows, self.length
        if self.drawn_from is not None:
            return torch.randint(*self.drawn_from, shape, generator=generator).repeat(1, 2)
        ids = torch.randint(model.d_vocab - 1, shape, generator=generator)
        ids += ids >= model.bos_id
        return torch.cat([torch.full((self.rows, 1), model.bos_id), ids, ids], dim=1)

    def steps(self, model: Model) -> Generator[object, None, Measured]:
        from attention_surgery.engine.head_types import looks_on_repeats

        looks = yield from quietly(looks_on_repeats(model, self.tokens(model), self.length))
        found: Measured = {}
        for name in self.figures:
            kind, head = name.split(" ")
            found |= {name: picked(getattr(looks, kind).double().numpy(), [head])[head]}
        return found


class Attention(Check):
    """A head's attention from the prompt's last token to a token; named `L6H6 to 11`."""

    measure: Literal["attention"]
    prompt: str

    def steps(self, model: Model) -> Generator[object, None, Measured]:
        found = {}
        for name in self.figures:
            site, _, key = name.split(" ")
            head = parse(site)
            request = AttentionRequest.ask(prompt=self.prompt, layer=head.layer, head=head.head)
            seen = yield from quietly(request.steps(model))
            found[name] = float(seen.control[-1][int(key)])
        return found


class KlOfHeads(Check):
    """KL of the next-token distribution when one head is zeroed, at the prompt's end."""

    measure: Literal["kl"]
    prompt: str

    def steps(self, model: Model) -> Generator[object, None, Measured]:
        request = ImportanceRequest.ask(prompt=self.prompt, method="kl", positions="last")
        scores = (yield from quietly(request.steps(model))).scores
        return picked(scores.astype(float), self.figures)


class NamedCircuit(Check):
    """Mean metric of a task's items: whole model, no head, the circuit alone."""

    measure: Literal["circuit"]
    task: str
    n: int

    def steps(self, model: Model) -> Generator[object, None, Measured]:
        request = CircuitRequest.ask(
            task=self.task, n=self.n, circuit=self.task, measures=(), random=0
        )
        seen = (yield from quietly(request.steps(model))).faithfulness
        return {name: getattr(seen, name).mean for name in self.figures}


AnyCheck = Annotated[
    NextToken
    | LogitDifferences
    | PatchedShares
    | ProcessedAttribution
    | Repeats
    | Attention
    | KlOfHeads
    | NamedCircuit,
    Field(discriminator="measure"),
]
CHECKS: TypeAdapter[tuple[AnyCheck, ...]] = TypeAdapter(tuple[AnyCheck, ...])


@cache
def checks_of(source: str, name: str) -> tuple[AnyCheck, ...]:
    """What is known of a model; nothing of most.

    Args:
        source: where its weights come from: a directory may hold any under any name.
    """
    file = resources.files("attention_surgery") / "literature" / f"{name}.json"
    if source not in ("hub", "bundled") or not file.is_file():
        return ()
    return CHECKS.validate_json(file.read_bytes())


def processed_attributions(
    model: Model, asked: list[dict[str, str]], cut: tuple[str, ...] = ()
) -> Generator[object, None, list[Attribution]]:
    """At the end of each prompt, in one pass, with the value biases no head's."""
    from attention_surgery.analyses.contrast import read_contrast
    from attention_surgery.engine.attribution import (
        LogitDirection,
        attributions,
        without_value_biases,
    )
    from attention_surgery.engine.preparation import plan
    from attention_surgery.engine.prompt import read_prompt
    from attention_surgery.engine.rows import Row

    cuts = [parse(site, value_bias="keep") for site in cut]
    rows, directions = [], []
    for each in asked:
        ids = read_prompt(model, each["prompt"], True)
        contrast = read_contrast(model, ids, each["answer"], each["foil"])
        ready = yield from quietly(plan(model, cuts, len(ids), True).prepare(model))
        rows.append(Row(ids, ready))
        directions.append(LogitDirection.of(model, contrast.answer.id, contrast.foil.id))
    found = yield from quietly(attributions(model, rows, directions))
    return [without_value_biases(model, *each) for each in zip(found, directions, strict=True)]


def picked(scores: NDArray[Any], names: Any) -> Measured:
    """The scores of heads, by their names."""
    heads = [(name, parse(name)) for name in names]
    return {name: float(scores[head.layer, head.head]) for name, head in heads}


def quietly(steps: Generator[object, None, Any]) -> Generator[object, None, Any]:
    """A job within a job: what it tells becomes a pause."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value
        yield None
