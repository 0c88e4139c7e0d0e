"""Requests and answers of the REST API; the OpenAPI file is generated from these.

Shapes are written in brackets. Layers, heads and positions count from zero.
`logprob` is a natural logarithm, `prob` lies in [0, 1], divergences are in nats.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

AblationMethod = Literal["zero", "mean", "previous"]
ImportanceMethod = Literal["gradient", "attribution", "l2", "kl"]
Positions = Literal["all", "last"]
ModelState = Literal["unloaded", "downloading", "loading", "ready", "unavailable"]
FinishReason = Literal["length", "end_of_text"]

Index = Annotated[int, Field(ge=0, le=1_000_000)]
TokenId = Annotated[int, Field(ge=0, le=10_000_000)]
Prompt = Annotated[str, Field(description="The text the model reads.")]


class Request(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class HeadAblation(Request):
    """One head to cut, e.g. L9H6, and what its attention pattern becomes."""

    layer: Index
    head: Index
    method: AblationMethod = "zero"


Ablations = Annotated[
    list[HeadAblation], Field(description="Heads to cut; each head at most once.")
]
ModelName = Annotated[
    str | None, Field(description="A name from `GET /models`; the default model when absent.")
]
PrependBos = Annotated[
    bool, Field(description="Put the beginning-of-text token in front, as TransformerLens does.")
]
Continuation_ = Annotated[
    list[TokenId],
    Field(description="Token ids appended to the tokenized prompt, e.g. of a generated text."),
]


class InferRequest(Request):
    prompt: Prompt
    ablations: Ablations = []
    max_new_tokens: Annotated[
        int, Field(ge=0, description="0 asks for the next-token view alone.")
    ] = 20
    temperature: Annotated[float, Field(ge=0, le=100, description="0 is greedy.")] = 0.0
    top_k: Annotated[
        int | None, Field(ge=1, description="Sample among the k most likely tokens only.")
    ] = None
    seed: Annotated[
        int | None,
        Field(ge=0, le=2**53 - 1, description="Same seed, same texts; drawn when absent."),
    ] = None
    alternatives: Annotated[
        int, Field(ge=1, description="How many likely tokens to report per position.")
    ] = 5
    model: ModelName = None
    prepend_bos: PrependBos = True


class ImportanceRequest(Request):
    prompt: Prompt
    method: ImportanceMethod = "gradient"
    ablation_method: Annotated[
        AblationMethod | None,
        Field(description="Only for `kl`, where the default is zero."),
    ] = None
    positions: Annotated[Positions, Field(description="`last` only for `kl`.")] = "all"
    model: ModelName = None
    prepend_bos: PrependBos = True


class LogitLensRequest(Request):
    prompt: Prompt
    continuation: Continuation_ = []
    ablations: Ablations = []
    top_k: Annotated[int, Field(ge=1)] = 5
    positions: Annotated[list[Index] | None, Field(description="All positions when absent.")] = None
    target: Annotated[
        TokenId | None,
        Field(
            description="Token whose probability and rank are followed; when absent, the token "
            "the text really has next, and at the end the control run's likeliest token."
        ),
    ] = None
    model: ModelName = None
    prepend_bos: PrependBos = True


class AttentionRequest(Request):
    prompt: Prompt
    continuation: Continuation_ = []
    ablations: Ablations = []
    layer: Index
    head: Index
    model: ModelName = None
    prepend_bos: PrependBos = True


class TokenizeRequest(Request):
    text: str
    model: ModelName = None
    prepend_bos: PrependBos = True


class Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Token(Answer):
    id: int
    text: str


class TokenLogprob(Token):
    logprob: float


class GeneratedToken(TokenLogprob):
    alternatives: Annotated[
        list[TokenLogprob], Field(description="The likeliest tokens here, likeliest first.")
    ]


class Continuation(Answer):
    text: str
    tokens: list[GeneratedToken]
    finish_reason: FinishReason


class NextTokenCandidate(Token):
    control_logprob: float
    ablated_logprob: float


class NextToken(Answer):
    """The distribution right after the prompt, under both runs."""

    candidates: Annotated[
        list[NextTokenCandidate],
        Field(description="Union of both runs' likeliest tokens, by control probability."),
    ]
    kl: Annotated[float, Field(description="KL(control‖ablated) here, nats.")]
    top1_changed: bool


class TokenMetrics(Token):
    """How both runs predicted one token of prompt + control continuation."""

    position: Annotated[int, Field(description="Index of the predicted token in that text.")]
    kl: float
    control_logprob: float
    ablated_logprob: float
    top1_changed: bool


class Metrics(Answer):
    """Means over the predicted tokens; null where the text has none."""

    kl: float | None
    perplexity_control: float | None
    perplexity_ablated: float | None
    perplexity_delta: Annotated[float | None, Field(description="Ablated − control.")]
    top1_changed: Annotated[
        float | None, Field(description="Share of predictions whose top token differs.")
    ]
    per_token: list[TokenMetrics]


class InferResponse(Answer):
    model: str
    prompt_tokens: list[Token]
    control: Continuation
    ablated: Continuation
    next_token: NextToken
    metrics: Metrics
    first_difference: Annotated[
        int | None, Field(description="Index in the continuations of the first unequal token.")
    ]
    seed: Annotated[int | None, Field(description="The seed drawn with; null when greedy.")]
    warnings: list[str]


class HeadScore(Answer):
    layer: int
    head: int
    score: float


class ImportanceResponse(Answer):
    model: str
    prompt_tokens: list[Token]
    method: ImportanceMethod
    ablation_method: AblationMethod | None
    positions: Positions
    scores: Annotated[list[list[float]], Field(description="[layer][head]")]
    ranking: Annotated[
        list[HeadScore], Field(description="All heads, most important first (by |score|).")
    ]
    unit: str
    seconds: float
    warnings: list[str]


class LensRun(Answer):
    """Readouts of one run; every array begins [layer][position]."""

    top_ids: Annotated[list[list[list[int]]], Field(description="[layer][position][top_k]")]
    top_probs: Annotated[list[list[list[float]]], Field(description="[layer][position][top_k]")]
    target_prob: list[list[float]]
    target_rank: Annotated[list[list[int]], Field(description="0 is the likeliest token.")]
    entropy: Annotated[list[list[float]], Field(description="Nats.")]
    kl_to_final: Annotated[list[list[float]], Field(description="KL(final‖layer), nats.")]
    tracked_probs: Annotated[
        list[list[list[float]]], Field(description="[layer][position][tracked token]")
    ]


class LogitLensResponse(Answer):
    model: str
    prompt_tokens: Annotated[list[Token], Field(description="Prompt and continuation.")]
    positions: list[int]
    layers: Annotated[list[str], Field(description='"embed", "L0", … "L11"')]
    targets: Annotated[list[int], Field(description="[position], token ids")]
    tracked: Annotated[
        list[list[int]],
        Field(description="[position][tracked token]: both runs' likeliest final tokens."),
    ]
    control: LensRun
    ablated: LensRun
    token_texts: Annotated[dict[int, str], Field(description="Text of every id above.")]
    warnings: list[str]


class AttentionResponse(Answer):
    model: str
    prompt_tokens: list[Token]
    layer: int
    head: int
    method: Annotated[
        AblationMethod | None, Field(description="This head's ablation, null when uncut.")
    ]
    control: Annotated[list[list[float]], Field(description="[query][key], rows sum to 1")]
    ablated: Annotated[
        list[list[float]], Field(description="[query][key], as used in the ablated run")
    ]
    warnings: list[str]


class TokenizeResponse(Answer):
    model: str
    tokens: list[Token]
    n_ctx: Annotated[int, Field(description="Most tokens the model can read.")]


class Progress(Answer):
    done: int
    total: int
    unit: Annotated[str, Field(description="e.g. bytes")]


class Example(Answer):
    """A prompt that shows one thing, with the heads to cut."""

    title: str
    prompt: str
    ablations: list[HeadAblation]
    explanation: str


class ModelInfo(Answer):
    name: str
    title: str
    state: ModelState
    progress: Progress | None = None
    reason: Annotated[str | None, Field(description="Why it is unavailable.")] = None
    bundled: bool
    n_layers: int | None = None
    n_heads: int | None = None
    d_model: int | None = None
    d_vocab: int | None = None
    n_ctx: int | None = None
    n_parameters: int | None = None
    device: str | None = None
    precision: str | None = None
    examples: list[Example] = []


class Limits(Answer):
    """What the server accepts; refusals name these."""

    max_prompt_tokens: int
    max_new_tokens: int
    max_top_k: int
    max_ablations: int


class ModelsResponse(Answer):
    default: Annotated[
        str | None,
        Field(description="The model that answers now when none is named; null while none can."),
    ]
    preferred: Annotated[str, Field(description="The model that becomes the default once ready.")]
    models: list[ModelInfo]
    limits: Limits


class Live(Answer):
    status: Literal["live"] = "live"
    version: str


class Ready(Answer):
    status: Literal["ready", "not ready"]
    reason: str | None = None


class ErrorResponse(Answer):
    detail: Annotated[str, Field(description="What was wrong and what would be right.")]
    error: Annotated[str, Field(description="The kind of error, e.g. UnknownHead.")]


class QueuedEvent(Answer):
    """Event `queued`: how many jobs are in front."""

    position: int


class PromptEvent(Answer):
    """Event `prompt`: the prompt has been read; generation begins."""

    prompt_tokens: list[Token]
    next_token: NextToken
    per_token: list[TokenMetrics]


class TokenEvent(Answer):
    """Event `token`: one decoding step of both streams; null where a stream has ended."""

    index: int
    control: GeneratedToken | None
    ablated: GeneratedToken | None
    metrics: Annotated[
        TokenMetrics | None, Field(description="Of the control token; null once control ended.")
    ]


class ProgressEvent(Answer):
    """Event `progress`: a sweep has finished these layers."""

    layers_done: list[int]
    n_layers: int
    scores: Annotated[
        list[list[float] | None], Field(description="[layer][head]; null where not yet known")
    ]
