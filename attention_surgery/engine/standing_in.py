"""What stands in for the heads outside a circuit, where it is taken from the corrupt prompts."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from attention_surgery.engine.circuit_batch import Batch, LayerMoment, Question
from attention_surgery.engine.model import Model
from attention_surgery.engine.run import embedded, run
from attention_surgery.engine.shape import SLICE_TOKENS
from attention_surgery.errors import InvalidSetting
from attention_surgery.interventions import Intervention, method_named, methods
from attention_surgery.interventions.parameters import parameters, stands_in


def standing_in(method: str) -> Intervention:
    """A method, of no particular head.

    Raises:
        InvalidSetting: it does not work on heads by themselves.
    """
    kind = method_named(method)
    if not stands_in(kind):
        others = " or ".join(each.name() for each in methods() if stands_in(each))
        raise InvalidSetting(
            f"The heads outside a circuit cannot be replaced by {method}: use {others}."
        )
    return kind.model_construct(method=kind.name(), layer=0, head=0)


def references_of(cut: Intervention, questions: Sequence[Question]) -> list[list[list[int]]]:
    """The prompts that each item's replacements are made of; empty where the method needs none."""
    needed = {each.kind for each in parameters(type(cut)) if each.default is None}
    if "prompt" in needed:
        found = []
        for number, question in enumerate(questions):
            if question.corrupt is None or len(question.corrupt) != len(question.ids):
                raise InvalidSetting(
                    f"Item {number} has no corrupt prompt of as many tokens, which {cut.method} "
                    "takes: use dataset-mean, zero or mean."
                )
            found.append([question.corrupt])
        return found
    if "prompts" not in needed:
        return []
    corrupt = [list(ids) for ids in dict.fromkeys(tuple(q.corrupt) for q in questions if q.corrupt)]
    if not corrupt:
        raise InvalidSetting(
            f"These items have no corrupt prompts, which {cut.method} is the mean of: use zero or "
            "mean."
        )
    by_length: dict[int, list[list[int]]] = {}
    for ids in corrupt:
        by_length.setdefault(len(ids), []).append(ids)
    return [by_length.get(len(question.ids), corrupt) for question in questions]


def taken_from(
    model: Model, cut: Intervention, references: list[list[list[int]]], batch: Batch
) -> Generator[object, None, list[Tensor]]:
    """What stands in for the heads of each layer in each row, from the reference prompts."""
    texts = list({tuple(ids): ids for each in references for ids in each}.values())
    index = {tuple(ids): place for place, ids in enumerate(texts)}
    of_row = [tuple(index[tuple(ids)] for ids in each) for each in references]
    parts = list(slices(list(range(len(texts))), [len(ids) for ids in texts]))
    streams = [embedded(model, [texts[place] for place in part]) for part in parts]
    found: list[Tensor] = []
    for layer in range(model.n_layers):
        z: dict[int, Tensor] = {}
        for number, part in enumerate(parts):
            seen: list[Tensor] = []

            def keep(_layer: int, value: Tensor, seen: list[Tensor] = seen) -> None:
                seen.append(value)

            streams[number] = yield from run(
                model,
                streams[number],
                layers=range(layer, layer + 1),
                watch={"attn.hook_z": keep},
            )
            z |= {
                place: value[: len(texts[place])].flatten(1).clone()
                for place, value in zip(part, seen[0], strict=True)
            }
        found.append(_combined(cut, z, of_row, batch, layer))
    return found


@torch.no_grad()
def _combined(
    cut: Intervention,
    z: dict[int, Tensor],
    of_row: list[tuple[int, ...]],
    batch: Batch,
    layer: int,
) -> Float[Tensor, "row read head d_head"]:
    """What stands in for the heads of one layer in each row."""
    model = batch.model
    made: dict[tuple[int, tuple[int, ...]], Tensor] = {}
    rows = []
    for row, (places, length) in enumerate(zip(of_row, batch.lengths, strict=True)):
        if (length, places) not in made:
            made[length, places] = cut.combine([z[place] for place in places], length)
        moment = LayerMoment(batch, layer, row, made[length, places])
        old = batch.unread(layer)
        rows.append(cut.replacement(old, moment)[0])
    return torch.stack(rows).view(len(rows), -1, model.n_heads, model.d_head).clone()


def slices(order: Sequence[int], lengths: Sequence[int]) -> Iterator[list[int]]:
    """Places in this order, as many together as fill `SLICE_TOKENS` when padded."""
    part: list[int] = []
    for place in order:
        longest = max([lengths[place], *(lengths[other] for other in part)])
        if part and longest * (len(part) + 1) > SLICE_TOKENS:
            yield part
            part = []
        part.append(place)
    if part:
        yield part
