"""Every importance method, of every metric, given any cuts, equals hooked passes of a stock model.

Each score is computed here the slow way: a pass of stock TransformerLens for each head, with the
interventions as plain hooks and the metric from the logits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch
from torch import Tensor
from transformer_lens import HookedTransformer

from attention_surgery.analyses.head_scores import HeadScores
from attention_surgery.analyses.importance import importance
from attention_surgery.engine.model import Model
from attention_surgery.errors import InvalidPrompt, InvalidSetting
from attention_surgery.interventions import Intervention, ablation, parse
from attention_surgery.metrics import metrics
from tests.engine.naive import naive_hooks, naive_logits
from tests.engine.test_model import PROMPT

Stock = Callable[[Model], HookedTransformer]
OTHER = "When Anna and Peter went to the shop, Peter gave a book to"
ANSWER, FOIL = " Mary", " John"
CUTS: dict[str, list[Intervention]] = {
    "as it is": [],
    "cut": [parse("L1H2"), parse("L2H1m*0.5"), parse("L1H0p"), parse("M1*0.5"), parse("L2H3@3-5")],
}
TOKENS: dict[str, dict[str, str]] = {
    metric.name: ({"answer": ANSWER} if metric.needs_answer else {})
    | ({"foil": FOIL} if metric.needs_foil else {})
    for metric in metrics()
} | {"year_difference": {"answer": "32"}}


def naive_metric(
    name: str, logits: Tensor, ids: Sequence[int], base: Tensor, model: Model
) -> Tensor:
    """The definition, from the logits of a whole run."""
    answer, foil = (model.tokenize(text, prepend_bos=False)[0] for text in (ANSWER, FOIL))
    logprobs = logits.log_softmax(-1)
    p = logprobs[-1].exp()
    match name:
        case "logit_difference":
            return logits[-1, answer] - logits[-1, foil]
        case "probability":
            return p[answer]
        case "log_probability":
            return logprobs[-1, answer]
        case "probability_difference":
            return p[answer] - p[foil]
        case "year_difference":
            years = [model.tokenize(f"{year:02d}", prepend_bos=False)[0] for year in range(100)]
            return p[years[33:]].sum() - p[years[:33]].sum()
        case "loss":
            return torch.nn.functional.cross_entropy(logits[:-1], torch.tensor(list(ids)[1:]))
        case "kl":
            control = base.log_softmax(-1)
            return (control.exp() * (control - logprobs)).sum(-1).mean()
    raise AssertionError(f"write the definition of {name} here")


def naive_effects(
    model: Model,
    stock: HookedTransformer,
    cuts: list[Intervention],
    single: Callable[[int, int], Intervention],
    heads: Sequence[int],
    names: Sequence[str],
) -> dict[str, Tensor]:
    """metric(ablated) − metric(base), [layer, head], one hooked pass per head."""
    ids = model.tokenize(PROMPT)
    taken = {(cut.layer, cut.head) for cut in cuts}

    def logits(more: list[Intervention]) -> Tensor:
        return naive_logits(stock, ids, [*cuts, *more], tokenize=model.tokenize).double()

    base = logits([])
    effects = {name: torch.zeros(model.n_layers, len(heads)).double() for name in names}
    for layer in range(model.n_layers):
        for column, head in enumerate(heads):
            if (layer, head) in taken:
                continue
            ablated = logits([single(layer, head)])
            for name in names:
                values = [naive_metric(name, run, ids, base, model) for run in (ablated, base)]
                effects[name][layer, column] = values[0] - values[1]
    return effects


def scores_of(result: HeadScores, heads: Sequence[int]) -> Tensor:
    return torch.tensor(result.scores).double()[:, list(heads)]


@pytest.mark.parametrize("cuts", CUTS)
def test_effects_of_every_metric_equal_hooked_passes(tiny: Model, stock: Stock, cuts: str) -> None:
    names = list(TOKENS)
    expected = naive_effects(
        tiny, stock(tiny), CUTS[cuts], lambda x, h: ablation(x, h), range(4), names
    )
    for name in names:
        found = importance(
            tiny, PROMPT, "ablation", metric=name, ablations=CUTS[cuts], **TOKENS[name]
        )
        torch.testing.assert_close(scores_of(found, range(4)), expected[name], atol=1e-5, rtol=1e-3)


METHODS: dict[str, dict[str, Any]] = {
    "zero": {},
    "zero, value bias kept": {"value_bias": "keep"},
    "zero, half-way": {"strength": 0.5},
    "mean, amplified": {"strength": -1.0},
    "previous": {},
    "previous, half-way": {"strength": 0.5},
    "dataset-mean": {"references": [OTHER, PROMPT]},
    "resample": {"source": OTHER},
    "resample, half-way": {"source": OTHER, "strength": 0.5},
}


@pytest.mark.parametrize("cuts", CUTS)
@pytest.mark.parametrize("variant", METHODS)
def test_every_ablation_method_can_be_swept(
    tiny: Model, stock: Stock, variant: str, cuts: str
) -> None:
    method, fields = variant.split(",")[0], dict(METHODS[variant])
    assert len(tiny.tokenize(OTHER)) == len(tiny.tokenize(PROMPT))
    expected = naive_effects(
        tiny,
        stock(tiny),
        CUTS[cuts],
        lambda x, h: ablation(x, h, method, **fields),
        range(4),
        ["kl"],
    )
    strength = fields.pop("strength", 1.0)
    found = importance(
        tiny,
        PROMPT,
        "ablation",
        ablations=CUTS[cuts],
        ablation_method=method,
        ablation_strength=strength,
        ablation_parameters=fields,
    )
    torch.testing.assert_close(scores_of(found, range(4)), expected["kl"], atol=1e-6, rtol=1e-3)


def test_conditional_effects_on_every_shape_equal_hooked_passes(
    any_model: Model, stock: Stock
) -> None:
    heads = [0, any_model.n_heads - 1]
    names = ["logit_difference", "kl"]
    expected = naive_effects(
        any_model, stock(any_model), CUTS["cut"], lambda x, h: ablation(x, h), heads, names
    )
    for name in names:
        found = importance(
            any_model, PROMPT, "ablation", metric=name, ablations=CUTS["cut"], **TOKENS[name]
        )
        torch.testing.assert_close(scores_of(found, heads), expected[name], atol=1e-4, rtol=1e-3)


def naive_gradients(
    model: Model, stock: HookedTransformer, cuts: list[Intervention], name: str
) -> tuple[list[Tensor], list[Tensor]]:
    """A as the run uses it, and ∂metric/∂A, by autograd through one hooked pass."""
    ids = model.tokenize(PROMPT)
    patterns: list[Tensor] = []

    def keep(pattern: Tensor, hook: object) -> Tensor:
        kept = pattern.view_as(pattern)
        if not kept.requires_grad:
            kept = kept.detach().requires_grad_()
        kept.retain_grad()
        patterns.append(kept)
        return kept

    points = [f"blocks.{layer}.attn.hook_pattern" for layer in range(model.n_layers)]
    hooks = [*naive_hooks(stock, cuts, len(ids), model.tokenize), *((p, keep) for p in points)]
    with torch.enable_grad(), stock.hooks(fwd_hooks=hooks):
        logits = stock(torch.tensor([ids]))[0]
        naive_metric(name, logits, ids, logits.detach(), model).backward()
    stock.zero_grad()
    return patterns, [p.grad for p in patterns if p.grad is not None]


@pytest.mark.parametrize("cuts", CUTS)
@pytest.mark.parametrize("name", [name for name in TOKENS if name != "kl"])
def test_gradients_of_every_metric_equal_autograd(
    tiny: Model, stock: Stock, name: str, cuts: str
) -> None:
    patterns, slopes = naive_gradients(tiny, stock(tiny), CUTS[cuts], name)
    norms = torch.stack([g[0].tril().flatten(1).norm(dim=1) for g in slopes]).double()
    products = torch.stack(
        [-(p.detach() * g)[0].tril().sum((1, 2)) for p, g in zip(patterns, slopes, strict=True)]
    ).double()
    for method, expected in (("gradient", norms), ("attribution", products)):
        found = importance(tiny, PROMPT, method, metric=name, ablations=CUTS[cuts], **TOKENS[name])
        scale = expected.abs().max().item()
        torch.testing.assert_close(
            scores_of(found, range(4)), expected, atol=1e-4 * scale, rtol=1e-3
        )


@pytest.mark.parametrize("name", [m.name for m in metrics() if not m.everywhere])
def test_a_metric_at_a_position_is_that_of_the_prompt_so_far(tiny: Model, name: str) -> None:
    ids = tiny.tokenize(PROMPT)
    shorter = tiny.decode(ids[:8])
    assert tiny.tokenize(shorter) == ids[:8]
    for method in ("ablation", "gradient", "attribution"):
        there, here = (
            importance(tiny, text, method, metric=name, position=position, **TOKENS[name])
            for text, position in ((PROMPT, 7), (shorter, -1))
        )
        torch.testing.assert_close(torch.tensor(there.scores), torch.tensor(here.scores))
        assert there.base == here.base


def test_a_head_already_cut_has_no_effect_more(tiny: Model) -> None:
    found = importance(tiny, PROMPT, "ablation", ablations=["L1H2", "L2H0m*0.5"]).scores
    assert found[1][2] == found[2][0] == 0
    assert found[1][1] > 0


def test_the_base_is_the_metric_of_the_model_as_it_is_cut(bundled: Model, stock: Stock) -> None:
    cuts = [parse("L6H5"), parse("L6H6")]
    ids = bundled.tokenize(PROMPT)
    logits = naive_logits(stock(bundled), ids, cuts)
    for name in ("logit_difference", "loss", "probability"):
        found = importance(bundled, PROMPT, "gradient", metric=name, ablations=cuts, **TOKENS[name])
        expected = naive_metric(name, logits, ids, logits, bundled).item()
        assert found.base == pytest.approx(expected, rel=1e-4)


def test_what_backs_a_head_up_shows_once_the_others_are_cut(bundled: Model) -> None:
    alone = importance(bundled, PROMPT, "ablation", positions="last").scores[6][5]
    backed = importance(
        bundled, PROMPT, "ablation", positions="last", ablations=["L6H6", "L5H9", "L4H10"]
    ).scores[6][5]
    assert alone == pytest.approx(0.041, abs=0.002)
    assert backed == pytest.approx(1.75, abs=0.02)


def test_norms_under_a_cut_are_those_of_the_cut_model(tiny: Model) -> None:
    whole, cut = (importance(tiny, PROMPT, "l2", ablations=cuts).scores for cuts in ([], ["L1H2"]))
    assert cut[1][2] == 0
    assert (cut[0] == whole[0]).all()
    assert (cut[2] != whole[2]).all()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"method": "ablation", "metric": "logit_difference", "answer": " Mary"}, "needs the foil"),
        ({"method": "ablation", "metric": "probability"}, "needs the answer"),
        ({"method": "gradient", "answer": " Mary"}, "has no answer"),
        ({"method": "gradient", "metric": "kl"}, "zero at the base itself"),
        ({"method": "l2", "metric": "loss"}, "asked of no metric"),
        ({"method": "gradient", "metric": "beauty"}, "is no metric: use"),
        ({"method": "ablation", "metric": "loss", "position": 3}, "leave position out"),
        ({"method": "ablation", "metric": "loss", "positions": "last"}, "belongs to the metric kl"),
        ({"method": "gradient", "ablation_strength": 0.5}, "use the method ablation"),
        (
            {"method": "ablation", "ablation_method": "resample"},
            r"^ablation_parameters\.source: this field is required\.$",
        ),
        (
            {"method": "ablation", "ablation_method": "melt"},
            "^ablation_method: 'melt' is no ablation",
        ),
        (
            {"method": "ablation", "ablation_parameters": {"layer": 3}},
            "_parameters: layer",
        ),
        (
            {"method": "ablation", "ablation_parameters": {"value_bias": "cut"}},
            r"^ablation_parameters\.value_bias: the value should be",
        ),
        ({"method": "ablation", "metric": "logit_difference"}, "^The metric logit_difference"),
    ],
)
def test_what_does_not_fit_together_is_refused(
    tiny: Model, fields: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(InvalidSetting, match=sentence):
        importance(tiny, PROMPT, **fields)


def test_an_answer_of_several_tokens_is_refused_naming_them(tiny: Model) -> None:
    with pytest.raises(
        InvalidSetting, match=r"answer ' Mary John' is 2 tokens \(' Mary', ' John'\)"
    ):
        importance(tiny, PROMPT, "ablation", metric="probability", answer=" Mary John")
    with pytest.raises(InvalidSetting, match="foil is empty"):
        importance(tiny, PROMPT, "ablation", metric="logit_difference", answer=" Mary", foil="")
    with pytest.raises(InvalidSetting, match="There is no position 40"):
        importance(tiny, PROMPT, "gradient", metric="probability", answer=" Mary", position=40)
    with pytest.raises(InvalidPrompt, match="needs a next token"):
        importance(tiny, "", "ablation", metric="loss")


def test_hooks_of_the_users_own_are_seen_in_every_row(tiny: Model, stock: Stock) -> None:
    """A head silenced at `hook_z` and a halved MLP, by hooks of TransformerLens."""

    def silence(z: Tensor, hook: object) -> Tensor:
        z = z.clone()
        z[:, :, 2] = 0
        return z

    def halve(out: Tensor, hook: object) -> Tensor:
        return out / 2

    tiny.hooked.add_hook("blocks.1.attn.hook_z", silence)
    tiny.hooked.add_hook("blocks.1.hook_mlp_out", halve)
    try:
        hooked = importance(tiny, PROMPT, "ablation", positions="last").scores
    finally:
        tiny.hooked.reset_hooks()
    cut = importance(
        tiny, PROMPT, "ablation", positions="last", ablations=["L1H2", "M1*0.5"]
    ).scores
    torch.testing.assert_close(torch.tensor(hooked), torch.tensor(cut), atol=1e-6, rtol=1e-3)
