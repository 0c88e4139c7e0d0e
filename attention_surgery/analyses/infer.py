"""Continue a prompt with and without surgery, and compare the two."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass, fields
from itertools import zip_longest
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from attention_surgery.analyses.arrays import Table
from attention_surgery.analyses.base import AblatedAnalysis, Limit
from attention_surgery.analyses.cost import Cost, Shape
from attention_surgery.analyses.figures import Figure
from attention_surgery.analyses.head_scores import Positions
from attention_surgery.analyses.predictions import (
    Metrics,
    NextToken,
    TokenMetrics,
    compare_next_token,
    compare_predictions,
    summarize,
)
from attention_surgery.analyses.registry import register
from attention_surgery.analyses.result import Progress, Result
from attention_surgery.engine.shape import kept_tokens
from attention_surgery.engine.tokens import Token, TokenLogprob
from attention_surgery.errors import PromptTooLong
from attention_surgery.scripts.infer import inference
from attention_surgery.scripts.script import Script, constants
from attention_surgery.scripts.surgery import surgery

if TYPE_CHECKING:
    from attention_surgery.engine.drawing import Drawn
    from attention_surgery.engine.generation import Pair
    from attention_surgery.engine.model import Model
    from attention_surgery.engine.preparation import Plan
    from attention_surgery.engine.sampling import Sampler

# A decoding step reads all weights for a row or three: as long as so many rows of a prompt.
STEP_PASSES = 40


@dataclass(frozen=True, slots=True)
class GeneratedToken(TokenLogprob):
    """A drawn token; log-probabilities are the model's own, before temperature and top-k."""

    alternatives: Annotated[
        list[TokenLogprob], Field(description="The likeliest tokens here, likeliest first.")
    ]


@dataclass(frozen=True, slots=True)
class Continuation:
    """One stream of new tokens; `text` leaves the end-of-text token out."""

    text: str
    tokens: list[GeneratedToken]
    finish_reason: Literal["length", "end_of_text"]


@dataclass(frozen=True, slots=True)
class PromptRead(Progress):
    """Event `prompt`: the prompt has been read by both runs; generation begins."""

    event: ClassVar[str] = "prompt"

    prompt_tokens: list[Token]
    next_token: NextToken
    per_token: list[TokenMetrics]


