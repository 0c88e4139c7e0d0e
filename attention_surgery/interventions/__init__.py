"""What surgery can do to a model: one module an ablation method, and the list of them.

    from attention_surgery.interventions import Zero, parse

    Zero(layer=9, head=6)
    parse("L9H6m*0.5@10-14")    # half-way to a uniform pattern, at five query positions

To add a method, write a module with one subclass of `Intervention`, decorated by `register`.
"""

# The order of these imports is the order in which methods are offered.
from attention_surgery.interventions.zero import Zero  # isort: skip
from attention_surgery.interventions.mean import Mean  # isort: skip
from attention_surgery.interventions.previous import Previous  # isort: skip
from attention_surgery.interventions.dataset_mean import DatasetMean  # isort: skip
from attention_surgery.interventions.resample import Resample  # isort: skip
from attention_surgery.interventions.base import Intervention, head_name
from attention_surgery.interventions.notation import parse, write
from attention_surgery.interventions.registry import (
    AnyIntervention,
    ablation,
    method_named,
    methods,
    register,
)

__all__ = [
    "AnyIntervention",
    "DatasetMean",
    "Intervention",
    "Mean",
    "Previous",
    "Resample",
    "Zero",
    "ablation",
    "head_name",
    "method_named",
    "methods",
    "parse",
    "register",
    "write",
]
