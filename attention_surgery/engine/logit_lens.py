"""What the model would say if it stopped after each layer.

Source: nostalgebraist 2020, "interpreting GPT: the logit lens".
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, fields

import torch
from jaxtyping import Float, Int
from torch import Tensor

from attention_surgery.engine.forward import final_norm, unembed
from attention_surgery.engine.largest import largest
from attention_surgery.engine.metrics import entropy
from attention_surgery.engine.model import Model
from attention_surgery.engine.ready import Ready
from attention_surgery.engine.surgery import Surgery
from attention_surgery.engine.two_runs import two_runs

# How many likely final tokens of each run are followed through all layers.
TRACKED_PER_RUN = 4
# Rows of logits of one run held at once: 13 MB for GPT-2's vocabulary.
READOUT_ROWS = 64


@dataclass(slots=True)
class Readouts:
    """What one run's lens shows at some positions; layer 0 is the embedding."""

    top_ids: Int[Tensor, "layer pos top_k"]
    top_probs: Float[Tensor, "layer pos top_k"]
    target_prob: Float[Tensor, "layer pos"]
    target_rank: Int[Tensor, "layer pos"]
    entropy: Float[Tensor, "layer pos"]
    kl_to_final: Float[Tensor, "layer pos"]
    tracked_probs: Float[Tensor, "layer pos tracked"]


@dataclass(frozen=True, slots=True)
class Part:
    """Some positions of the lens: both runs' readouts and the tokens they follow."""

    targets: list[int]
    tracked: list[list[int]]
    runs: list[Readouts]


def residual_streams(
    model: Model, ids: Sequence[int], cuts: Sequence[Ready], positions: Sequence[int]
) -> Generator[object, None, Float[Tensor, "run layer pos d_model"]]:
    """The final LayerNorm of the residual stream before each block and after the last.

    Control and, if anything is cut, the ablated run, which are one until the first cut.
    """
    surgery = Surgery(model, [(slice(1, None), cuts)])
    n_runs = 1 if surgery.first_layer is None else 2
    places = list(positions)
    streams: list[Tensor] = []

    def keep(_layer: int, resid: Tensor) -> None:
        streams.append(final_norm(model, resid[:, places]).expand(n_runs, -1, -1))

    keep(model.n_layers, (yield from two_runs(model, ids, surgery, see=keep)))
    return torch.stack(streams, dim=1)


def read(
    model: Model,
    streams: Float[Tensor, "run layer pos d_model"],
    following: Sequence[int | None],
    top_k: int,
) -> Generator[object, None, list[Part]]:
    """The lens of some residual streams, a bounded number of positions and layers at a time.

    Args:
        following: the token whose probability and rank is followed at each position; where None,
            the control run's likeliest.
    """
    parts = []
    for first in range(0, streams.shape[2], READOUT_ROWS):
        span = slice(first, first + READOUT_ROWS)
        parts.append((yield from _read_part(model, streams[:, :, span], following[span], top_k)))
    return parts


