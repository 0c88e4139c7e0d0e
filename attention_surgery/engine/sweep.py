"""The exact effect of every single-head ablation, without running the model once per head.

From the last layer on: see `engine.branches`. The base is the model as it is already cut.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence

from attention_surgery.engine.ablated_heads import AblatedHeads, by_layer
from attention_surgery.engine.base_run import record
from attention_surgery.engine.model import Model
from attention_surgery.engine.reading import Reading
from attention_surgery.engine.ready import Ready
from attention_surgery.engine.row_effects import RowEffects, effects_of_rows
from attention_surgery.engine.steps import LayerScores


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
    effects = [[0.0] * model.n_heads for _ in range(model.n_layers)]
    unknown = {layer: len(turns.get(layer, ())) for layer in reversed(range(model.n_layers))}

    def known() -> Iterator[LayerScores]:
        for layer in [layer for layer, left in unknown.items() if left == 0]:
            del unknown[layer]
            yield LayerScores(layer, effects[layer])

    yield from known()
    cut = {layer: AblatedHeads.of(of_layer) for layer, of_layer in turns.items()}
    for step in effects_of_rows(base, cut, reading):
        if not isinstance(step, RowEffects):
            yield step
            continue
        found = iter(step.effects)
        for layer, ablated in sorted(step.changes.items()):
            for head in ablated.heads:
                effects[layer][head] = next(found)
            unknown[layer] -= len(ablated)
        yield from known()
