"""`GET /models`: what is offered, in which state, with which examples and ablation methods."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources
from typing import Any

from pydantic import TypeAdapter

from attention_surgery.analyses.named_circuits import named_circuits
from attention_surgery.api import schemas
from attention_surgery.interventions import methods
from attention_surgery.interventions.parameters import described
from attention_surgery.service.models import Slot
from attention_surgery.service.service import SurgeryService
from attention_surgery.settings import Settings

TITLES = {
    "gpt2": "GPT-2 Small",
    "gpt2-medium": "GPT-2 Medium",
    "gpt2-large": "GPT-2 Large",
    "gpt2-xl": "GPT-2 XL",
    "gpt2-mini-12x12": "GPT-2 mini 12×12 (bundled)",
}
FACTS = (
    "n_layers",
    "n_heads",
    "d_model",
    "d_vocab",
    "n_ctx",
    "n_parameters",
    "device",
    "precision",
    "revision",
)


def describe_models(service: SurgeryService, settings: Settings) -> schemas.ModelsResponse:
    default = service.default
    return schemas.ModelsResponse(
        default=default.name if default else None,
        preferred=service.preferred.name,
        models=[describe_model(slot) for slot in service.slots.values()],
        methods=[schemas.Method.model_validate(described(method)) for method in methods()],
        limits=schemas.Limits.model_validate(settings),
    )


def describe_model(slot: Slot) -> schemas.ModelInfo:
    progress, model = slot.progress, slot.model
    facts: dict[str, Any] = {name: getattr(model, name) for name in FACTS} if model else {}
    return schemas.ModelInfo(
        name=slot.name,
        title=TITLES.get(slot.name, slot.name),
        state=slot.state,
        progress=schemas.Progress(done=progress.done, total=progress.total, unit="bytes")
        if progress
        else None,
        reason=slot.reason,
        bundled=slot.bundled,
        examples=examples_of(slot.name, slot.bundled),
        circuits=named_circuits(model) if model else [],
        **facts,
    )


@cache
def examples_of(name: str, bundled: bool) -> list[schemas.Example]:
    """Prompts that show something on this model; the bundled model brings its own."""
    package = resources.files("attention_surgery")
    if bundled:
        file = package / "bundled" / "examples.json"
    else:
        file = package / "service" / "examples" / f"{name}.json"
    found = json.loads(file.read_text("utf-8")) if file.is_file() else []
    identified = [{"id": slug(example["title"])} | example for example in found]
    return TypeAdapter(list[schemas.Example]).validate_python(identified)


def slug(title: str) -> str:
    """A title as lower-case words joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
