"""Path patching: what one head tells another, or the logits, past all other heads.

The sender's z is that of the other run; every other head is frozen to the base, while MLPs and
LayerNorms are computed anew. With attention frozen, every position goes through the layers by
itself and each layer costs its MLP alone. What a receiver reads of that is then patched into a run
of the base, from the receiver's layer on.

Source: Wang et al. 2022, arXiv:2211.00593, appendix B.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from attention_surgery.engine.base_run import BaseRun, may_skip_prefix, record_together
from attention_surgery.engine.branches import wave
from attention_surgery.engine.forward import by_head, layer_norm, mlp
from attention_surgery.engine.head_changes import raw_patterns
from attention_surgery.engine.hook_points import points_of
from attention_surgery.engine.kernels import linear
from attention_surgery.engine.model import Model
from attention_surgery.engine.patches import PatchedHeads
from attention_surgery.engine.reading import Reading
from attention_surgery.engine.ready import Ready
from attention_surgery.engine.run import rows_at_once, run
from attention_surgery.engine.sites import HeadInput, Receiver, Sender
from attention_surgery.engine.surgery import Surgery
from attention_surgery.errors import InvalidSetting

MLP_SHARE = 2 / 3  # of a block's products
RECORDED = ("attn.hook_k", "attn.hook_v", "attn.hook_z", "hook_attn_out")


@dataclass(frozen=True, slots=True, eq=False)
class PathEffects:
    """metric(path patched) − metric(base) of every sender to some receivers of one layer.

    Attributes:
        layer: the receivers'; None of the logits, or of receivers patched together.
        receivers: which of those asked for; empty of the logits.
        values: [receiver, sender]; one row for the logits and for receivers patched together; 0
            where no path leads, because the sender does not come before the receiver.
        passes: what it took, in forward passes.
    """

    layer: int | None
    receivers: list[int]
    values: NDArray[np.float64]
    passes: float


def record_for_paths(
    model: Model, base: Sequence[int], other: Sequence[int], cuts: Sequence[Ready]
) -> Generator[object, None, list[BaseRun]]:
    """Both runs, with what path patching needs of them.

    Raises:
        InvalidSetting: there are hooks, which heads that are frozen would not show.
    """
    if not may_skip_prefix(model):
        raise InvalidSetting(
            "There are hooks on this model, and path patching freezes what they act on: remove "
            "them, or name them as ablations."
        )
    return record_together(model, [base, other], cuts, RECORDED)


def paths_to_logits(
    base: BaseRun, other: BaseRun, senders: Sequence[Sender], reading: Reading, first: int
) -> Generator[object, None, None]:
    """`PathEffects` of the direct paths to the logits.

    Args:
        reading: the metric, started with the base.
        first: the first position in which the two prompts differ.
    """
    frozen = FrozenRows(base, other, senders, base.n_tokens - 1 if reading.last_only else first)
    for layer in range(base.model.n_layers):
        yield from frozen.cross(layer)
    values = np.zeros((1, len(senders)))
    for part in _parts(frozen, 1):
        rows = base.whole(frozen.rows[part], last_only=reading.last_only)
        values[0, frozen.order[part]] = yield from reading.effects(base.model, rows)
    yield PathEffects(None, [], values, frozen.passes)


def paths_to_heads(
    base: BaseRun,
    other: BaseRun,
    senders: Sequence[Sender],
    receivers: Sequence[Receiver],
    reading: Reading,
    first: int,
) -> Generator[object, None, None]:
    """`PathEffects` of the paths to each receiver alone, from the lowest layer on."""
    frozen = FrozenRows(base, other, senders, first)
    groups = _by_layer_and_input(receivers)
    for layer in range(max(groups) + 1):
        for component, which in groups.get(layer, {}).items():
            heads = [receivers[index].head for index in which]
            yield (yield from _to_layer(frozen, reading, layer, component, heads, which))
        yield from frozen.cross(layer)


def paths_to_set(
    base: BaseRun,
    other: BaseRun,
    senders: Sequence[Sender],
    receivers: Sequence[Receiver],
    reading: Reading,
    first: int,
) -> Generator[object, None, None]:
    """`PathEffects` of each sender on all receivers, patched together in one run."""
    frozen = FrozenRows(base, other, senders, first)
    groups = _by_layer_and_input(receivers)
    recorded: dict[tuple[int, HeadInput], tuple[list[int], Tensor]] = {}
    for layer in range(max(groups) + 1):
        for component, which in groups.get(layer, {}).items():
            heads = [receivers[index].head for index in which]
            recorded[layer, component] = heads, frozen.inputs(layer, component, heads, slice(None))
        if layer < max(groups):
            yield from frozen.cross(layer)
    values = np.zeros((1, len(senders)))
    for part in _parts(frozen, 1):
        rows = yield from _with_all(base, recorded, min(groups), first, part, reading.last_only)
        found = yield from reading.effects(base.model, rows)
        values[0, frozen.order[part]] = found
        frozen.count(part.stop - part.start, float(base.model.n_layers - min(groups)))
    yield PathEffects(None, list(range(len(receivers))), values, frozen.passes)


class FrozenRows:
    """A row for each sender, all other heads frozen to the base; crosses one layer at a time.

    Attributes:
        begin: the first position that rows carry.
        n_senders: how many there are, in all layers.
        order: which sender each row is of.
        passes: what it took so far, in forward passes.
    """

    def __init__(
        self, base: BaseRun, other: BaseRun, senders: Sequence[Sender], begin: int
    ) -> None:
        self.base, self.begin = base, begin
        self._other = other
        self.n_senders = len(senders)
        self._senders: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for index, sender in enumerate(senders):
            self._senders[sender.layer].append((index, sender.head))
        # Changed in place: of a long prompt it is the most of all that is held.
        carried = base.stream[0][0, begin:]
        self._stream = carried.new_empty(len(senders), *carried.shape)
        self.order: list[int] = []
        self.passes = 0.0

    @property
    def rows(self) -> Float[Tensor, "row pos d_model"]:
        """The residual stream before the next layer, of the senders before it."""
        return self._stream[: len(self.order)]

    def cross(self, layer: int) -> Generator[object, None, None]:
        """Let the rows cross a layer, whose senders join them."""
        entering = self._senders.get(layer, [])
        self._attend(layer, [head for _, head in entering])
        self.order += [index for index, _ in entering]
        surgery = self.base.surgery()
        at_once = rows_at_once(self.base.model, self.rows.shape[1])
        for part in self.rows.split(at_once) if self.order else ():
            yield layer
            self._add_mlp(layer, part, surgery)
        self.count(len(self.order), MLP_SHARE)

    def count(self, rows: int, layers: float) -> None:
        """Add what so many rows take to cross so many layers."""
        base = self.base
        share = (base.n_tokens - self.begin) / base.n_tokens
        self.passes += rows * share * layers / base.model.n_layers

    @torch.inference_mode()
    def inputs(
        self, layer: int, component: HeadInput, heads: Sequence[int], rows: slice
    ) -> Float[Tensor, "row head pos d_head"]:
        """What heads of the next layer read in some rows: their queries, keys or values."""
        model, weights = self.base.model, self.base.model.weights.blocks[layer]
        points, chosen = points_of(model).blocks[layer], self.rows[rows]
        normalized = layer_norm(
            model, chosen, weights.ln1_w, weights.ln1_b, points.ln1_scale, points.ln1_normalized
        )
        of_part = "qkv".index(component) * model.n_heads
        places = torch.tensor([of_part + head for head in heads], device=chosen.device)
        w = weights.w_qkv.view(-1, model.d_head, model.d_model)[places].flatten(0, 1)
        b = weights.b_qkv.view(-1, model.d_head)[places].flatten()
        found = linear(normalized, w, b)
        return found.view(*found.shape[:2], len(heads), model.d_head).transpose(1, 2)

    @torch.inference_mode()
    def _attend(self, layer: int, heads: list[int]) -> None:
        """Take rows from before a layer to behind its attention; those of its own heads follow."""
        base, span = self.base, slice(self.begin, None)
        attention = base.seen["hook_attn_out"][layer][:, span]
        every = heads == list(range(base.model.n_heads))
        which = slice(None) if every else heads  # a list copies the weights
        other, own = (run.seen["attn.hook_z"][layer][0, span] for run in (self._other, base))
        change = (other[:, which].float() - own[:, which].float()).transpose(0, 1)
        written = change @ by_head(base.model, layer)[which].float()
        self.rows.add_(attention)
        entering = self._stream[len(self.order) :][: len(heads)]
        entering.copy_(base.stream[layer][:, span] + attention + written)

    @torch.inference_mode()
    def _add_mlp(self, layer: int, rows: Tensor, surgery: Surgery) -> None:
        positions = torch.arange(self.begin, self.base.n_tokens, device=rows.device)[None]
        with surgery.at(layer, positions):
            rows.add_(mlp(self.base.model, layer, rows))


def _by_layer_and_input(
    receivers: Sequence[Receiver],
) -> dict[int, dict[HeadInput, list[int]]]:
    groups: dict[int, dict[HeadInput, list[int]]] = defaultdict(lambda: defaultdict(list))
    for index, receiver in enumerate(receivers):
        groups[receiver.layer][receiver.input].append(index)
    return groups


def _to_layer(
    frozen: FrozenRows,
    reading: Reading,
    layer: int,
    component: HeadInput,
    heads: list[int],
    which: list[int],
) -> Generator[object, None, PathEffects]:
    """The paths to one input of some heads of a layer."""
    base, before = frozen.base, frozen.passes
    values = np.zeros((len(heads), frozen.n_senders))
    for part in _parts(frozen, len(heads)):
        read = frozen.inputs(layer, component, heads, part)
        n = len(read)
        patched = PatchedHeads(
            component,
            rows=list(range(n * len(heads))),
            heads=heads * n,
            values=_of_whole_text(base, layer, component, heads, read, frozen.begin),
        )
        final = yield from wave(
            base, {layer: patched}, begin=frozen.begin, last_only=reading.last_only
        )
        rows = base.whole(final, last_only=reading.last_only)
        found = yield from reading.effects(base.model, rows)
        values[:, frozen.order[part]] = np.array(found).reshape(n, len(heads)).T
        frozen.count(len(patched), float(base.model.n_layers - layer))
    return PathEffects(layer, which, values, frozen.passes - before)


def _parts(frozen: FrozenRows, n_heads: int) -> Iterator[slice]:
    """Senders, as many as fill a slice with a row for each head."""
    positions = frozen.base.n_tokens - frozen.begin
    at_once = rows_at_once(frozen.base.model, positions * n_heads)
    for start in range(0, len(frozen.order), at_once):
        yield slice(start, min(start + at_once, len(frozen.order)))


@torch.inference_mode()
def _of_whole_text(
    base: BaseRun,
    layer: int,
    component: HeadInput,
    heads: list[int],
    read: Float[Tensor, "row head pos d_head"],
    begin: int,
) -> Float[Tensor, "edit text d_head"]:
    """Keys and values with those that all rows share in front; queries need no others."""
    if component != "q" and begin:
        shared = base.seen[f"attn.hook_{component}"][layer][:, :begin, heads].transpose(1, 2)
        read = torch.cat([shared.expand(len(read), -1, -1, -1), read], dim=2)
    return read.flatten(0, 1)


def _with_all(
    base: BaseRun,
    recorded: dict[tuple[int, HeadInput], tuple[list[int], Tensor]],
    first_layer: int,
    begin: int,
    part: slice,
    last_only: bool,
) -> Generator[object, None, Float[Tensor, "row pos d_model"]]:
    """The final residual stream of some senders' rows, every receiver patched on the way."""
    n_rows, surgery = part.stop - part.start, base.surgery()
    if first_layer and surgery.needs_below(first_layer):
        below = raw_patterns(base.model, first_layer - 1, base.stream[first_layer - 1])
        surgery.pattern = below[:, :, begin:].expand(n_rows, -1, -1, -1)

    def put(component: HeadInput, layer: int, value: Tensor) -> Tensor | None:
        if (layer, component) not in recorded:
            return None
        heads, read = recorded[layer, component]
        new = read[part]  # a sender that does not come before the receiver has none
        value = value.clone()
        for place, head in enumerate(heads):
            value[: len(new), :, head] = new[:, place].to(value)
        return value

    final = yield from run(
        base.model,
        base.stream[first_layer][:, begin:].expand(n_rows, -1, -1),
        surgery,
        layers=range(first_layer, base.model.n_layers),
        cache=base.prefix(begin),
        watch={
            "attn.hook_q": lambda layer, value: put("q", layer, value),
            "attn.hook_k": lambda layer, value: put("k", layer, value),
            "attn.hook_v": lambda layer, value: put("v", layer, value),
        },
    )
    return final[:, -1:] if last_only else base.whole(final, last_only=False)
