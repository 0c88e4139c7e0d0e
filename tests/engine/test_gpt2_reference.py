"""Published figures of the real GPT-2 Small; run by `pytest -m gpt2` where its weights are cached.

Source: the Transformer Explainer project, poloclub.github.io/transformer-explainer.
"""

from __future__ import annotations

import pytest
import torch

from attention_surgery.engine.forward import embed, final_norm, run_block, unembed
from attention_surgery.engine.model import load_model

FIGURES = [
    (
        "Data visualization empowers users to",
        [6601, 32704, 795, 30132, 2985, 284],
        {38350: -1.846, 2251: -2.617, 766: -3.053},
    ),
    (
        "Artificial Intelligence is transforming the",
        [8001, 9542, 9345, 318, 25449, 262],
        {835: -1.404, 995: -1.574},
    ),
    (
        "As the spaceship was approaching the",
        [1722, 262, 40663, 373, 13885, 262],
        {5440: -2.046, 4417: -3.365},
    ),
]


@pytest.mark.gpt2
@pytest.mark.parametrize(("prompt", "ids", "expected"), FIGURES)
def test_next_token_log_probabilities_are_the_published_ones(
    prompt: str, ids: list[int], expected: dict[int, float]
) -> None:
    model = load_model("gpt2")
    assert model.tokenize(prompt, prepend_bos=False) == ids
    with torch.inference_mode():
        resid = embed(model, torch.tensor([ids], device=model.device))
        for layer in range(model.n_layers):
            resid = run_block(model, layer, resid)
        logprobs = unembed(model, final_norm(model, resid[0, -1])).log_softmax(-1)
    for token, logprob in expected.items():
        assert logprobs[token].item() == pytest.approx(logprob, abs=0.01)
