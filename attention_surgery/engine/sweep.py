"""The exact effect of every single-head ablation, without running the model once per head.

Layer by layer, from the last: see `engine.branches`. The base is the model as it is already cut.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence

from attention_surgery.engine.base_run import record
from attention_surgery.engine.branches import SLICE_TOKENS, AblatedHeads, by_layer, split, wave
from attention_surgery.engine.model import Model
from attention_surgery.engine.reading import Reading
from attention_surgery.engine.steps import LayerScores
from attention_surgery.engine.surgery import Ready


def effects_of_each_head(
    model: Model,
    ids: Sequence[int],
    singles: Iterable[Ready],
    reading: Reading,
    base_cuts: Sequence[Ready] = (),
) -> Generator[object, None, None]:
    """metric(ablated) − metric(base) of each head, as `LayerScores` from the last layer on.

    Args:
        singles: what is done to a head when its turn comes; heads not among them have effect 0.
        reading: the metric.
        base_cuts: what is cut in the base and in every row.
    """
    turns = by_layer(singles)
    base = yield from record(model, ids, base_cuts)
    reading.start(model, base.final)
    at_once = max(1, SLICE_TOKENS // len(ids))
    for layer in reversed(range(model.n_layers)):
        effects = [0.0] * model.n_heads
        ablated = AblatedHeads.of(turns[layer]) if layer in turns else None
        for part in () if ablated is None else split(ablated, at_once):
            rows = yield from wave(base, {layer: part}, last_only=reading.last_only)
            found = yield from reading.effects(model, rows)
            for head, effect in zip(part.heads, found, strict=True):
                effects[head] = effect
        yield LayerScores(layer, effects)
