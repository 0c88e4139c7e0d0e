"""What is asked of a run: one number, by one of several metrics.

    from attention_surgery.metrics import metric_named

    metric_named("logit_difference").unit    # "logits"

To add a metric, write a subclass of `Metric` decorated by `register`. Importing this package does
not import torch.
"""

from attention_surgery.metrics.answers import (
    LogitDifference,
    LogProbability,
    Probability,
    ProbabilityDifference,
)
from attention_surgery.metrics.base import Metric, metric_named, metrics, register
from attention_surgery.metrics.text import KLDivergence, Loss
from attention_surgery.metrics.years import YearDifference

__all__ = [
    "KLDivergence",
    "LogProbability",
    "LogitDifference",
    "Loss",
    "Metric",
    "Probability",
    "ProbabilityDifference",
    "YearDifference",
    "metric_named",
    "metrics",
    "register",
]
