"""Control and ablated continuations of one prompt, decoded side by side in one batch."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from attention_surgery.engine.ablation import (
    HeadAblation,
    check_ablations,
    surgery,
    surgery_warnings,
)
from attention_surgery.engine.comparison import (
    Metrics,
    NextToken,
    TokenMetrics,
    compare_next_token,
    compare_predictions,
    summarize,
)
from attention_surgery.engine.forward import (
    KeyValueCache,
    embed,
    final_norm,
    run_block,
    unembed,
)
from attention_surgery.engine.model import Model
from attention_surgery.engine.prompt import check_count, read_prompt
from attention_surgery.engine.sampling import Sampler
from attention_surgery.engine.steps import drain
from attention_surgery.engine.tokens import Token, TokenLogprob
from attention_surgery.errors import InvalidSetting, PromptTooLong

FinishReason = Literal["length", "end_of_text"]

# Positions unembedded at a time: 64 rows of GPT-2's vocabulary are 13 MB.
UNEMBED_POSITIONS = 64


@dataclass(frozen=True, slots=True)
class GeneratedToken(TokenLogprob):
    """A drawn token with the model's likeliest tokens at its place, likeliest first.

    Log-probabilities are the model's own, before temperature and top-k.
    """

    alternatives: list[TokenLogprob]


@dataclass(frozen=True, slots=True)
class Continuation:
    """One stream of new tokens; `text` leaves the end-of-text token out."""

    text: str
    tokens: list[GeneratedToken]
    finish_reason: FinishReason


@dataclass(frozen=True, slots=True)
class PromptRead:
    """Progress: the prompt has been read by both runs."""

    prompt_tokens: list[Token]
    next_token: NextToken
    per_token: list[TokenMetrics]


@dataclass(frozen=True, slots=True)
class TokenStep:
    """Progress: one decoding step; None for a stream that has ended."""

    index: int
    control: GeneratedToken | None
    ablated: GeneratedToken | None
    metrics: TokenMetrics | None


@dataclass(frozen=True, slots=True)
class Inference:
    """Both continuations and how the surgery changed the model's predictions."""

    prompt_tokens: list[Token]
    control: Continuation
    ablated: Continuation
    next_token: NextToken
    metrics: Metrics
    first_difference: int | None
    seed: int | None
    warnings: list[str]


def infer(
    model: Model,
    prompt: str,
    ablations: Sequence[HeadAblation] = (),
    *,
    max_new_tokens: int = 20,
    temperature: float = 0.0,
    top_k: int | None = None,
    seed: int | None = None,
    alternatives: int = 5,
    prepend_bos: bool = True,
) -> Inference:
    """Continue a prompt with and without surgery and compare the two.

    Args:
        ablations: the heads to cut, each at most once.
        max_new_tokens: 0 asks for the next-token view alone.
        temperature: 0 is greedy; else both streams draw with the same random numbers, so that
            they differ by the surgery and not by luck.
        top_k: draw among the k likeliest tokens only.
        seed: same seed, same texts; drawn (and reported) when None and temperature > 0.
        alternatives: how many likely tokens to report per position.

    Raises:
        InvalidPrompt, PromptTooLong, InvalidSetting, UnknownHead, DuplicateHead
    """
    return drain(
        infer_steps(
            model,
            prompt,
            ablations,
            max_new_tokens=max_new_tokens,
            temperature=temperature,
            top_k=top_k,
            seed=seed,
            alternatives=alternatives,
            prepend_bos=prepend_bos,
        )
    )


