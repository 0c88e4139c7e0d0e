"""What can be asked of a model: one module an analysis, and the list of them.

To add an analysis, write a module with one subclass of `Analysis`, decorated by `register`.
"""

from attention_surgery.analyses.attention import AttentionPatterns, AttentionRequest, attention
from attention_surgery.analyses.attribution import (
    AttributionRequest,
    DirectAttribution,
    attribution,
)
from attention_surgery.analyses.base import Analysis
from attention_surgery.analyses.circuit import CircuitRequest, circuit
from attention_surgery.analyses.circuit_result import CircuitTest
from attention_surgery.analyses.circuit_search import (
    CircuitSearchRequest,
    FoundCircuit,
    circuit_search,
)
from attention_surgery.analyses.cost import Cost, Urgency
from attention_surgery.analyses.head_scores import HeadScore, HeadScores
from attention_surgery.analyses.head_types import HeadTypes, HeadTypesRequest, head_types
from attention_surgery.analyses.importance import ImportanceRequest, importance
from attention_surgery.analyses.infer import Inference, InferRequest, infer
from attention_surgery.analyses.interactions import (
    Interactions,
    InteractionsRequest,
    interactions,
)
from attention_surgery.analyses.logit_lens import LogitLens, LogitLensRequest, logit_lens
from attention_surgery.analyses.patching import PatchingRequest, patching
from attention_surgery.analyses.patching_result import Patching
from attention_surgery.analyses.paths import Paths, PathsRequest, paths
from attention_surgery.analyses.registry import analyses, register
from attention_surgery.analyses.result import Progress, Provenance, Result
from attention_surgery.analyses.self_repair import (
    SelfRepair,
    SelfRepairRequest,
    self_repair,
)
from attention_surgery.analyses.tokenize import TokenizeRequest, Tokens
from attention_surgery.analyses.verify import Verification, VerifyRequest, verify

__all__ = [
    "Analysis",
    "AttentionPatterns",
    "AttentionRequest",
    "AttributionRequest",
    "CircuitRequest",
    "CircuitSearchRequest",
    "CircuitTest",
    "Cost",
    "DirectAttribution",
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
    "LogitLens",
    "LogitLensRequest",
    "Patching",
    "PatchingRequest",
    "Paths",
    "PathsRequest",
    "Progress",
    "Provenance",
    "Result",
    "SelfRepair",
    "SelfRepairRequest",
    "TokenizeRequest",
    "Tokens",
    "Urgency",
    "Verification",
    "VerifyRequest",
    "analyses",
    "attention",
    "attribution",
    "circuit",
    "circuit_search",
    "head_types",
    "importance",
    "infer",
    "interactions",
    "logit_lens",
    "patching",
    "paths",
    "register",
    "self_repair",
    "verify",
]
