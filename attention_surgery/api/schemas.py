"""Answers of the REST API that are no analysis: models, probes, refusals."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from attention_surgery.analyses.named_circuits import NamedCircuit
from attention_surgery.interventions.parameters import Parameter
from attention_surgery.interventions.registry import AnyIntervention
from attention_surgery.service.models import State


class Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Progress(Answer):
    done: int
    total: int
    unit: Annotated[str, Field(description="e.g. bytes")]


class Code(Answer):
    """A script of plain TransformerLens that gives the same numbers."""

    code: Annotated[str, Field(description="Python, to be run as it is.")]


class Example(Answer):
    """A prompt that shows one thing, with what to cut."""

    id: Annotated[str, Field(description="Its title as a word for addresses; unique here.")]
    title: str
    prompt: str
    ablations: list[AnyIntervention]
    explanation: str


class ModelInfo(Answer):
    name: str
    title: str
    state: State
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
    revision: Annotated[
        str | None, Field(description="Of the weights: as the provenance of answers has it.")
    ] = None
    examples: list[Example] = []
    circuits: Annotated[
        list[NamedCircuit],
        Field(description="Circuits that others have found in it; none until it is ready."),
    ] = []


class Method(Answer):
    """An ablation method: what takes the place of what was computed."""

    name: Annotated[str, Field(description="The value of `method` in requests.")]
    letter: Annotated[str, Field(description="What stands for it in links: L9H6z.")]
    title: str
    meaning: str
    on_heads: bool
    on_mlps: bool
    stands_in: Annotated[
        bool, Field(description="Whether it may replace the heads outside a circuit.")
    ]
    parameters: list[Parameter]


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
    methods: Annotated[list[Method], Field(description="The ways to ablate, for every model.")]
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