def infer_steps(
    model: Model,
    prompt: str,
    ablations: Sequence[HeadAblation] = (),
    *,
    max_new_tokens: int = 20,
    temperature: float = 0.0,
    top_k: int | None = None,
    seed: int | None = None,
    alternatives: int = 5,
    prepend_bos: bool = True,
) -> Generator[PromptRead | TokenStep, None, Inference]:
    """`infer` as a job that yields after reading the prompt and after each token.

    Arguments are checked at the call, work begins at the first `next`. No hook is installed at a
    yield, so other work may use the model in between; `close` cancels.
    """
    ids = read_prompt(model, prompt, prepend_bos)
    cuts = check_ablations(ablations, model.n_layers, model.n_heads)
    if max_new_tokens < 0 or len(ids) + max_new_tokens > model.n_ctx:
        raise PromptTooLong(
            f"{len(ids)} prompt tokens and {max_new_tokens} new tokens do not fit into the "
            f"{model.n_ctx} tokens {model.name} can read: shorten the prompt, or ask for "
            f"0 to {model.n_ctx - len(ids)} new tokens."
        )
    check_count("alternatives", alternatives, model.d_vocab)
    if temperature < 0:
        raise InvalidSetting(f"temperature is {temperature}: it must be 0 (greedy) or more.")
    sampler = Sampler(model, temperature, top_k, seed) if temperature > 0 else None
    return _run(model, ids, cuts, max_new_tokens, alternatives, sampler)


def _run(
    model: Model,
    ids: list[int],
    cuts: tuple[HeadAblation, ...],
    max_new_tokens: int,
    n_alternatives: int,
    sampler: Sampler | None,
) -> Generator[PromptRead | TokenStep, None, Inference]:
    pair = _Pair(model, ids, cuts, len(ids) + max_new_tokens)
    per_token = pair.prompt_metrics()
    next_token = pair.next_token(n_alternatives)
    prompt_tokens = model.tokens(ids)
    yield PromptRead(prompt_tokens, next_token, per_token)

    streams: tuple[list[GeneratedToken], ...] = ([], [])
    for index in range(max_new_tokens):
        step = pair.choose(index, streams, sampler, n_alternatives)
        for stream, token in zip(streams, (step.control, step.ablated), strict=True):
            if token is not None:
                stream.append(token)
        if step.metrics is not None:
            per_token = [*per_token, step.metrics]
        yield step
        ended = [stream[-1].id == model.eos_id for stream in streams]
        if all(ended) or index == max_new_tokens - 1:
            break
        pair.advance([stream[-1].id for stream in streams])

    control, ablated = (_continuation(model, stream) for stream in streams)
    return Inference(
        prompt_tokens=prompt_tokens,
        control=control,
        ablated=ablated,
        next_token=next_token,
        metrics=summarize(per_token),
        first_difference=_first_difference(control, ablated),
        seed=sampler.seed if sampler else None,
        warnings=surgery_warnings(cuts),
    )


