"""Direct attribution: each part is what the logit difference loses without it, and all sum up.

The definition is measured on stock TransformerLens in float64: what a part wrote is taken out of
the last residual stream while the final LayerNorm keeps its scale.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from transformer_lens import HookedTransformer

from attention_surgery.analyses.attribution import AttributionRequest, attribution
from attention_surgery.engine.model import Model
from attention_surgery.errors import InvalidSetting
from attention_surgery.interventions import Intervention, parse
from tests.engine.naive import naive_hooks
from tests.engine.test_model import PROMPT

Stock = Callable[[Model], HookedTransformer]
ANSWER, FOIL = " Mary", " John"
CUTS: dict[str, list[Intervention]] = {
    "as it is": [],
    "cut": [parse("L1H2"), parse("L2H1m*0.5"), parse("L1H0p"), parse("M1*0.5"), parse("L2H3@3-5")],
}


def sum_of(found: Any) -> float:
    parts = [found.heads.sum(dtype=float), found.mlps.sum(dtype=float)]
    parts += [found.bias.attention.sum(dtype=float), found.bias.final_norm, found.bias.unembedding]
    return float(sum(parts) + found.embedding.token + found.embedding.position)


class Naive:
    """Runs of a stock model in float64 from whose last residual stream something is taken."""

    def __init__(self, model: Model, stock: HookedTransformer, cuts: list[Intervention]) -> None:
        self.ids = model.tokenize(PROMPT)
        self.answer, self.foil = (model.tokenize(t, prepend_bos=False)[0] for t in (ANSWER, FOIL))
        self.wide = copy.deepcopy(stock)
        torch.nn.Module.to(self.wide, torch.float64)
        self.wide.cfg.dtype = torch.float64
        hooks = naive_hooks(self.wide, cuts, len(self.ids), model.tokenize)
        with torch.no_grad(), self.wide.hooks(fwd_hooks=hooks):
            _, self.cache = self.wide.run_with_cache(torch.tensor([self.ids]))

    def difference(self, position: int, without: Tensor | float = 0.0) -> float:
        def keep_scale(scale: Tensor, hook: object) -> Tensor:
            return self.cache["ln_final.hook_scale"][:, [position]]

        resid = self.cache["resid_post", -1][:, [position]] - without
        with torch.no_grad(), self.wide.hooks(fwd_hooks=[("ln_final.hook_scale", keep_scale)]):
            logits = self.wide(resid, start_at_layer=self.wide.cfg.n_layers)
        return (logits[0, 0, self.answer] - logits[0, 0, self.foil]).item()


@pytest.mark.parametrize("cuts", CUTS)
@pytest.mark.parametrize("position", [-1, 6])
@torch.no_grad()
def test_each_part_is_what_the_difference_loses_without_it(
    any_model: Model, stock: Stock, cuts: str, position: int
) -> None:
    found = attribution(any_model, PROMPT, ANSWER, FOIL, CUTS[cuts], position=position)
    naive = Naive(any_model, stock(any_model), CUTS[cuts])
    largest = float(abs(found.heads).max())
    whole = naive.difference(position)

    def same(part: float, written: Tensor) -> None:
        expected = whole - naive.difference(position, written[0, position])
        assert part == pytest.approx(expected, abs=1e-4 * largest)

    for layer in range(any_model.n_layers):
        z = naive.cache["z", layer]
        for head in range(layer % 5, any_model.n_heads, 5):
            written = z[:, :, head] @ naive.wide.blocks[layer].attn.W_O[head]
            same(found.heads[layer, head], written)
        same(found.mlps[layer], naive.cache["mlp_out", layer])
        b_o = naive.wide.blocks[layer].attn.b_O
        same(found.bias.attention[layer], b_o.expand_as(naive.cache["attn_out", layer]))
    same(found.embedding.token, naive.cache["hook_embed"])
    same(found.embedding.position, naive.cache["hook_pos_embed"])
    assert found.total == pytest.approx(whole, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("cuts", CUTS)
def test_the_parts_sum_to_the_logit_difference(any_model: Model, cuts: str) -> None:
    for position in (-1, 5):
        found = attribution(any_model, PROMPT, ANSWER, FOIL, CUTS[cuts], position=position)
        magnitude = float(abs(found.heads).sum() + abs(found.mlps).sum()) + abs(found.total)
        assert sum_of(found) == pytest.approx(found.total, abs=1e-6 * magnitude)


def test_a_head_that_is_cut_adds_nothing(tiny: Model) -> None:
    found = attribution(tiny, PROMPT, ANSWER, FOIL, ["L1H2"])
    assert found.heads[1, 2] == 0
    assert found.heads[1, 1] != 0


def test_answer_and_foil_exchanged_change_the_sign(tiny: Model) -> None:
    one, other = (attribution(tiny, PROMPT, *pair) for pair in ((ANSWER, FOIL), (FOIL, ANSWER)))
    assert (one.heads == -other.heads).all()
    assert one.total == -other.total


def test_the_table_has_every_part_once_and_sums_to_the_total(tiny: Model) -> None:
    found = attribution(tiny, PROMPT, ANSWER, FOIL)
    table = found.table()
    assert len(set(table["part"])) == len(table["part"]) == 2 + 3 * (4 + 2) + 1
    assert sum(table["adds"]) == pytest.approx(found.total, abs=1e-5)
    # A hooked pass without each part but the constant one, and one with all; one pass has them all.
    assert found.passes.naive == len(table["part"])
    assert found.passes.computed == 1
    early = attribution(tiny, PROMPT, ANSWER, FOIL, position=5)
    assert early.passes.computed == 6 / len(early.prompt_tokens)


def test_hooks_on_what_parts_write_are_followed_and_others_refused(tiny: Model) -> None:
    def halve(value: Tensor, hook: object) -> Tensor:
        return value / 2

    tiny.hooked.add_hook("blocks.1.hook_mlp_out", halve)
    try:
        hooked = attribution(tiny, PROMPT, ANSWER, FOIL)
        tiny.hooked.add_hook("blocks.2.hook_resid_mid", halve)
        with pytest.raises(InvalidSetting, match=r"hook on blocks.2.hook_resid_mid.*remove it"):
            attribution(tiny, PROMPT, ANSWER, FOIL)
    finally:
        tiny.hooked.reset_hooks()
    cut = attribution(tiny, PROMPT, ANSWER, FOIL, ["M1*0.5"])
    assert hooked.mlps == pytest.approx(cut.mlps, abs=1e-6)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"answer": " Mary John"}, r"' Mary', ' John'\): its first token, ' Mary', can stand"),
        ({"answer": ""}, "answer is empty"),
        ({"foil": ANSWER}, "both ' Mary': compare two tokens"),
        ({"position": 40}, "There is no position 40"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    tiny: Model, fields: dict[str, Any], sentence: str
) -> None:
    asked = AttributionRequest.ask(**{"prompt": PROMPT, "answer": ANSWER, "foil": FOIL} | fields)
    with pytest.raises(InvalidSetting, match=sentence):
        asked.steps(tiny)
