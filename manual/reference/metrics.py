"""The metrics: what is asked of a run."""

from __future__ import annotations

from attention_surgery.metrics import Metric, metrics
from manual.markdown import cell, page, prose, table
from manual.pictures import picture


def text() -> str:
    return page(
        "# Metrics",
        "A metric is one number of a run. Those of an answer are read at one position, the last "
        "unless `position` says otherwise; answer and foil are the text of one token each, with "
        "its space, and anything else is refused. Logits are float32, logarithms natural.",
        picture("metrics", "The Metrics panel: how much it changed, in numbers", up=1),
        table(
            ("metric", "unit", "asks for", "read"),
            [
                (
                    f"[`{each.name}`](#{each.name})",
                    each.unit,
                    _asks_for(each),
                    "everywhere" if each.everywhere else "at one position",
                )
                for each in metrics()
            ],
        ),
        r"Below, \(\ell_t\) are the logits after token t, \(p_t = \mathrm{softmax}(\ell_t)\) the "
        r"model's distribution, \(q_t\) that of the run that is cut, a the answer, f the foil, "
        "x the text and n its number of tokens.",
        *map(_metric, metrics()),
        "## Control against ablated",
        "What `infer` tells besides KL is of the prompt and the control's continuation, one value "
        "for each predicted token and their mean:",
        table(
            ("number", "is"),
            [
                (
                    "perplexity",
                    r"\( \exp\bigl(-\tfrac{1}{n}\sum_t \ln p_t(x_{t+1})\bigr) \), of each run",
                ),
                ("its delta", "ablated − control"),
                ("top-1 changed", "share of predictions whose likeliest token is another"),
            ],
        ),
        "Which of them to choose is a question of its own: "
        "[logit difference or probability](../explanation/logits-and-probabilities.md).",
    )


def _asks_for(metric: Metric) -> str:
    asked = [name for name in ("answer", "foil") if getattr(metric, f"needs_{name}")]
    return " and ".join(f"`{name}`" for name in asked)


def _metric(metric: Metric) -> str:
    return page(
        f"## {metric.title} {{ #{metric.name} }}",
        rf"\[ {metric.formula} \]",
        prose(type(metric).meaning()),
        f"Where cutting a head makes it fall, the head {cell(metric.falls)}; where it rises, the "
        f"head {cell(metric.rises)}.",
    ).strip()
