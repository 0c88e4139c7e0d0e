"""Published patching and kinds of heads of the real GPT-2 Small; its weights with `pytest -m gpt2`.

Sources: the saved outputs of TransformerLens' demos Exploratory_Analysis_Demo.ipynb and
Activation_Patching_in_TL_Demo.ipynb. The largest values are written out here. How they are measured
is proved on the bundled model, against TransformerLens in its demo's own words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor
from transformer_lens import HookedTransformer

from attention_surgery.analyses import patching
from attention_surgery.engine.head_types import looks_on_repeats
from attention_surgery.engine.model import Model, load_model
from attention_surgery.engine.steps import drain

Stock = Callable[[Model], HookedTransformer]
Site = tuple[int, int]

# {} is who acts, first the second name, then the first; the answer is the other one.
ASKED = {
    "When John and Mary went to the shops,{} gave the bag to": (" John", " Mary"),
    "When Tom and James went to the park,{} gave the ball to": (" Tom", " James"),
    "When Dan and Sid went to the shops,{} gave an apple to": (" Dan", " Sid"),
    "After Martin and Amy went to the park,{} gave a drink to": (" Martin", " Amy"),
}
LOGIT_DIFFERENCES = [3.337, 3.202, 2.709, 3.797, 1.72, 5.281, 2.601, 5.767]
# Shares of the mean logit difference that one head's activation of the clean run restores.
PATCHING: dict[str, dict[Site, float]] = {
    "z": {
        (10, 7): -0.4799, (5, 5): 0.3435, (8, 6): 0.3186, (11, 10): -0.2782,
        (8, 10): 0.2779, (9, 9): 0.2636, (7, 9): 0.1922, (6, 9): 0.1303,
    },
    "q": {
        (10, 7): -0.5129, (5, 5): 0.3435, (11, 10): -0.3374, (9, 9): 0.2794,
        (6, 9): 0.1303, (3, 0): 0.1204, (10, 0): 0.0981, (11, 2): -0.0857,
    },
    "k": {(10, 7): -0.131, (11, 10): -0.1136, (5, 9): 0.0395, (8, 10): -0.0257},
    "v": {
        (8, 6): 0.3172, (8, 10): 0.2727, (7, 9): 0.2084, (7, 3): 0.1332,
        (9, 7): 0.0686, (6, 0): 0.0486, (11, 10): 0.0442, (11, 2): -0.0359,
    },
    "pattern": {
        (10, 7): -0.5051, (5, 5): 0.3435, (11, 10): -0.3205, (9, 9): 0.2766,
        (6, 9): 0.1304, (3, 0): 0.1146, (10, 0): 0.0954, (11, 2): -0.0778,
    },
}  # fmt: skip
# Mean attention on 100 random tokens told twice, without a beginning of text.
KINDS: dict[str, dict[Site, float]] = {
    "previous": {(4, 11): 0.9921, (3, 7): 0.5286, (6, 8): 0.4993, (2, 2): 0.4818},
    "duplicate": {(0, 5): 0.7035, (3, 0): 0.6776, (0, 1): 0.1324, (7, 2): 0.0415},
    "induction": {(5, 1): 0.9306, (6, 9): 0.9258, (5, 5): 0.9256, (7, 10): 0.9038, (7, 2): 0.851},
}
LENGTH = 100


def contrasts(asked: Mapping[str, tuple[str, str]]) -> list[dict[str, str]]:
    """Clean and corrupt prompt, answer and foil: two of each template."""
    return [
        {
            "prompt": template.format(foil),
            "corrupt": template.format(answer),
            "answer": answer,
            "foil": foil,
        }
        for template, (first, second) in asked.items()
        for answer, foil in ((first, second), (second, first))
    ]


def restored(
    model: Model, asked: list[dict[str, str]], component: str
) -> tuple[list[float], NDArray[np.float64]]:
    """The clean logit differences, and [layer, head] shares of their mean."""
    found = [patching(model, **each, component=component) for each in asked]
    clean, corrupt = ([getattr(each, name) for each in found] for name in ("clean", "corrupt"))
    values = np.mean([each.values for each in found], axis=0)
    return clean, (values - np.mean(corrupt)) / (np.mean(clean) - np.mean(corrupt))


def twice_told() -> Tensor:
    """The tokens of the demo, in its own words."""
    torch.manual_seed(0)
    return torch.randint(100, 20_000, (1, LENGTH)).repeat(1, 2)


def kinds(model: Model, rows: Tensor) -> dict[str, Float[Tensor, "layer head"]]:
    looks = drain(looks_on_repeats(model, rows, rows.shape[1] // 2))
    return {name: getattr(looks, name) for name in KINDS}


def assert_published(found: NDArray[np.float64] | Tensor, published: Mapping[Site, float]) -> None:
    assert len(found) == 12
    for site, value in published.items():
        assert found[site] == pytest.approx(value, abs=0.01), site


@pytest.mark.gpt2
@pytest.mark.parametrize("component", PATCHING)
def test_patching_of_gpt2_small_is_what_was_published(component: str) -> None:
    clean, shares = restored(load_model("gpt2"), contrasts(ASKED), component)
    assert clean == pytest.approx(LOGIT_DIFFERENCES, abs=0.01)
    assert_published(shares, PATCHING[component])


@pytest.mark.gpt2
def test_kinds_of_heads_of_gpt2_small_are_what_was_published() -> None:
    found = kinds(load_model("gpt2"), twice_told())
    for name, published in KINDS.items():
        assert_published(found[name], published)


@pytest.mark.parametrize("component", PATCHING)
def test_shares_of_a_mean_are_measured_as_the_demo_does(
    bundled: Model, stock: Stock, component: str
) -> None:
    """One batch of both prompts, patched from the batch turned round."""
    prompts = [
        "When John and Mary went to the shops, Mary gave the bag to",
        "When John and Mary went to the shops, John gave the bag to",
    ]
    answers = [[" John", " Mary"], [" Mary", " John"]]
    tokens = torch.tensor([bundled.tokenize(prompt) for prompt in prompts])
    ids = torch.tensor(
        [[bundled.tokenize(text, prepend_bos=False)[0] for text in pair] for pair in answers]
    )

    def differences(logits: Tensor) -> Tensor:
        chosen = logits[:, -1].gather(-1, ids)
        return chosen[:, 0] - chosen[:, 1]

    template = next(iter(ASKED))
    clean, shares = restored(bundled, contrasts({template: ASKED[template]}), component)
    with torch.inference_mode():
        clean_logits, cache = stock(bundled).run_with_cache(tokens)
        corrupt = differences(stock(bundled)(tokens.flip(0))).mean()
        assert clean == pytest.approx(differences(clean_logits).tolist(), abs=1e-4)
        strongest = np.argsort(-abs(shares), axis=None)[:3]
        for layer, head in zip(*np.unravel_index(strongest, shares.shape), strict=True):
            name = f"blocks.{layer}.attn.hook_{component}"
            place = (slice(None), head) if component == "pattern" else (..., head, slice(None))

            def patch(value: Tensor, hook: object, name: str = name, place: object = place) -> None:
                value[place] = cache[name][place]  # type: ignore[index]

            patched = stock(bundled).run_with_hooks(tokens.flip(0), fwd_hooks=[(name, patch)])
            share = (differences(patched).mean() - corrupt) / (
                differences(clean_logits).mean() - corrupt
            )
            assert shares[layer, head] == pytest.approx(share.item(), abs=1e-4)


def test_kinds_are_measured_as_the_demo_does(bundled: Model, stock: Stock) -> None:
    """The mean of a diagonal of each head's pattern."""
    rows = twice_told()[:, :LENGTH][:, :40].repeat(1, 2) % bundled.d_vocab
    with torch.inference_mode():
        _, cache = stock(bundled).run_with_cache(rows)
    for name, offset in (("previous", -1), ("duplicate", -40), ("induction", -39)):
        expected = [
            [cache["pattern", layer][0, head].diagonal(offset).mean() for head in range(12)]
            for layer in range(12)
        ]
        torch.testing.assert_close(
            kinds(bundled, rows)[name], torch.tensor(expected), atol=1e-5, rtol=1e-4
        )