@dataclass(frozen=True, slots=True)
class TokenStep(Progress):
    """Event `token`: one decoding step of both streams; null where a stream has ended."""

    event: ClassVar[str] = "token"

    index: int
    control: GeneratedToken | None
    ablated: GeneratedToken | None
    metrics: Annotated[
        TokenMetrics | None, Field(description="Of the control token; null once control ended.")
    ]

    @property
    def tokens(self) -> int:
        return (self.control is not None) + (self.ablated is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inference(Result):
    """Both continuations and how the surgery changed the model's predictions."""

    prompt_tokens: list[Token]
    control: Continuation
    ablated: Continuation
    next_token: NextToken
    metrics: Metrics
    first_difference: Annotated[
        int | None, Field(description="Index in the continuations of the first unequal token.")
    ]
    seed: Annotated[int | None, Field(description="The seed drawn with; null when greedy.")]

    def table(self) -> Table:
        """A row for each predicted token of prompt and control continuation: `TokenMetrics`."""
        per_token = self.metrics.per_token
        names = ["position", *(f.name for f in fields(TokenMetrics) if f.name != "position")]
        return {name: [getattr(token, name) for token in per_token] for name in names}

    def figures(self) -> list[Figure]:
        """The likeliest next tokens, under both runs."""
        return [self.next_token.figure()]


@register
class InferRequest(AblatedAnalysis[Inference]):
    """Continue a prompt with and without the cuts, and compare the two.

    With `max_new_tokens: 0` it asks for the distribution of the next token alone. Above
    temperature 0 both streams draw with the same random numbers, so that they differ by the
    surgery and not by luck.
    """

    name: ClassVar[str] = "infer"
    summary: ClassVar[str] = "Continue a prompt with and without the ablated heads, and compare"
    result: ClassVar[type[Result]] = Inference
    progress: ClassVar[tuple[type[Progress], ...]] = (PromptRead, TokenStep, Metrics)
    example: ClassVar[dict[str, Any]] = {
        "prompt": "When Mary and John went to the store, John gave a drink to",
        "ablations": [{"layer": 9, "head": 6}, {"layer": 10, "head": 0, "method": "mean"}],
        "max_new_tokens": 5,
    }

    max_new_tokens: Annotated[
        int,
        Field(ge=0, le=1_000_000, description="0 asks for the next-token view alone."),
        Limit("max_new_tokens"),
    ] = 20
    temperature: Annotated[
        float, Field(ge=0, le=100, allow_inf_nan=False, description="0 is greedy.")
    ] = 0.0
    top_k: Annotated[
        int | None,
        Field(ge=1, le=10_000_000, description="Sample among the k most likely tokens only."),
        Limit("max_top_k"),
    ] = None
    seed: Annotated[
        int | None,
        Field(ge=0, le=2**53 - 1, description="Same seed, same texts; drawn when absent."),
    ] = None
    alternatives: Annotated[
        int,
        Field(ge=1, le=10_000_000, description="How many likely tokens to report per position."),
        Limit("max_top_k"),
    ] = 5
    positions: Annotated[
        Positions,
        Field(
            description="Where the runs are compared in the prompt: at all its tokens, or for the "
            "next-token view at the last alone, which takes less time and leaves the metrics out."
        ),
    ] = "all"

    @model_validator(mode="after")
    def _measures_a_text(self) -> InferRequest:
        if self.positions == "last" and self.max_new_tokens > 0:
            raise ValueError(
                "the metrics of new tokens are means over the prompt too: leave positions out, or "
                "ask for max_new_tokens 0"
            )
        return self

    @property
    def shareable(self) -> bool:
        return self.temperature == 0 or self.seed is not None

    def cost(self, shape: Shape, n_tokens: int) -> Cost:
        runs = 2 if self.ablations else 1
        rows = runs + (1 if self.ablations else 0)
        compared = n_tokens if self.positions == "all" else 1
        read = runs * (n_tokens + compared * shape.unembedding)
        room = kept_tokens(n_tokens + self.max_new_tokens) if self.max_new_tokens > 1 else 0
        kept = 2 * rows * shape.n_layers * room * shape.d_model
        logits = 4 * runs * min(compared, 64) * shape.d_vocab
        return Cost(
            passes=read + STEP_PASSES * self.max_new_tokens,
            numbers_held=kept
            + max(logits, shape.activations(runs, n_tokens) + shape.patterns(runs, n_tokens)),
            numbers_told=self.max_new_tokens * (4 * self.alternatives + 10) + 6 * compared,
        )

    def script(self) -> Script:
        sampled = self.temperature > 0
        settings = constants(
            MAX_NEW_TOKENS=self.max_new_tokens,
            TEMPERATURE=self.temperature if sampled else None,
            TOP_K=self.top_k if sampled else None,
            SEED=self.seed or 0 if sampled else None,
        )
        generation = inference(sampled=sampled, top_k=self.top_k is not None)
        return Script([*surgery(self.ablations), *generation], settings)

    def steps(self, model: Model) -> Generator[object, None, Inference]:
        from attention_surgery.engine.preparation import plan
        from attention_surgery.engine.prompt import check_count, read_prompt
        from attention_surgery.engine.sampling import Sampler

        ids = read_prompt(model, self.prompt, self.prepend_bos)
        if len(ids) + self.max_new_tokens > model.n_ctx:
            raise PromptTooLong(
                f"{len(ids)} prompt tokens and {self.max_new_tokens} new tokens do not fit into "
                f"the {model.n_ctx} tokens {model.name} can read: shorten the prompt, or ask for "
                f"0 to {model.n_ctx - len(ids)} new tokens."
            )
        check_count("alternatives", self.alternatives, model.d_vocab)
        sampler = (
            Sampler(model, self.temperature, self.top_k, self.seed) if self.temperature else None
        )
        return self._steps(
            model, ids, plan(model, self.ablations, len(ids), self.prepend_bos), sampler
        )

    def _steps(
        self, model: Model, ids: list[int], plan: Plan, sampler: Sampler | None
    ) -> Generator[object, None, Inference]:
        from attention_surgery.engine.generation import Pair

        ready = yield from plan.prepare(model)
        last_only = self.positions == "last"
        pair = Pair(model, ids, ready, self.max_new_tokens, last_only=last_only)
        yield from pair.read()
        per_token = []
        for first in pair.parts:
            both = yield from pair.predictions(first)
            targets = ids[first + 1 : first + 1 + len(both.kl)]
            per_token += compare_predictions(model, both, targets, first + 1)
        next_token = compare_next_token(model, pair.same_text, self.alternatives)
        prompt_tokens = model.tokens(ids)
        yield PromptRead(prompt_tokens, next_token, list(per_token))

        streams: tuple[list[GeneratedToken], list[GeneratedToken]] = ([], [])
        per_token += yield from self._decode(model, pair, streams, sampler)
        metrics = summarize(per_token)
        yield metrics
        texts = [_continuation(model, stream) for stream in streams]
        return Inference(
            model=model.name,
            provenance=self._with_seed(sampler).provenance(model),
            warnings=plan.warnings,
            prompt_tokens=prompt_tokens,
            control=texts[0],
            ablated=texts[1],
            next_token=next_token,
            metrics=metrics,
            first_difference=_first_difference(*texts),
            seed=sampler.seed if sampler else None,
        )

    def _decode(
        self,
        model: Model,
        pair: Pair,
        streams: tuple[list[GeneratedToken], list[GeneratedToken]],
        sampler: Sampler | None,
    ) -> Generator[object, None, list[TokenMetrics]]:
        """Draw token by token until both streams have ended; each is appended to its stream."""
        live: list[TokenMetrics] = []
        for index in range(self.max_new_tokens):
            if index:
                yield from pair.advance(*(stream[-1].id for stream in streams))
            drawn = yield from pair.draw(sampler, self.alternatives)
            told = [
                GeneratedToken(token.id, token.text, token.logprob, likely)
                for token, likely in zip(drawn.tokens, drawn.likely, strict=True)
            ]
            tokens = [
                None if _ended(model, stream) else token
                for stream, token in zip(streams, told, strict=True)
            ]
            for stream, token in zip(streams, tokens, strict=True):
                stream.extend([token] if token else [])
            metrics = _live_metrics(pair, tokens[0], drawn)
            live += [metrics] if metrics else []
            yield TokenStep(index, tokens[0], tokens[1], metrics)
            if all(_ended(model, stream) for stream in streams):
                break
        return live

    def _with_seed(self, sampler: Sampler | None) -> InferRequest:
        """This request with the seed that was drawn for it: provenance gives the same texts."""
        return self if sampler is None else self.model_copy(update={"seed": sampler.seed})


def infer(
    model: Model, prompt: str, ablations: Iterable[object] = (), **settings: Any
) -> Inference:
    """Continue a prompt with and without surgery and compare the two.

    Args:
        ablations: interventions, or what stands for them: `"L9H6"`, `"L9H6m*0.5"`, `(9, 6)`.
        settings: the other fields of `InferRequest`: max_new_tokens, temperature, top_k, seed,
            alternatives, positions, prepend_bos.

    Raises:
        InvalidPrompt, PromptTooLong, InvalidSetting, UnknownHead, DuplicateHead
    """
    request = InferRequest.ask(prompt=prompt, ablations=tuple(ablations), **settings)
    return request.run(model)


def _ended(model: Model, stream: list[GeneratedToken]) -> bool:
    return bool(stream) and stream[-1].id == model.eos_id


def _live_metrics(pair: Pair, token: GeneratedToken | None, drawn: Drawn) -> TokenMetrics | None:
    if token is None:
        return None
    logprobs = token.logprob, drawn.ablated_logprob
    return TokenMetrics(
        token.id, token.text, pair.position, drawn.kl, *logprobs, drawn.top1_changed
    )


def _continuation(model: Model, stream: list[GeneratedToken]) -> Continuation:
    text = model.decode([token.id for token in stream])
    return Continuation(text, stream, "end_of_text" if _ended(model, stream) else "length")


def _first_difference(control: Continuation, ablated: Continuation) -> int | None:
    pairs = zip_longest(control.tokens, ablated.tokens)
    return next((i for i, (a, b) in enumerate(pairs) if not (a and b and a.id == b.id)), None)