def _read_part(
    model: Model, streams: Tensor, following: Sequence[int | None], top_k: int
) -> Generator[object, None, Part]:
    final = _logprobs(model, streams[:, -1])
    likely = final.topk(min(TRACKED_PER_RUN, model.d_vocab), dim=-1).indices
    best = likely[0, :, 0].tolist()
    targets = [best[i] if token is None else token for i, token in enumerate(following)]
    # Control's first, ablated's first, control's second, …
    tracked = _equally_long(likely.permute(1, 2, 0).flatten(1).tolist())
    reader = _Reader(final, targets, tracked, top_k, n_layers=streams.shape[1])
    n_runs, last = streams.shape[0], streams.shape[1] - 1
    alike = min(_alike(streams), last)
    at_once = max(1, READOUT_ROWS // streams.shape[2])
    for runs, layers in (
        (range(n_runs), range(alike)),
        *((range(one, one + 1), range(alike, last)) for one in range(n_runs)),
    ):
        for first in layers[::at_once]:
            some = slice(first, min(first + at_once, layers.stop))
            reader.read(runs, _logprobs(model, streams[runs.start, some]))
            yield some.stop
    for one in range(n_runs):
        reader.read(range(one, one + 1), final[one : one + 1])
        yield streams.shape[1]
    return Part(targets, tracked, reader.readouts)


def _alike(streams: Float[Tensor, "run layer pos d_model"]) -> int:
    """How many layers all runs have in common."""
    different = (streams != streams[:1]).flatten(2).any(-1).any(0)
    return int(different.int().argmax()) if different.any() else len(different)


@torch.inference_mode()
def _logprobs(model: Model, normalized: Tensor) -> Tensor:
    return unembed(model, normalized).log_softmax(-1)


class _Reader:
    """Reads out what all layers say at some positions, in the order of the layers.

    What is read goes into its place at once: small results kept between large ones that are
    forgotten would leave holes in the heap, each too small for the next.

    Args:
        final: of each run, what the last one says.

    Attributes:
        readouts: of each run; whole once all layers are read.
    """

    def __init__(
        self,
        final: Float[Tensor, "run pos d_vocab"],
        targets: list[int],
        tracked: list[list[int]],
        top_k: int,
        n_layers: int,
    ) -> None:
        self._final, self._top_k = final, top_k
        self._targets = torch.tensor(targets, device=final.device)[:, None]
        self._tracked = torch.tensor(tracked, device=final.device)
        with torch.inference_mode():
            self._final_p = final.exp()
        shape, ids = (n_layers, final.shape[1]), self._targets.dtype
        self._read = [0] * len(final)
        self.readouts = [
            Readouts(
                top_ids=final.new_empty(*shape, top_k, dtype=ids),
                top_probs=final.new_empty(*shape, top_k),
                target_prob=final.new_empty(shape),
                target_rank=final.new_empty(shape, dtype=ids),
                entropy=final.new_empty(shape),
                kl_to_final=final.new_empty(shape),
                tracked_probs=final.new_empty(*shape, self._tracked.shape[1]),
            )
            for _ in final
        ]

    @torch.inference_mode()
    def read(self, runs: range, logprobs: Float[Tensor, "layer pos d_vocab"]) -> None:
        """What these runs say after the next few layers."""
        n_layers = len(logprobs)
        top, top_ids = largest(logprobs, self._top_k)
        of_target = logprobs.gather(-1, self._targets.expand(n_layers, -1, -1))
        followed = logprobs.gather(-1, self._tracked.expand(n_layers, -1, -1)).exp()
        room = torch.empty_like(logprobs)  # ones that are floats are counted four times as fast
        rank = torch.gt(logprobs, of_target, out=room).sum(-1).long()
        nats = entropy(logprobs)
        for one in runs:
            away = torch.sub(self._final[one], logprobs, out=room)
            kl = torch.linalg.vecdot(self._final_p[one], away).clamp(min=0)
            found = (top_ids, top.exp(), of_target[..., 0].exp(), rank, nats, kl, followed)
            layers = slice(self._read[one], self._read[one] + n_layers)
            self._read[one] = layers.stop
            for field, value in zip(fields(Readouts), found, strict=True):
                getattr(self.readouts[one], field.name)[layers] = value


def joined(parts: Sequence[Part]) -> Part:
    """Parts side by side; every position follows as many tokens as the one that has fewest."""
    n_tracked = min(len(part.tracked[0]) for part in parts)
    for part in parts:
        for readouts in part.runs:
            readouts.tracked_probs = readouts.tracked_probs[..., :n_tracked]
    return Part(
        targets=[target for part in parts for target in part.targets],
        tracked=[row[:n_tracked] for part in parts for row in part.tracked],
        runs=[Readouts(*_side_by_side(run)) for run in zip(*(p.runs for p in parts), strict=True)],
    )


def _side_by_side(runs: Sequence[Readouts]) -> Iterator[Tensor]:
    for field in fields(Readouts):
        yield torch.cat([getattr(run, field.name) for run in runs], dim=1)


def _equally_long(rows: list[list[int]]) -> list[list[int]]:
    """Without repeats, each row cut to the length of the shortest."""
    unique = [list(dict.fromkeys(row)) for row in rows]
    shortest = min(map(len, unique))
    return [row[:shortest] for row in unique]
