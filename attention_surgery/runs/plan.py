"""A request made ready: its items drawn and each of them checked, before anything is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from attention_surgery.analyses.base import Analysis
from attention_surgery.errors import AttentionSurgeryError, InvalidSetting
from attention_surgery.runs.items import kept_task
from attention_surgery.runs.request import RunRequest
from attention_surgery.store.kept_runs import NewRun

if TYPE_CHECKING:
    from attention_surgery.engine.model import Model


def planned(request: RunRequest, model: Model, check: Callable[[Analysis[Any]], object]) -> NewRun:
    """The run as it is kept.

    Args:
        check: raises where the analysis of an item cannot be done; reads its tokens.

    Raises:
        InvalidRequest: the items cannot be drawn, or one cannot be asked so: it is named.
    """
    from attention_surgery import __version__

    if request.together is not None:
        whole = request.of_items()
        check(whole)
        task, total = whole.ask_items(model).task, 1
    else:
        task = request.drawn(model.tokenizer)
        total = len(task.items)
        for number, item in enumerate(task.items):
            try:
                check(request.measure.request_for(item, request.analysis_fields, task.metric))
            except AttentionSurgeryError as error:
                raise InvalidSetting(f"Item {number}: {error}") from None
    named = request.model_copy(update={"model": model.name})
    return NewRun(
        title=request.title,
        request=named.model_dump_json(exclude_defaults=True),
        items=kept_task(task),
        total=total,
        model=model.name,
        revision=model.revision,
        version=__version__,
        layers=model.n_layers,
        heads=model.n_heads,
    )
