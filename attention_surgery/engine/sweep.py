"""The exact effect of every single-head ablation, without running the model once per head.

A run in which only L{l}H{h} is cut equals the base run up to that head's output. So layer by layer,
from the last: one row per head starts from the base's residual stream at layer l with that head's
output replaced, and runs only the layers after it. The base is the model as it is already cut; what
is cut there stays cut in every row.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from attention_surgery.engine.forward import (
    hooked_pattern,
    mlp,
    queries_keys_values,
    write_heads,
)
from attention_surgery.engine.hook_points import points_of, through
from attention_surgery.engine.model import Model
from attention_surgery.engine.reading import Reading
from attention_surgery.engine.run import embedded, run
from attention_surgery.engine.steps import LayerScores
from attention_surgery.engine.surgery import Ready, Surgery, moved_towards, value_bias
from attention_surgery.interventions.base import Moment

# Rows × positions that go through the layers together: enough for full speed, few enough that the
# hidden layer stays in the cache.
SLICE_TOKENS = 1024


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
    turns = _by_layer(model, singles)
    stream = yield from _base_stream(model, ids, base_cuts)
    reading.start(model, stream[-1])
    at_once = max(1, SLICE_TOKENS // len(ids))
    for layer in reversed(range(model.n_layers)):
        effects = [0.0] * model.n_heads
        for first in range(0, len(turns[layer]), at_once):
            part = turns[layer][first : first + at_once]
            surgery = Surgery(model, [(slice(None), base_cuts)])
            rows = _cut_each(model, layer, stream, surgery, part, reading.last_only)
            rows = yield from run(
                model,
                rows,
                surgery,
                layers=range(layer + 1, model.n_layers),
                last_only=reading.last_only,
            )
            found = yield from reading.effects(model, rows)
            for ready, effect in zip(part, found, strict=True):
                effects[_head(ready)] = effect
        yield LayerScores(layer, effects)


def _by_layer(model: Model, singles: Iterable[Ready]) -> list[list[Ready]]:
    turns: list[list[Ready]] = [[] for _ in range(model.n_layers)]
    for ready in singles:
        turns[ready.intervention.layer].append(ready)
    return turns


def _head(ready: Ready) -> int:
    head = ready.intervention.head
    assert head is not None
    return head


def _base_stream(
    model: Model, ids: Sequence[int], cuts: Sequence[Ready]
) -> Generator[int, None, list[Float[Tensor, "1 pos d_model"]]]:
    """The base's residual stream before each layer and after the last."""
    surgery = Surgery(model, [(slice(None), cuts)])
    stream = [embedded(model, [ids])]
    for layer in range(model.n_layers):
        resid = yield from run(model, stream[-1], surgery, layers=range(layer, layer + 1))
        stream.append(resid)
    return stream


@torch.inference_mode()
def _cut_each(
    model: Model,
    layer: int,
    stream: list[Float[Tensor, "1 pos d_model"]],
    surgery: Surgery,
    turns: list[Ready],
    last_only: bool,
) -> Float[Tensor, "row read d_model"]:
    """The base's residual stream after one layer, one row per head with that head ablated."""
    points, resid = points_of(model).blocks[layer], stream[layer]
    positions = torch.arange(resid.shape[1], device=resid.device)[None]
    below = None
    if layer and (surgery.needs_below(layer) or any(r.intervention.needs_below for r in turns)):
        below = surgery.pattern = _patterns_below(model, layer - 1, stream[layer - 1])

    def moved(old: Tensor, head: int, ready: Ready) -> Tensor:
        return moved_towards(old, ready, _Start(model, head, ready, positions, below))

    with surgery.at(layer, positions):
        resid = through(points.resid_pre, resid)
        q, k, v = queries_keys_values(model, layer, resid)
        pattern = hooked_pattern(model, layer, q, k)
        z = (pattern.to(v.dtype) @ v).transpose(1, 2).repeat(len(turns), 1, 1, 1)
        for row, head, ready in _on(turns, "pattern"):
            z[row, :, head] = (moved(pattern[:, head], head, ready).to(v.dtype) @ v[:, head])[0]
        z = through(points.z, z)
        for row, head, ready in _on(turns, "z"):
            z[row, :, head] = moved(z[row, None, :, head], head, ready)[0]
        if last_only and layer == model.n_layers - 1 and not points.hooked:
            z, resid = z[:, -1:], resid[:, -1:]
        rows = write_heads(model, layer, resid.expand(len(turns), -1, -1), z)
        return through(points.resid_post, rows + mlp(model, layer, rows))


def _on(turns: list[Ready], component: str) -> list[tuple[int, int, Ready]]:
    """Row, head and intervention of those that replace this component."""
    return [
        (row, _head(ready), ready)
        for row, ready in enumerate(turns)
        if ready.intervention.component == component
    ]


class _Start(Moment):
    """The moment at which one head is cut in the base."""

    def __init__(
        self, model: Model, head: int, ready: Ready, positions: Tensor, below: Tensor | None
    ) -> None:
        self._model, self._head, self._ready = model, head, ready
        self._positions, self._below = positions, below

    @property
    def positions(self) -> Int[Tensor, "1 query"]:
        return self._positions

    @property
    def visible(self) -> Bool[Tensor, "1 query key"]:
        n = self._positions.shape[1]
        return torch.ones(1, n, n, dtype=torch.bool, device=self._positions.device).tril()

    @property
    def below(self) -> Float[Tensor, "1 query key"]:
        assert self._below is not None
        return self._below[:, self._head]

    @property
    def reference(self) -> Float[Tensor, "pos d"]:
        assert self._ready.reference is not None
        return self._ready.reference

    @property
    def value_bias(self) -> Float[Tensor, " d_head"]:
        return value_bias(self._model, self._ready.intervention.layer, self._head)


def _patterns_below(
    model: Model, layer: int, resid: Float[Tensor, "1 pos d_model"]
) -> Float[Tensor, "1 head query key"]:
    """The patterns of a layer in the base, before any surgery on them."""
    q, k, _ = queries_keys_values(
        model, layer, through(points_of(model).blocks[layer].resid_pre, resid)
    )
    return hooked_pattern(model, layer, q, k)
