"""Self-repair: every part equals what a stock model's cached, hooked passes say, and all close."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from transformer_lens import HookedTransformer

from attention_surgery.analyses import SelfRepair, SelfRepairRequest, attribution, self_repair
from attention_surgery.analyses.self_repair import RepairProgress
from attention_surgery.engine.model import Model
from attention_surgery.errors import InvalidSetting
from attention_surgery.interventions import Intervention, ablation
from tests.engine.naive import naive_hooks
from tests.engine.test_attribution import ANSWER, CUTS, FOIL, Stock
from tests.engine.test_model import PROMPT

OTHER = "When Anna and Peter went to the shop, Peter gave a book to"
METHODS: dict[str, dict[str, Any]] = {
    "zero": {},
    "mean": {"strength": 0.5},
    "previous": {},
    "resample": {"parameters": {"source": OTHER}},
}


@dataclass
class Seen:
    """One hooked pass: the logit difference, what is written along it, the scale at the end."""

    difference: float
    heads: Tensor
    mlps: Tensor
    along: float
    scale: float


def see(
    model: Model, stock: HookedTransformer, cuts: Sequence[Intervention], position: int
) -> Seen:
    ids = model.tokenize(PROMPT)
    answer, foil = (model.tokenize(text, prepend_bos=False)[0] for text in (ANSWER, FOIL))
    with torch.no_grad():
        wanted = stock.W_U[:, answer] - stock.W_U[:, foil]
        toward = stock.ln_final.w * wanted
        toward = (toward - toward.mean()).double()
        with stock.hooks(fwd_hooks=naive_hooks(stock, cuts, len(ids), model.tokenize)):
            logits, cache = stock.run_with_cache(torch.tensor([ids]))
        heads = torch.zeros(model.n_layers, model.n_heads).double()
        mlps = torch.zeros(model.n_layers).double()
        for layer, block in enumerate(stock.blocks):
            for head in range(model.n_heads):
                written = (
                    cache["z", layer][0, position, head].double() @ block.attn.W_O[head].double()
                )
                heads[layer, head] = written @ toward
            mlps[layer] = cache["mlp_out", layer][0, position].double() @ toward
        difference = logits[0, position, answer] - logits[0, position, foil]
        along = cache["resid_post", -1][0, position].double() @ toward
        scale = cache["ln_final.hook_scale"][0, position, 0]
        return Seen(difference.item(), heads, mlps, along.item(), scale.item())


def assert_equals_hooked_passes(
    model: Model,
    stock: HookedTransformer,
    cuts: Sequence[Intervention],
    found: SelfRepair,
    single: Callable[[int, int], Intervention],
    heads: Sequence[int],
    position: int = -1,
) -> None:
    base = see(model, stock, cuts, position)
    taken = {(cut.layer, cut.head) for cut in cuts}
    close = 1e-4 * float(abs(found.total).max())
    assert found.base == pytest.approx(base.difference, abs=1e-4)
    for layer in range(model.n_layers):
        for head in heads:
            if (layer, head) in taken or single(layer, head).warnings:
                assert found.total[layer, head] == found.direct[layer, head] == 0
                assert not found.heads[layer, head].any()
                continue
            cut = see(model, stock, [*cuts, single(layer, head)], position)
            change = (cut.heads - base.heads) / base.scale
            direct = change[layer, head].item()
            change[layer, head] = 0
            mlps = (cut.mlps - base.mlps) / base.scale
            norm = cut.along * (1 / cut.scale - 1 / base.scale)
            place = layer, head
            assert found.total[place] == pytest.approx(cut.difference - base.difference, abs=close)
            assert found.direct[place] == pytest.approx(direct, abs=close)
            np.testing.assert_allclose(found.heads[place], change, atol=close)
            np.testing.assert_allclose(found.mlps[place], mlps, atol=close)
            assert found.layer_norm[place] == pytest.approx(norm, abs=close)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("cuts", CUTS)
def test_every_part_equals_hooked_passes(tiny: Model, stock: Stock, method: str, cuts: str) -> None:
    fields = METHODS[method]
    found = self_repair(tiny, PROMPT, ANSWER, FOIL, method, ablations=CUTS[cuts], **fields)

    def single(layer: int, head: int) -> Intervention:
        strength = fields.get("strength", 1.0)
        return ablation(layer, head, method, strength=strength, **fields.get("parameters", {}))

    assert_equals_hooked_passes(tiny, stock(tiny), CUTS[cuts], found, single, range(4))


def test_a_sample_on_every_shape_equals_hooked_passes(any_model: Model, stock: Stock) -> None:
    found = self_repair(any_model, PROMPT, ANSWER, FOIL, position=10)
    heads = [any_model.n_heads - 1]
    assert_equals_hooked_passes(any_model, stock(any_model), [], found, ablation, heads, 10)


@pytest.mark.parametrize("cuts", CUTS)
def test_the_parts_close(any_model: Model, cuts: str) -> None:
    found = self_repair(any_model, PROMPT, ANSWER, FOIL, ablations=CUTS[cuts])
    parts = found.direct + found.heads.sum((2, 3)) + found.mlps.sum(2) + found.layer_norm
    np.testing.assert_allclose(parts, found.total, atol=1e-5 * abs(found.total).max())
    np.testing.assert_allclose(found.repaired, found.total - found.direct)


def test_what_is_lost_directly_is_the_direct_attribution(any_model: Model) -> None:
    lost = self_repair(any_model, PROMPT, ANSWER, FOIL)
    written = attribution(any_model, PROMPT, ANSWER, FOIL)
    np.testing.assert_allclose(lost.direct, -written.heads, atol=1e-5)
    assert lost.base == pytest.approx(written.total, abs=1e-5)


def test_nobody_before_the_cut_changes(tiny: Model) -> None:
    found = self_repair(tiny, PROMPT, ANSWER, FOIL)
    for layer in range(tiny.n_layers):
        assert not found.heads[layer, :, : layer + 1].any()
        assert not found.mlps[layer, :, :layer].any()


def test_progress_tells_each_layer_and_ends_at_one(tiny: Model) -> None:
    asked = SelfRepairRequest.ask(prompt=PROMPT, answer=ANSWER, foil=FOIL)
    told = [step for step in asked.steps(tiny) if isinstance(step, RepairProgress)]
    found = asked.run(tiny)
    assert [step.layer for step in told] == [2, 1, 0]
    for step in told:
        np.testing.assert_array_equal(np.float32(step.total), found.total[step.layer])
    assert told[-1].share == 1
    assert found.passes.naive == 13


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"foil": " John Mary"}, "foil ' John Mary' is 2 tokens"),
        ({"method": "melt"}, "is no ablation method"),
        ({"method": "resample"}, "source"),
        ({"parameters": {"layer": 2}}, "none of the method's own fields"),
        ({"position": -40}, "There is no position -40"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    tiny: Model, fields: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(InvalidSetting, match=sentence):
        self_repair(tiny, **{"prompt": PROMPT, "answer": ANSWER, "foil": FOIL} | fields)
