"""Control and ablated run of a prompt, which are one until the first cut.

Who cuts one head after another asks about one text, and its control run is the same each time: a
server leaves it for the next question, which then computes the ablated run alone, from its first
cut on.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from attention_surgery.engine.base_run import record
from attention_surgery.engine.cache import Cache
from attention_surgery.engine.model import Model
from attention_surgery.engine.run import embedded, run, run_apart
from attention_surgery.engine.surgery import Surgery

ASKED_ONCE = object()


def two_runs(
    model: Model,
    ids: Sequence[int],
    surgery: Surgery,
    *,
    cache: Cache | None = None,
    see: Callable[[int, Tensor], None] | None = None,
) -> Generator[object, None, Float[Tensor, "run pos d_model"]]:
    """The residual streams after the last block: control and, if anything is cut, ablated.

    Yields each block before it runs.

    Args:
        surgery: what is cut in the second row.
        see: shown the residual stream before each layer, [run, pos, d_model], of one run as long as
            both are one.
    """
    of_control = None
    if cache is None:
        is_cut = surgery.first_layer is not None
        of_control = yield from _control(model, ids, is_cut=is_cut)
    if of_control is not None:
        return (yield from _beside(model, of_control, surgery, see))
    watch = {"hook_resid_pre": see} if see else None
    resid = embedded(model, [ids])
    return (yield from run_apart(model, resid, surgery, [0, 0], cache=cache, watch=watch))


def _control(
    model: Model, ids: Sequence[int], *, is_cut: bool
) -> Generator[object, None, list[Float[Tensor, "1 pos d_model"]] | None]:
    """Control's residual stream before each layer and after the last, left by an earlier question.

    None where none are left, of a text too long for that, and at the first question about a text if
    that has a cut: one batch of both runs takes less time than two runs.
    """
    left, key = model.left, ("control", *ids)
    numbers = (model.n_layers + 1) * len(ids) * model.d_model
    if numbers > left.most or not left.with_runs:
        return None
    found = left.see(key)
    if isinstance(found, list):
        return found
    if is_cut and found is None:
        left.put(key, ASKED_ONCE, 0)
        return None
    base = yield from record(model, ids)
    left.put(key, base.stream, numbers)
    return base.stream


def _beside(
    model: Model,
    of_control: Sequence[Float[Tensor, "1 pos d_model"]],
    surgery: Surgery,
    see: Callable[[int, Tensor], None] | None,
) -> Generator[object, None, Float[Tensor, "run pos d_model"]]:
    """The ablated run beside a control run that is known."""
    apart = surgery.first_layer
    if see:
        with torch.inference_mode():
            for layer, resid in enumerate(of_control[:-1] if apart is None else of_control[:apart]):
                see(layer, resid)
    if apart is None:
        return of_control[-1]

    def see_both(layer: int, resid: Tensor) -> None:
        if see:
            see(layer, torch.cat([of_control[layer], resid]))

    ablated = yield from run(
        model,
        of_control[apart],
        surgery.of_ablated(),
        layers=range(apart, model.n_layers),
        watch={"hook_resid_pre": see_both} if see else None,
    )
    with torch.inference_mode():
        return torch.cat([of_control[-1], ablated])
