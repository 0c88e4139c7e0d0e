"""Interactive surgery on the attention heads of GPT-2 Small.

    import attention_surgery as surgeon

    model = surgeon.load_model("gpt2-mini-12x12")
    cut = [surgeon.HeadAblation(layer=9, head=9)]
    result = surgeon.infer(model, "When Mary and John went to the store, John gave a drink to", cut)
    result.ablated.text, result.metrics.kl

Torch and TransformerLens are imported when the first of these names is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from attention_surgery.errors import AttentionSurgeryError

if TYPE_CHECKING:
    from attention_surgery.engine.ablation import AblationMethod, HeadAblation, surgery
    from attention_surgery.engine.attention import AttentionPatterns, attention
    from attention_surgery.engine.generation import Inference, infer
    from attention_surgery.engine.importance import (
        HeadScore,
        HeadScores,
        ImportanceMethod,
        importance,
    )
    from attention_surgery.engine.logit_lens import LogitLens, logit_lens
    from attention_surgery.engine.model import BUNDLED_NAME, Model, load_model

__version__ = "0.1.0"

__all__ = [
    "BUNDLED_NAME",
    "AblationMethod",
    "AttentionPatterns",
    "AttentionSurgeryError",
    "HeadAblation",
    "HeadScore",
    "HeadScores",
    "ImportanceMethod",
    "Inference",
    "LogitLens",
    "Model",
    "attention",
    "importance",
    "infer",
    "load_model",
    "logit_lens",
    "surgery",
]

_HOME = {
    "ablation": ("AblationMethod", "HeadAblation", "surgery"),
    "attention": ("AttentionPatterns", "attention"),
    "generation": ("Inference", "infer"),
    "importance": ("HeadScore", "HeadScores", "ImportanceMethod", "importance"),
    "logit_lens": ("LogitLens", "logit_lens"),
    "model": ("BUNDLED_NAME", "Model", "load_model"),
}


def __getattr__(name: str) -> Any:
    for module, names in _HOME.items():
        if name in names:
            return getattr(import_module(f"attention_surgery.engine.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
