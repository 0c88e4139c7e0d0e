"""Published figures: measured as their source measured them, proved on the bundled model; the real
GPT-2 Small's with `pytest -m gpt2`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor
from transformer_lens import HookedTransformer

from attention_surgery import InvalidSetting, load_model, verify
from attention_surgery.analyses.checks import (
    LogitDifferences,
    NextToken,
    PatchedShares,
    ProcessedAttribution,
    Repeats,
    checks_of,
)
from attention_surgery.analyses.verify import compared
from attention_surgery.engine.model import Model
from attention_surgery.engine.steps import drain

Stock = Callable[[Model], HookedTransformer]
TEMPLATE = "When John and Mary went to the shops,{} gave the bag to"
ASKED = {TEMPLATE: (" John", " Mary")}
PROMPTS = [TEMPLATE.format(name) for name in (" Mary", " John")]
ALL = {f"L{layer}H{head}": 0.0 for layer in range(12) for head in range(12)}
COMMON = {"title": "", "source": "", "unit": "", "tolerance": 1.0}


@pytest.mark.gpt2
def test_every_published_figure_of_gpt2_small_agrees() -> None:
    off = [figure for figure in verify(load_model("gpt2")).comparisons if not figure.agrees]
    assert off == []


def test_every_documented_figure_of_the_bundled_model_agrees(bundled: Model) -> None:
    result = verify(bundled)
    assert [figure for figure in result.comparisons if not figure.agrees] == []
    assert result.agrees
    assert not result.failed
    assert len(result.table()["ours"]) >= 10


def test_what_is_off_is_said(bundled: Model) -> None:
    (check, *_) = checks_of("bundled", bundled.name)
    ours = {name: value + 2 * check.tolerance for name, value in check.figures.items()}
    assert not any(figure.agrees for figure in compared(check, bundled, ours))
    nothing = dict.fromkeys(check.figures, float("nan"))
    assert not any(figure.agrees for figure in compared(check, bundled, nothing))


def test_of_other_models_nothing_is_known(tiny: Model) -> None:
    with pytest.raises(InvalidSetting, match="verify gpt2 or gpt2-mini-12x12"):
        verify(tiny)
    assert checks_of("directory", "gpt2") == ()


def test_a_figure_of_gpt2_has_a_source_and_a_narrow_tolerance() -> None:
    checks = checks_of("hub", "gpt2")
    assert sum(len(check.figures) for check in checks) >= 70
    assert {check.measure for check in checks} == {
        *("next_token", "logit_difference", "patching", "attribution", "repeats"),
    }
    for check in checks:
        assert check.source
        assert check.tolerance <= 0.01


def answers(model: Model) -> Tensor:
    return torch.tensor(
        [
            [model.tokenize(text, prepend_bos=False)[0] for text in pair]
            for pair in ([" John", " Mary"], [" Mary", " John"])
        ]
    )


def differences(model: Model, logits: Tensor) -> Tensor:
    chosen = logits[:, -1].gather(-1, answers(model))
    return chosen[:, 0] - chosen[:, 1]


@pytest.mark.parametrize("component", ["z", "q", "k", "v", "pattern"])
def test_shares_of_a_mean_are_measured_as_the_demo_does(
    bundled: Model, stock: Stock, component: str
) -> None:
    """One batch of both prompts, patched from the batch turned round."""
    fields = {"measure": "patching", "component": component, "asked": ASKED, "figures": ALL}
    found = drain(PatchedShares.model_validate(COMMON | fields).steps(bundled))
    tokens = torch.tensor([bundled.tokenize(prompt) for prompt in PROMPTS])
    with torch.inference_mode():
        logits, cache = stock(bundled).run_with_cache(tokens)
        clean = differences(bundled, logits).mean()
        corrupt = differences(bundled, stock(bundled)(tokens.flip(0))).mean()
        for site in sorted(found, key=lambda name: -abs(found[name]))[:3]:
            layer, head = map(int, site[1:].split("H"))
            name = f"blocks.{layer}.attn.hook_{component}"
            place = (slice(None), head) if component == "pattern" else (..., head, slice(None))

            def patch(value: Tensor, hook: object, name: str = name, place: object = place) -> None:
                value[place] = cache[name][place]  # type: ignore[index]

            patched = stock(bundled).run_with_hooks(tokens.flip(0), fwd_hooks=[(name, patch)])
            share = (differences(bundled, patched).mean() - corrupt) / (clean - corrupt)
            assert found[site] == pytest.approx(share.item(), abs=1e-4)


def test_kinds_are_measured_as_the_demo_does(bundled: Model, stock: Stock) -> None:
    """The mean of a diagonal of each head's pattern, on tokens drawn in the demo's own words."""
    length = 40
    figures = {
        f"{kind} {site}": 0.0 for kind in ("previous", "duplicate", "induction") for site in ALL
    }
    fields = {"measure": "repeats", "rows": 1, "length": length, "drawn_from": (100, 4000)}
    check = Repeats.model_validate(COMMON | fields | {"figures": figures})
    torch.manual_seed(0)
    rows = torch.randint(100, 4000, (1, length)).repeat(1, 2)
    torch.testing.assert_close(check.tokens(bundled), rows)
    found = drain(check.steps(bundled))
    with torch.inference_mode():
        _, cache = stock(bundled).run_with_cache(rows)
    for kind, offset in (("previous", -1), ("duplicate", -length), ("induction", 1 - length)):
        expected = [
            cache["pattern", layer][0, head].diagonal(offset).mean().item()
            for layer in range(12)
            for head in range(12)
        ]
        ours = [found[f"{kind} {site}"] for site in ALL]
        np.testing.assert_allclose(ours, expected, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("cut", [(), ("L6H6@-1",)], ids=["as it is", "L6H6 cut"])
def test_attribution_is_that_of_processed_weights(
    bundled: Model, stock: Stock, cut: tuple[str, ...]
) -> None:
    """TransformerLens' own processing, its own cache, z zeroed at the last position."""
    fields = {"measure": "attribution", "asked": ASKED, "cut": cut}
    figures = {**ALL, "logit difference": 0.0}
    check = ProcessedAttribution.model_validate(COMMON | fields | {"figures": figures})
    found = drain(check.steps(bundled))

    folded = processed_copy(stock(bundled))
    tokens = torch.tensor([bundled.tokenize(prompt) for prompt in PROMPTS])

    def zero(z: Tensor, hook: object) -> None:
        z[:, -1, 6] = 0

    hooks = [("blocks.6.attn.hook_z", zero)] if cut else []
    with torch.inference_mode(), folded.hooks(fwd_hooks=hooks):
        logits, cache = folded.run_with_cache(tokens)
        heads = cache.stack_head_results(layer=-1, pos_slice=-1)
        scaled = cache.apply_ln_to_stack(heads, layer=-1, pos_slice=-1)
        directions = folded.tokens_to_residual_directions(answers(bundled))
        toward = directions[:, 0] - directions[:, 1]
        expected = torch.einsum("hbd,bd->h", scaled, toward) / len(PROMPTS)
    np.testing.assert_allclose([found[site] for site in ALL], expected, atol=2e-4)
    whole = differences(bundled, logits).mean().item()
    assert found["logit difference"] == pytest.approx(whole, abs=1e-3)


