"""Every patched run equals a hooked pass of the stock model, and TransformerLens' own patching.

The loop here is the obvious one: run the other prompt, keep the activation, run the base with one
hook that puts it there. Cuts come first in both, as plain hooks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, get_args

import numpy as np
import pytest
import torch
from torch import Tensor
from transformer_lens import HookedTransformer
from transformer_lens import patching as peer

from attention_surgery.analyses.patching import PatchingRequest, patching
from attention_surgery.analyses.patching_result import Patching, PatchingProgress
from attention_surgery.engine.components import Component, is_of_heads
from attention_surgery.engine.model import Model
from attention_surgery.errors import InvalidRequest
from attention_surgery.interventions import Intervention, ablation, parse
from tests.engine.naive import naive_hooks
from tests.engine.test_metric_scores import TOKENS, naive_metric

Stock = Callable[[Model], HookedTransformer]
CLEAN = "When Mary and John went to the store, John gave a drink to"
CORRUPT = "When John and Mary went to the store, Mary gave a drink to"
OTHER = "When Anna and Peter went to the shop, Peter gave a book to"
ASKED: dict[str, Any] = {
    "prompt": CLEAN, "corrupt": CORRUPT, "answer": " Mary", "foil": " John"
}  # fmt: skip
COMPONENTS: tuple[Component, ...] = get_args(Component)
HOOKS = {name: f"attn.hook_{name}" for name in ("z", "q", "k", "v", "pattern")} | {
    name: f"hook_{name}" for name in ("attn_out", "mlp_out", "resid_pre")
}
CUTS: dict[str, list[Intervention]] = {
    "as it is": [],
    "cut": [
        parse("L1H2"), parse("L2H1m*0.5"), parse("L1H0p"), parse("L2H2p"), parse("M1*0.5"),
        parse("L2H3@3-5"), ablation(0, 1, "resample", source=OTHER),
    ],
}  # fmt: skip
CHOSEN = ["L2H3", "L0H1", "L2H0", "L2H3"]  # one of them twice
Site = tuple[int, ...]
each_component = pytest.mark.parametrize("component", COMPONENTS)


class Naive:
    """The loop: patches of one component, one hooked pass each."""

    def __init__(
        self,
        model: Model,
        stock: HookedTransformer,
        component: str,
        cuts: Sequence[Intervention] = (),
        direction: str = "denoise",
    ) -> None:
        self.model, self.stock, self.component, self.cuts = model, stock, component, cuts
        clean, corrupt = model.tokenize(CLEAN), model.tokenize(CORRUPT)
        self.clean = clean
        self.base, other = (corrupt, clean) if direction == "denoise" else (clean, corrupt)
        self.source: dict[str, Tensor] = {}
        points = [f"blocks.{layer}.{HOOKS[component]}" for layer in range(model.n_layers)]
        self._run(other, [(point, self._keep) for point in points])

    def _keep(self, value: Tensor, hook: Any) -> None:
        self.source[hook.name] = value.clone()

    def _run(self, ids: Sequence[int], more: list[Any]) -> Tensor:
        hooks = [*naive_hooks(self.stock, self.cuts, len(ids), self.model.tokenize), *more]
        with torch.inference_mode():
            logits: Tensor = self.stock.run_with_hooks(torch.tensor([list(ids)]), fwd_hooks=hooks)
        return logits[0]

    def logits(self, layer: int, head: int | None, position: int | None) -> Tensor:
        where = slice(None) if position is None else position

        def patch(value: Tensor, hook: Any) -> Tensor:
            value, source = value.clone(), self.source[hook.name]
            if self.component == "pattern":
                value[:, head, where] = source[:, head, where]
            elif head is not None:
                value[:, where, head] = source[:, where, head]
            else:
                value[:, where] = source[:, where]
            return value

        return self._run(self.base, [(f"blocks.{layer}.{HOOKS[self.component]}", patch)])

    def value(self, layer: int, head: int | None, position: int | None, metric: str) -> float:
        logits = self.logits(layer, head, position).double()
        return naive_metric(metric, logits, self.clean, logits, self.model).item()


def sites(
    found: Patching, heads: Sequence[int], positions: Sequence[int]
) -> Iterator[tuple[Site, int, int | None, int | None]]:
    """Places in the result, and what each is: layer, head, position."""
    for layer in range(len(found.values)):
        for head in heads if is_of_heads(found.component) else [None]:
            for position in positions if found.each_position else [None]:
                site = tuple(i for i in (layer, head, position) if i is not None)
                yield site, layer, head, position


def assert_equals_the_loop(
    found: Patching, naive: Naive, heads: Sequence[int], positions: Sequence[int] = ()
) -> None:
    """To 1e-4 of the largest effect, or of the contrast where that is larger."""
    expected = {
        site: naive.value(layer, head, position, found.metric)
        for site, layer, head, position in sites(found, heads, positions)
    }
    base = found.corrupt if found.direction == "denoise" else found.clean
    largest = max(abs(found.clean - found.corrupt), *(abs(v - base) for v in expected.values()))
    for site, value in expected.items():
        assert found.values[site] == pytest.approx(value, abs=1e-4 * largest), site


# Each component in both directions, cut and as it is; each direction both cut and as it is.
ARRANGEMENTS = [
    (component, direction, list(CUTS)[(number + turned) % 2])
    for number, component in enumerate(COMPONENTS)
    for turned, direction in enumerate(("denoise", "noise"))
]


@pytest.mark.parametrize(("component", "direction", "cuts"), ARRANGEMENTS)
def test_patching_equals_hooked_passes(
    tiny: Model, stock: Stock, component: str, direction: str, cuts: str
) -> None:
    naive = Naive(tiny, stock(tiny), component, CUTS[cuts], direction)
    asked = ASKED | {"component": component, "direction": direction, "ablations": CUTS[cuts]}
    heads = [1, 2]  # in each layer one is cut, and one is as it was
    assert_equals_the_loop(patching(tiny, **asked), naive, heads)
    by_position = patching(tiny, **asked, each_position=True)
    assert_equals_the_loop(by_position, naive, heads, [4, 14])


@pytest.mark.parametrize(("component", "direction", "cuts"), ARRANGEMENTS[::2] + ARRANGEMENTS[3::4])
def test_patching_on_every_shape_equals_hooked_passes(
    any_model: Model, stock: Stock, component: str, direction: str, cuts: str
) -> None:
    """A head or a layer in the first, the middle and the last."""
    naive = Naive(any_model, stock(any_model), component, CUTS[cuts], direction)
    asked = ASKED | {"component": component, "direction": direction, "ablations": CUTS[cuts]}
    found = patching(any_model, **asked)
    of_heads = is_of_heads(found.component)
    base = found.corrupt if direction == "denoise" else found.clean
    largest = max(abs(found.clean - found.corrupt), float(abs(found.values - base).max()))
    for layer in (0, any_model.n_layers // 2, any_model.n_layers - 1):
        site = (layer, 1) if of_heads else (layer,)
        value = naive.value(layer, 1 if of_heads else None, None, found.metric)
        assert found.values[site] == pytest.approx(value, abs=1e-4 * largest), site


@pytest.mark.parametrize("metric", [name for name in TOKENS if name != "kl"])
def test_patching_of_every_metric_equals_hooked_passes(
    tiny: Model, stock: Stock, metric: str
) -> None:
    naive = Naive(tiny, stock(tiny), "z", CUTS["cut"])
    for each_position in (False, True):
        found = patching(
            tiny,
            CLEAN,
            CORRUPT,
            metric=metric,
            ablations=CUTS["cut"],
            each_position=each_position,
            **TOKENS[metric],
        )
        assert_equals_the_loop(found, naive, [1, 2], [4, 14])


PEERS: dict[tuple[str, bool], Callable[..., Tensor]] = {
    ("z", False): peer.get_act_patch_attn_head_out_all_pos,
    ("q", False): peer.get_act_patch_attn_head_q_all_pos,
    ("k", False): peer.get_act_patch_attn_head_k_all_pos,
    ("v", False): peer.get_act_patch_attn_head_v_all_pos,
    ("pattern", False): peer.get_act_patch_attn_head_pattern_all_pos,
    ("z", True): peer.get_act_patch_attn_head_out_by_pos,
    ("q", True): peer.get_act_patch_attn_head_q_by_pos,
    ("k", True): peer.get_act_patch_attn_head_k_by_pos,
    ("v", True): peer.get_act_patch_attn_head_v_by_pos,
    ("pattern", True): peer.get_act_patch_attn_head_pattern_by_pos,
    ("attn_out", True): peer.get_act_patch_attn_out,
    ("mlp_out", True): peer.get_act_patch_mlp_out,
    ("resid_pre", True): peer.get_act_patch_resid_pre,
}


@pytest.mark.parametrize(("component", "each_position"), PEERS)
def test_patching_equals_transformer_lens_own(
    tiny: Model, stock: Stock, component: str, each_position: bool
) -> None:
    hooked = stock(tiny)
    answer, foil = (tiny.tokenize(text, prepend_bos=False)[0] for text in (" Mary", " John"))

    def metric(logits: Tensor) -> Tensor:
        return logits[0, -1, answer] - logits[0, -1, foil]

    asked = ASKED | {"prompt": "When Mary and John gave", "corrupt": "When John and Mary gave"}
    clean, corrupt = (torch.tensor([tiny.tokenize(asked[t])]) for t in ("prompt", "corrupt"))
    with torch.inference_mode():
        _, cache = hooked.run_with_cache(clean)
        expected = PEERS[component, each_position](hooked, corrupt, cache, metric)
    found = patching(tiny, **asked, component=component, each_position=each_position)
    if each_position and is_of_heads(found.component) and component != "pattern":
        expected = expected.transpose(1, 2)  # [layer, pos, head] there
    largest = abs(found.clean - found.corrupt)
    np.testing.assert_allclose(found.values, expected.numpy(), atol=1e-4 * largest)


@pytest.mark.parametrize("component", ["z", "resid_pre"])
@pytest.mark.parametrize("each_position", [False, True])
def test_patches_of_a_long_text_go_in_slices_and_are_the_same(
    tiny: Model, monkeypatch: pytest.MonkeyPatch, component: str, each_position: bool
) -> None:
    asked = ASKED | {"component": component, "each_position": each_position}
    whole = patching(tiny, **asked)
    monkeypatch.setattr("attention_surgery.engine.shape.SLICE_TOKENS", 40)
    parts = patching(tiny, **asked)
    np.testing.assert_allclose(parts.values, whole.values, atol=1e-5)
    if each_position:  # fewer positions go together, and carry less in vain
        assert parts.passes.computed < whole.passes.computed
    else:
        assert parts.passes.computed == pytest.approx(whole.passes.computed)


def test_scores_are_shares_of_the_way_from_corrupt_to_clean(tiny: Model) -> None:
    for direction, unchanged in (("denoise", 0.0), ("noise", 1.0)):
        found = patching(tiny, **ASKED, direction=direction)
        assert found.scores is not None
        expected = (found.values - found.corrupt) / (found.clean - found.corrupt)
        np.testing.assert_allclose(found.scores, expected, atol=1e-5)
        assert found.unchanged == unchanged


def test_the_whole_residual_stream_restores_all_and_loses_all(bundled: Model) -> None:
    for direction, share in (("denoise", 1.0), ("noise", 0.0)):
        found = patching(bundled, **ASKED, component="resid_pre", direction=direction)
        np.testing.assert_allclose(found.scores, np.full(12, share), atol=1e-5)
    last = patching(bundled, **ASKED, component="mlp_out", each_position=True)
    assert last.scores is not None
    # After the last MLP nothing moves between positions.
    np.testing.assert_allclose(last.scores[-1, :-1], 0, atol=1e-6)


def test_every_head_and_mlp_together_restore_all(tiny: Model) -> None:
    """All others patched by cuts, the last one by patching: nothing of the corrupt run is left."""
    every = [
        ablation(layer, head, "resample", source=CLEAN)
        for layer in range(tiny.n_layers)
        for head in (*range(tiny.n_heads), None)
    ]
    clean = patching(tiny, **ASKED).clean
    for last in ((0, 1), (1, 2), (2, 3)):
        others = [cut for cut in every if (cut.layer, cut.head) != last]
        found = patching(tiny, **ASKED, ablations=others)
        assert found.corrupt != pytest.approx(clean, abs=1e-5)
        assert found.values[last] == pytest.approx(clean, abs=1e-6)


def test_positions_that_both_prompts_share_in_front_change_nothing(tiny: Model) -> None:
    found = patching(tiny, **ASKED, each_position=True)
    assert found.differing == [2, 4, 10]
    assert found.scores is not None
    assert (found.scores[..., :2] == 0).all()
    assert found.scores[..., 2].any()


@each_component
def test_a_prompt_patched_into_itself_changes_nothing(tiny: Model, component: str) -> None:
    same = ASKED | {"corrupt": CLEAN, "component": component}
    for each_position in (False, True):
        found = patching(tiny, **same, each_position=each_position)
        assert (found.values == np.float32(found.clean)).all()
        assert found.clean == found.corrupt
        assert found.scores is None
        assert "hardly tells the prompts apart" in found.warnings[0]


def test_a_head_already_cut_carries_nothing(tiny: Model) -> None:
    found = patching(tiny, **ASKED, ablations=["L1H2"])
    assert found.scores is not None
    assert found.scores[1, 2] == pytest.approx(0, abs=1e-5)
    assert abs(found.scores[1, 1]) > 1e-5


def test_hooks_of_the_users_own_are_seen_in_every_row(tiny: Model) -> None:
    """A halved MLP, by a hook of TransformerLens and as a cut."""

    def halve(out: Tensor, hook: object) -> Tensor:
        return out / 2

    places = [("z", True), ("q", False), ("resid_pre", True), ("mlp_out", False)]
    for component, each_position in places:
        asked = ASKED | {"component": component, "each_position": each_position}
        tiny.hooked.add_hook("blocks.1.hook_mlp_out", halve)
        try:
            hooked = patching(tiny, **asked)
        finally:
            tiny.hooked.reset_hooks()
        cut = patching(tiny, **asked, ablations=["M1*0.5"])
        np.testing.assert_allclose(hooked.values, cut.values, atol=1e-5)


@pytest.mark.parametrize(
    ("component", "cuts"), [*((component, "cut") for component in COMPONENTS), ("z", "as it is")]
)
def test_the_estimate_is_the_first_order_of_the_exact_effect(
    tiny: Model, stock: Stock, component: str, cuts: str
) -> None:
    """Σ (a_other − a_base) ∂m/∂a by autograd through one hooked pass of the stock model."""
    naive = Naive(tiny, stock(tiny), component, CUTS[cuts])
    shown: dict[str, Tensor] = {}

    def show(value: Tensor, hook: Any) -> Tensor:
        kept = value.view_as(value)
        kept = kept if kept.requires_grad else kept.detach().requires_grad_()
        kept.retain_grad()
        shown[hook.name] = kept
        return kept

    points = [f"blocks.{layer}.{HOOKS[component]}" for layer in range(tiny.n_layers)]
    cut = naive_hooks(naive.stock, CUTS[cuts], len(naive.base), tiny.tokenize)
    with torch.enable_grad(), naive.stock.hooks(fwd_hooks=[*cut, *((p, show) for p in points)]):
        logits = naive.stock(torch.tensor([naive.base]))[0]
        base = naive_metric("logit_difference", logits, naive.base, logits, tiny)
        base.backward()
    naive.stock.zero_grad()
    change = torch.stack(
        [((naive.source[p] - shown[p].detach()) * shown[p].grad).sum(-1)[0] for p in points]
    )
    if is_of_heads(component) and component != "pattern":  # type: ignore[arg-type]
        change = change.transpose(1, 2)
    for each_position in (False, True):
        expected = base.item() + (change if each_position else change.sum(-1))
        found = patching(
            tiny,
            **ASKED,
            component=component,
            each_position=each_position,
            ablations=CUTS[cuts],
            estimate=True,
        ).estimate
        assert found is not None
        scale = max(1e-3, change.abs().max().item())
        np.testing.assert_allclose(found.values, expected.detach().numpy(), atol=1e-3 * scale)


def test_the_estimate_is_compared_with_the_exact_values(bundled: Model) -> None:
    found = patching(bundled, **ASKED, estimate=True)
    estimate = found.estimate
    assert estimate is not None
    off = estimate.values - found.values
    worst = estimate.worst
    assert worst.position is None
    assert worst.head is not None
    assert abs(off).max() == pytest.approx(abs(off[worst.layer, worst.head]))
    assert estimate.worst_error == pytest.approx(off[worst.layer, worst.head], rel=1e-4)
    ranks = [values.ravel().argsort().argsort() for values in (estimate.values, found.values)]
    assert estimate.rank_correlation == pytest.approx(np.corrcoef(*ranks)[0, 1], abs=1e-3)
    np.testing.assert_allclose(
        estimate.scores,
        (estimate.values - found.corrupt) / (found.clean - found.corrupt),
        atol=1e-5,
    )


@pytest.mark.parametrize("fields", [{}, {"each_position": True}, {"component": "attn_out"}])
def test_what_is_told_on_the_way_is_the_result(tiny: Model, fields: dict[str, Any]) -> None:
    steps = PatchingRequest.ask(**ASKED, **fields).steps(tiny)
    told: list[PatchingProgress] = []
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            found = end.value
            break
        if isinstance(step, PatchingProgress):
            told.append(step)
    values = np.full_like(found.values, found.corrupt)
    for part in told:
        assert (part.clean, part.corrupt) == (found.clean, found.corrupt)
        rows = np.array(part.values, dtype=np.float32)
        rows = rows if is_of_heads(found.component) else rows[:, 0]
        if part.position is None:
            values[part.layers] = rows
        else:
            values[part.layers, ..., part.position] = rows
    assert (values == found.values).all()
    shares = [part.done for part in told]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)


def test_it_says_what_the_loop_would_have_cost(bundled: Model) -> None:
    found = patching(bundled, **ASKED)
    # 144 rows, of which half of the layers are left on average, and 13 of 15 positions.
    assert found.passes.computed == pytest.approx(2 + 144 * 13 / 15 * 6.5 / 12)
    assert found.passes.naive == 144 + 2


def test_a_metric_at_a_position_is_that_of_the_prompts_so_far(tiny: Model) -> None:
    ids = [tiny.tokenize(text) for text in (CLEAN, CORRUPT)]
    shorter = [tiny.decode(each[:8]) for each in ids]
    there = patching(tiny, **ASKED, position=7, each_position=True)
    here = patching(tiny, *shorter, " Mary", " John", each_position=True)
    np.testing.assert_allclose(there.values[..., :8], here.values, atol=1e-6)
    assert (there.values[..., 8:] == np.float32(there.corrupt)).all()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"corrupt": f"{CORRUPT} her"}, r"clean one has 15 \(.*\| Mary\|.* corrupt one 16 \(.*"
         r"they part at token 2"),
        ({"corrupt": "When"}, r"corrupt one 2 \(.*part at token 2"),
        ({"answer": " Mary John"}, "its first token, ' Mary', can stand for it"),
        ({"foil": ""}, "foil is empty"),
        ({"foil": None}, "needs the foil"),
        ({"metric": "kl", "answer": None, "foil": None}, "kl has no value of one run"),
        ({"component": "hook_z"}, "component"),
        ({"component": "mlp_out", "heads": ["L0H0"]}, "layer by layer and has no heads"),
        ({"heads": ["L0H12"]}, "There is no head L0H12"),
        ({"heads": ["6.6"]}, "heads"),
        ({"position": 15}, "There is no position 15"),
        ({"ablations": ["L12H0"]}, "There is no head L12H0"),
    ],
)  # fmt: skip
def test_what_cannot_be_patched_is_refused_in_a_sentence(
    bundled: Model, fields: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(InvalidRequest, match=sentence):
        patching(bundled, **ASKED | fields)


@pytest.mark.parametrize("component", ["z", "pattern"])
@pytest.mark.parametrize("each_position", [False, True])
def test_chosen_heads_are_patched_as_among_all(
    tiny: Model, component: str, each_position: bool
) -> None:
    asked = ASKED | {"component": component, "each_position": each_position, "estimate": True}
    every, some = patching(tiny, **asked), patching(tiny, **asked, heads=CHOSEN)
    assert every.heads is None
    assert some.heads is not None
    assert [(each.layer, each.head) for each in some.heads] == [(2, 3), (0, 1), (2, 0)]
    rows = [2, 0, 2], [3, 1, 0]
    np.testing.assert_allclose(some.values, every.values[rows], atol=1e-6)
    assert every.estimate is not None
    assert some.estimate is not None
    np.testing.assert_allclose(some.estimate.values, every.estimate.values[rows], atol=1e-6)
    worst = some.estimate.worst
    off = (some.estimate.values - some.values).reshape(3, -1)
    assert f"L{worst.layer}H{worst.head}" == CHOSEN[int(np.abs(off).max(-1).argmax())]
    assert some.passes.naive == some.values.size + 2
    assert some.passes.computed < every.passes.computed / 2
    table = some.table()
    assert list(zip(table["layer"], table["head"], strict=True))[:: len(off[0])] == [
        (2, 3), (0, 1), (2, 0)
    ]  # fmt: skip


def test_the_table_has_a_row_a_patch(tiny: Model) -> None:
    found = patching(tiny, **ASKED, each_position=True, estimate=True)
    table = found.table()
    assert list(table) == ["layer", "head", "position", "value", "score", "estimate"]
    assert len(table["value"]) == 3 * 4 * 15
    row = 1 * 4 * 15 + 2 * 15 + 10
    assert [table[axis][row] for axis in ("layer", "head", "position")] == [1, 2, 10]
    assert table["value"][row] == found.values[1, 2, 10]


def test_names_swapped_show_the_name_movers(bundled: Model) -> None:
    """The heads that `docs/bundled-model.md` finds by other means."""
    found = patching(bundled, **ASKED)
    assert found.scores is not None
    later = found.scores.copy()
    later[0] = 0  # the first layer reads the names themselves
    strongest = np.argsort(-later, axis=None)[:2]
    assert {divmod(int(place), 12) for place in strongest} == {(6, 5), (6, 6)}
