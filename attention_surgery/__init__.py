"""Interactive surgery on the attention heads of GPT-2 Small.

    import attention_surgery as surgeon

    model = surgeon.load_model("gpt2-mini-12x12")
    prompt = "When Mary and John went to the store, John gave a drink to"
    result = surgeon.infer(model, prompt, ["L9H9", surgeon.Mean(layer=6, head=6)])
    result.ablated.text, result.metrics.kl

Torch and TransformerLens are imported when a model is loaded or an analysis runs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from attention_surgery.analyses import (
    AttentionPatterns,
    AttentionRequest,
    AttributionRequest,
    CircuitRequest,
    CircuitSearchRequest,
    CircuitTest,
    DirectAttribution,
    FoundCircuit,
    HeadScore,
    HeadScores,
    HeadTypes,
    HeadTypesRequest,
    ImportanceRequest,
    Inference,
    InferRequest,
    Interactions,
    InteractionsRequest,
    LogitLens,
    LogitLensRequest,
    Patching,
    PatchingRequest,
    Paths,
    PathsRequest,
    SelfRepair,
    SelfRepairRequest,
    Verification,
    VerifyRequest,
    attention,
    attribution,
    circuit,
    circuit_search,
    head_types,
    importance,
    infer,
    interactions,
    logit_lens,
    patching,
    paths,
    self_repair,
    verify,
)
from attention_surgery.analyses.task import TaskItems, task_items
from attention_surgery.errors import (
    AlteredModel,
    AttentionSurgeryError,
    DuplicateHead,
    InvalidPrompt,
    InvalidRequest,
    InvalidSetting,
    ModelLoadError,
    PromptTooLong,
    UnknownHead,
)
from attention_surgery.interventions import (
    DatasetMean,
    Intervention,
    Mean,
    Previous,
    Resample,
    Zero,
    ablation,
)

if TYPE_CHECKING:
    from attention_surgery.engine.model import BUNDLED_NAME, Model, load_model
    from attention_surgery.engine.preparation import surgery
    from attention_surgery.engine.wrapping import wrap

__version__ = "0.1.0"

__all__ = [
    "BUNDLED_NAME",
    "AlteredModel",
    "AttentionPatterns",
    "AttentionRequest",
    "AttentionSurgeryError",
    "AttributionRequest",
    "CircuitRequest",
    "CircuitSearchRequest",
    "CircuitTest",
    "DatasetMean",
    "DirectAttribution",
    "DuplicateHead",
    "FoundCircuit",
    "HeadScore",
    "HeadScores",
    "HeadTypes",
    "HeadTypesRequest",
    "ImportanceRequest",
    "InferRequest",
    "Inference",
    "Interactions",
    "InteractionsRequest",
    "Intervention",
    "InvalidPrompt",
    "InvalidRequest",
    "InvalidSetting",
    "LogitLens",
    "LogitLensRequest",
    "Mean",
    "Model",
    "ModelLoadError",
    "Patching",
    "PatchingRequest",
    "Paths",
    "PathsRequest",
    "Previous",
    "PromptTooLong",
    "Resample",
    "SelfRepair",
    "SelfRepairRequest",
    "TaskItems",
    "UnknownHead",
    "Verification",
    "VerifyRequest",
    "Zero",
    "ablation",
    "attention",
    "attribution",
    "circuit",
    "circuit_search",
    "head_types",
    "importance",
    "infer",
    "interactions",
    "load_model",
    "logit_lens",
    "patching",
    "paths",
    "self_repair",
    "surgery",
    "task_items",
    "verify",
    "wrap",
]

_NEED_TORCH = {
    "model": ("BUNDLED_NAME", "Model", "load_model"),
    "preparation": ("surgery",),
    "wrapping": ("wrap",),
}


def __getattr__(name: str) -> Any:
    for module, names in _NEED_TORCH.items():
        if name in names:
            return getattr(import_module(f"attention_surgery.engine.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
