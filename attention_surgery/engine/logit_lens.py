"""Logit lens: what the model would say if it stopped after each layer.

Source: nostalgebraist 2020, "interpreting GPT: the logit lens".
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, fields

import torch
from jaxtyping import Float, Int
from torch import Tensor

from attention_surgery.engine.ablation import (
    HeadAblation,
    check_ablations,
    surgery,
    surgery_warnings,
)
from attention_surgery.engine.forward import embed, final_norm, run_block, unembed
from attention_surgery.engine.metrics import entropy
from attention_surgery.engine.model import Model
from attention_surgery.engine.prompt import check_count, read_prompt
from attention_surgery.engine.steps import drain
from attention_surgery.engine.tokens import Token
from attention_surgery.errors import InvalidSetting

# How many likely final tokens of each run are followed through all layers.
TRACKED_PER_RUN = 4
# Rows of logits held at once: 13 MB for GPT-2's vocabulary.
READOUT_ROWS = 64


@dataclass(frozen=True, slots=True)
class LensRun:
    """Readouts of one run; every list begins [layer][position], layer 0 is the embedding.

    `top_ids`, `top_probs` [.., top_k] are likeliest first; `target_rank` 0 is the likeliest;
    `entropy` and `kl_to_final` = KL(final‖layer) are in nats; `tracked_probs` [.., tracked token].
    """

    top_ids: list[list[list[int]]]
    top_probs: list[list[list[float]]]
    target_prob: list[list[float]]
    target_rank: list[list[int]]
    entropy: list[list[float]]
    kl_to_final: list[list[float]]
    tracked_probs: list[list[list[float]]]


@dataclass(frozen=True, slots=True)
class LogitLens:
    """The lens of both runs at the chosen positions.

    `targets` [position] is the token whose probability and rank is followed, `tracked`
    [position][token] are both runs' likeliest tokens after the last layer.
    """

    prompt_tokens: list[Token]
    positions: list[int]
    layers: list[str]
    targets: list[int]
    tracked: list[list[int]]
    control: LensRun
    ablated: LensRun
    token_texts: dict[int, str]
    warnings: list[str]


def logit_lens(
    model: Model,
    prompt: str,
    ablations: Sequence[HeadAblation] = (),
    *,
    continuation: Sequence[int] = (),
    top_k: int = 5,
    positions: Sequence[int] | None = None,
    target: int | None = None,
    prepend_bos: bool = True,
) -> LogitLens:
    """Final LayerNorm and unembedding applied after the embedding and after every block.

    Args:
        continuation: token ids read after the prompt, e.g. of a generated text.
        positions: all when None; negative ones count from the end.
        target: token id to follow; None follows the token the text really has next, and at the
            last position the control run's likeliest token.

    Raises:
        InvalidPrompt, PromptTooLong, InvalidSetting, UnknownHead, DuplicateHead
    """
    return drain(
        logit_lens_steps(
            model,
            prompt,
            ablations,
            continuation=continuation,
            top_k=top_k,
            positions=positions,
            target=target,
            prepend_bos=prepend_bos,
        )
    )


def logit_lens_steps(
    model: Model,
    prompt: str,
    ablations: Sequence[HeadAblation] = (),
    *,
    continuation: Sequence[int] = (),
    top_k: int = 5,
    positions: Sequence[int] | None = None,
    target: int | None = None,
    prepend_bos: bool = True,
) -> Generator[int, None, LogitLens]:
    """`logit_lens` as a job that yields the number of layers read so far; see `infer_steps`."""
    ids = read_prompt(model, prompt, prepend_bos, continuation)
    cuts = check_ablations(ablations, model.n_layers, model.n_heads)
    check_count("top_k", top_k, model.d_vocab)
    chosen = [_position(p, len(ids)) for p in range(len(ids))] if positions is None else []
    chosen = chosen or [_position(p, len(ids)) for p in positions or ()]
    if not chosen:
        raise InvalidSetting("positions is empty: name at least one, or leave it out for all.")
    if target is not None and not 0 <= target < model.d_vocab:
        raise InvalidSetting(
            f"The target token {target} does not exist: ids are 0–{model.d_vocab - 1}."
        )
    return _run(model, ids, cuts, top_k, chosen, target)


def _position(position: int, n_tokens: int) -> int:
    if not -n_tokens <= position < n_tokens:
        raise InvalidSetting(
            f"There is no position {position}: the text has {n_tokens} tokens, 0–{n_tokens - 1}."
        )
    return position % n_tokens


def _run(
    model: Model,
    ids: list[int],
    cuts: tuple[HeadAblation, ...],
    top_k: int,
    positions: list[int],
    target: int | None,
) -> Generator[int, None, LogitLens]:
    streams = _residual_streams(model, ids, cuts, positions)  # [run, layer, position, d_model]
    reader = _Reader(model, streams[:, -1], ids, positions, top_k, target)
    runs = [LensRun([], [], [], [], [], [], []) for _ in streams]
    n_readouts = model.n_layers + 1
    at_once = max(1, READOUT_ROWS // len(positions))
    for first in range(0, n_readouts, at_once):
        layers = streams[:, first : first + at_once]
        for run, final, normalized in zip(runs, reader.final, layers, strict=True):
            reader.read(run, final, normalized)
        yield min(first + at_once, n_readouts)
    shown = {*reader.targets, *(i for row in reader.tracked for i in row)}
    shown |= {i for run in runs for layer in run.top_ids for place in layer for i in place}
    return LogitLens(
        prompt_tokens=model.tokens(ids),
        positions=positions,
        layers=["embed", *(f"L{layer}" for layer in range(model.n_layers))],
        targets=reader.targets,
        tracked=reader.tracked,
        control=runs[0],
        ablated=runs[-1],
        token_texts={i: model.token_text(i) for i in sorted(shown)},
        warnings=surgery_warnings(cuts),
    )


@torch.inference_mode()
def _residual_streams(
    model: Model, ids: list[int], cuts: tuple[HeadAblation, ...], positions: list[int]
) -> Float[Tensor, "run layer pos d_model"]:
    """After the final LayerNorm: control and, if anything is cut, ablated."""
    device = model.weights.embed.device
    resid = embed(model, torch.tensor([ids], device=device)).expand(2 if cuts else 1, -1, -1)
    streams = [final_norm(model, resid[:, positions])]
    with surgery(model.hooked, cuts, slice(1, None)):
        for layer in range(model.n_layers):
            resid = run_block(model, layer, resid)
            streams.append(final_norm(model, resid[:, positions]))
    return torch.stack(streams, dim=1)


class _Reader:
    """Turns residual streams into readouts; holds each run's final log-probabilities."""

    @torch.inference_mode()
    def __init__(
        self,
        model: Model,
        final: Float[Tensor, "run pos d_model"],
        ids: list[int],
        positions: list[int],
        top_k: int,
        target: int | None,
    ) -> None:
        self._model = model
        self._top_k = top_k
        self.final = [unembed(model, run).log_softmax(-1) for run in final]
        likely = [run.topk(min(TRACKED_PER_RUN, model.d_vocab)).indices for run in self.final]
        in_turn = torch.stack(likely, dim=-1).flatten(-2)  # control's first, ablated's first, …
        self.tracked = _equally_long(in_turn.tolist())
        following = dict(enumerate(ids[1:])) if target is None else {}
        best = likely[0][:, 0].tolist()
        self.targets: list[int] = [
            following.get(p, best[i]) if target is None else target for i, p in enumerate(positions)
        ]

    @torch.inference_mode()
    def read(
        self,
        run: LensRun,
        final: Float[Tensor, "pos d_vocab"],
        normalized: Float[Tensor, "layer pos d_model"],
    ) -> None:
        """Append the readouts of some layers to a run; they share one product."""
        device = final.device
        targets = torch.tensor(self.targets, device=device)[:, None]
        tracked = torch.tensor(self.tracked, device=device)
        columns: list[list[Tensor]] = [[] for _ in range(7)]
        others = (x.split(READOUT_ROWS) for x in (final, targets, tracked))
        for part, *rest in zip(normalized.split(READOUT_ROWS, dim=1), *others, strict=True):
            logprobs = unembed(self._model, part).log_softmax(-1)
            for column, values in zip(columns, self._readouts(logprobs, *rest), strict=True):
                column.append(values)
        for field, column in zip(fields(run), columns, strict=True):
            getattr(run, field.name).extend(torch.cat(column, dim=1).tolist())

    def _readouts(
        self,
        logprobs: Float[Tensor, "layer pos d_vocab"],
        final: Float[Tensor, "pos d_vocab"],
        targets: Int[Tensor, "pos 1"],
        tracked: Int[Tensor, "pos tracked"],
    ) -> tuple[Tensor, ...]:
        n_layers = len(logprobs)
        top, top_ids = logprobs.topk(self._top_k)
        of_target = logprobs.gather(-1, targets.expand(n_layers, -1, -1))
        kl_to_final = (final.exp() * (final - logprobs)).sum(-1).clamp(min=0)
        return (
            top_ids,
            top.exp(),
            of_target[..., 0].exp(),
            (logprobs > of_target).sum(-1),
            entropy(logprobs),
            kl_to_final,
            logprobs.gather(-1, tracked.expand(n_layers, -1, -1)).exp(),
        )


def _equally_long(rows: list[list[int]]) -> list[list[int]]:
    """Without repeats, each row cut to the length of the shortest."""
    unique = [list(dict.fromkeys(row)) for row in rows]
    shortest = min(map(len, unique))
    return [row[:shortest] for row in unique]
