"""Packed weights change no number, and are gone where the weights may change."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from attention_surgery.analyses import importance, infer
from attention_surgery.engine import kernels
from attention_surgery.engine.model import Model, load_model
from tests.engine.test_model import PROMPT, logits_of


@pytest.fixture
def packed(directories: dict[str, Path]) -> Model:
    return load_model(directories["bundled"], device="cpu", packed=True)


def test_a_packed_model_gives_the_same_numbers(packed: Model, bundled: Model) -> None:
    assert packed.packed is not None
    assert all((block.w_in is not None) == kernels.HAS_ONEDNN for block in packed.packed.blocks)
    one, other = (infer(each, PROMPT, ["L9H6"], max_new_tokens=8) for each in (packed, bundled))
    assert one.control.text == other.control.text
    assert one.ablated.text == other.ablated.text
    assert one.metrics.kl == pytest.approx(other.metrics.kl, rel=1e-4)
    for method in ("gradient", "ablation"):
        found, expected = (importance(each, PROMPT, method).scores for each in (packed, bundled))
        torch.testing.assert_close(torch.tensor(found), torch.tensor(expected))


def test_what_is_written_to_the_hooked_model_is_seen(packed: Model) -> None:
    ids = packed.tokenize(PROMPT)
    before = logits_of(packed, ids)
    packed.hooked.blocks[1].mlp.W_in.data *= 0.5
    packed.reread()
    assert packed.packed is None
    assert not torch.allclose(logits_of(packed, ids), before, atol=1e-3)
    with torch.inference_mode():
        expected = packed.hooked(torch.tensor([ids]))
    torch.testing.assert_close(logits_of(packed, ids), expected, atol=1e-4, rtol=0)