class _Pair:
    """The state of both runs: control, ablated, and ablated fed the control's text.

    Three rows of one batch (one, where nothing is cut), so that weights are read once a step. The
    third row gives the teacher-forced ablated distribution, hence metrics, while tokens arrive.
    """

    def __init__(
        self, model: Model, ids: list[int], cuts: tuple[HeadAblation, ...], capacity: int
    ) -> None:
        self._model = model
        self._ids = ids
        self._cuts = cuts
        self._control, self._ablated, self._forced = (0, 1, 2) if cuts else (0, 0, 0)
        self._cache = KeyValueCache(model, self._forced + 1, capacity)
        self._position = len(ids)  # of the token that `_logprobs` predicts
        self._logprobs: Float[Tensor, "row d_vocab"]

    @torch.inference_mode()
    def prompt_metrics(self) -> list[TokenMetrics]:
        """Read the prompt; how both runs predict its tokens but the first."""
        normalized = self._read_prompt()
        n_positions = len(self._ids)
        metrics: list[TokenMetrics] = []
        for start in range(0, n_positions, UNEMBED_POSITIONS):
            part = normalized[:, start : start + UNEMBED_POSITIONS]
            logprobs = unembed(self._model, part).log_softmax(-1)
            targets = self._ids[start + 1 : start + 1 + part.shape[1]]
            metrics += compare_predictions(
                self._model, logprobs[0], logprobs[-1], targets, start + 1
            )
        rows = [0, -1, -1] if self._cuts else [0]
        self._logprobs = logprobs[rows, -1]
        return metrics

    def _read_prompt(self) -> Float[Tensor, "row pos d_model"]:
        """One row until the first cut, then control and ablated."""
        model, device = self._model, self._model.weights.embed.device
        first_difference = min((_first_layer_seen(cut) for cut in self._cuts), default=None)
        resid = embed(model, torch.tensor([self._ids], device=device))
        with surgery(model.hooked, self._cuts, slice(1, None)):
            for layer in range(model.n_layers):
                if layer == first_difference:
                    resid = resid.expand(2, -1, -1)
                resid = run_block(model, layer, resid, self._cache)
        self._cache.length = len(self._ids)
        return final_norm(model, resid)

    @torch.inference_mode()
    def advance(self, last_ids: list[int]) -> None:
        """Feed each stream the token it drew last."""
        model = self._model
        control, ablated = last_ids
        tokens = [control, ablated, control] if self._cuts else [control]
        device = model.weights.embed.device
        resid = embed(model, torch.tensor(tokens, device=device)[:, None], self._position)
        with surgery(model.hooked, self._cuts, slice(1, None)):
            for layer in range(model.n_layers):
                resid = run_block(model, layer, resid, self._cache)
        self._cache.length += 1
        self._position += 1
        self._logprobs = unembed(model, final_norm(model, resid[:, -1])).log_softmax(-1)

    @torch.inference_mode()
    def choose(
        self,
        index: int,
        streams: tuple[list[GeneratedToken], ...],
        sampler: Sampler | None,
        n_alternatives: int,
    ) -> TokenStep:
        """Draw the next token of each stream that has not ended."""
        rows = self._logprobs[[self._control, self._ablated]]
        drawn = (sampler(rows) if sampler else rows.argmax(-1)).tolist()
        control, ablated = (
            None
            if stream and stream[-1].id == self._model.eos_id
            else _generated(self._model, row, token_id, n_alternatives)
            for stream, row, token_id in zip(streams, rows, drawn, strict=True)
        )
        metrics = None
        if control is not None:
            forced = self._logprobs[self._forced, None]
            (metrics,) = compare_predictions(
                self._model, rows[:1], forced, [control.id], self._position
            )
        return TokenStep(index, control, ablated, metrics)

    def next_token(self, n_candidates: int) -> NextToken:
        control, ablated = self._logprobs[self._control], self._logprobs[self._ablated]
        return compare_next_token(self._model, control, ablated, n_candidates)


def _first_layer_seen(cut: HeadAblation) -> int:
    """The first layer at which a cut needs control and ablated apart."""
    return max(cut.layer - 1, 0) if cut.method == "previous" else cut.layer


def _generated(
    model: Model, logprobs: Float[Tensor, " d_vocab"], token_id: int, n_alternatives: int
) -> GeneratedToken:
    values, ids = logprobs.topk(n_alternatives)
    alternatives = [
        TokenLogprob(i, model.token_text(i), value)
        for i, value in zip(ids.tolist(), values.tolist(), strict=True)
    ]
    logprob = logprobs[token_id].item()
    return GeneratedToken(token_id, model.token_text(token_id), logprob, alternatives)


def _continuation(model: Model, stream: list[GeneratedToken]) -> Continuation:
    ended = bool(stream) and stream[-1].id == model.eos_id
    text = model.decode([token.id for token in stream])
    return Continuation(text, stream, "end_of_text" if ended else "length")


def _first_difference(control: Continuation, ablated: Continuation) -> int | None:
    pairs = zip_longest(control.tokens, ablated.tokens)
    return next((i for i, (a, b) in enumerate(pairs) if not (a and b and a.id == b.id)), None)
