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
from attention_surgery.engine.metrics import entropy
from attention_surgery.engine.model import Model
from attention_surgery.engine.ready import Ready
from attention_surgery.engine.run import embedded, run
from attention_surgery.engine.surgery import Surgery

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

    Control and, if anything is cut, the ablated run.
    """
    surgery = Surgery(model, [(slice(1, None), cuts)])
    n_runs = 1 if surgery.first_layer is None else 2
    places = list(positions)
    streams: list[Tensor] = []

    def keep(_layer: int, resid: Tensor) -> None:
        streams.append(final_norm(model, resid[:, places]))

    resid = embedded(model, [ids]).expand(n_runs, -1, -1)
    resid = yield from run(model, resid, surgery, watch={"hook_resid_pre": keep})
    keep(model.n_layers, resid)
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
    n_layers = streams.shape[1]
    at_once = max(1, READOUT_ROWS // streams.shape[2])
    runs = []
    for stream, end in zip(streams, final, strict=True):
        columns = []
        for first in range(0, n_layers, at_once):
            layers = stream[first : first + at_once]
            columns.append(_readouts(model, layers, end, targets, tracked, top_k))
            yield min(first + at_once, n_layers)
        runs.append(Readouts(*(torch.cat(column) for column in zip(*columns, strict=True))))
    return Part(targets, tracked, runs)


@torch.inference_mode()
def _logprobs(model: Model, normalized: Tensor) -> Tensor:
    return unembed(model, normalized).log_softmax(-1)


@torch.inference_mode()
def _readouts(
    model: Model,
    layers: Float[Tensor, "layer pos d_model"],
    final: Float[Tensor, "pos d_vocab"],
    targets: list[int],
    tracked: list[list[int]],
    top_k: int,
) -> tuple[Tensor, ...]:
    logprobs = _logprobs(model, layers)
    n_layers, device = len(logprobs), logprobs.device
    top, top_ids = logprobs.topk(top_k)
    wanted = torch.tensor(targets, device=device)[:, None].expand(n_layers, -1, -1)
    of_target = logprobs.gather(-1, wanted)
    followed = torch.tensor(tracked, device=device).expand(n_layers, -1, -1)
    return (
        top_ids,
        top.exp(),
        of_target[..., 0].exp(),
        (logprobs > of_target).sum(-1),
        entropy(logprobs),
        (final.exp() * (final - logprobs)).sum(-1).clamp(min=0),
        logprobs.gather(-1, followed).exp(),
    )


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
