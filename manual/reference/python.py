"""The Python API: what `import attention_surgery` has, with its docstrings."""

from __future__ import annotations

import attention_surgery as surgeon
from attention_surgery import errors
from attention_surgery.analyses import analyses
from manual.markdown import fenced, page
from manual.pictures import picture
from manual.reference.analysis import slug

MODELS = ("load_model", "wrap", "Model", "surgery")
CUTS = ("ablation", "Intervention")
NOTEBOOK = ("HeadGrid", "TokenStreams", "LogitLens", "AttentionPattern", "PatchGrid")
MODULES = {
    "HeadGrid": "head_grid",
    "TokenStreams": "token_streams",
    "LogitLens": "logit_lens",
    "AttentionPattern": "attention_pattern",
    "PatchGrid": "patch_grid",
}


def text() -> str:
    names = [each.name for each in analyses() if each.name in surgeon.__all__]
    return page(
        "# Python",
        fenced("py", "import attention_surgery as surgeon"),
        "Torch is imported when a model is loaded or an analysis runs. Requests and results are "
        "frozen: a request can be made once (`surgeon.InferRequest.ask(…)`) and run at many models "
        "(`request.run(model)`); a result has `to_pandas()`, `to_dict()`, `to_json()`, `plot()`, "
        "`code()`, and its request as `provenance.asked`.",
        picture("notebook", "The same objects in a notebook", up=1),
        "## Models",
        *map(_told, MODELS),
        "## Cuts",
        'A cut is a text (`"L9H6m*0.5"`), a method\'s object (`surgeon.Mean(layer=9, head=6)`), or '
        "what `ablation` makes of a method's name; the methods are "
        "[a page of their own](methods.md).",
        *map(_told, CUTS),
        "## Analyses",
        "Fields and answers are on each one's page.",
        *(_analysis(name) for name in names),
        _told("task_items"),
        "## In a notebook",
        '`pip install "attention-surgery[notebook]"`, then `from attention_surgery.notebook import '
        "HeadGrid`: [in a notebook](../notebook.md).",
        *(f"::: attention_surgery.notebook.{MODULES[name]}.{name}" for name in NOTEBOOK),
        "## Errors",
        "One tree; what a request can be refused for is below `InvalidRequest`.",
        fenced("text", _tree()),
    )


def _told(name: str) -> str:
    return f"::: {path_of(name)}"


def _analysis(name: str) -> str:
    analysis = next(each for each in analyses() if each.name == name)
    return f"{_told(name)}\n\n[The request and the answer](analyses/{slug(analysis)}.md)"


def path_of(name: str) -> str:
    """Where a public name is defined, without importing torch."""
    for module, names in surgeon._NEED_TORCH.items():
        if name in names:
            return f"attention_surgery.engine.{module}.{name}"
    thing = getattr(surgeon, name)
    return f"{thing.__module__}.{thing.__qualname__}"


def _tree() -> str:
    lines = (errors.__doc__ or "").splitlines()
    tree = [line[4:] for line in lines if line.startswith("    ")]
    return "\n".join(tree)