def processed_copy(raw: HookedTransformer) -> HookedTransformer:
    """The same model with TransformerLens' default processing of weights."""
    made = HookedTransformer(raw.cfg)
    made.load_and_process_state_dict(
        {name: value.clone() for name, value in raw.state_dict().items()},
        fold_ln=True,
        center_writing_weights=True,
        center_unembed=True,
        fold_value_biases=True,
    )
    return made


def test_probabilities_and_differences_are_the_stock_models(bundled: Model, stock: Stock) -> None:
    tokens = torch.tensor([bundled.tokenize(PROMPTS[0], prepend_bos=False)])
    with torch.inference_mode():
        logprobs = stock(bundled)(tokens, prepend_bos=False)[0, -1].log_softmax(-1)
        batch = torch.tensor([bundled.tokenize(prompt) for prompt in PROMPTS])
        expected = differences(bundled, stock(bundled)(batch)).tolist()
    token = int(logprobs.argmax())
    fields = {"measure": "next_token", "prompt": PROMPTS[0], "prepend_bos": False}
    check = NextToken.model_validate(COMMON | fields | {"figures": {str(token): 0.0}})
    found = drain(check.steps(bundled))
    assert found[str(token)] == pytest.approx(logprobs[token].item(), abs=1e-4)
    assert check.label(bundled, str(token)).endswith(bundled.tokens([token])[0].text)

    fields = {"measure": "logit_difference", "asked": ASKED, "figures": {"first": 0, "second": 0}}
    found = drain(LogitDifferences.model_validate(COMMON | fields).steps(bundled))
    assert list(found.values()) == pytest.approx(expected, abs=1e-3)
