"""Blocks of GPT-2's size, once: `make test-long` proves every analysis on them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor
from transformers import GPT2LMHeadModel

from attention_surgery.analyses import infer
from attention_surgery.engine.model import load_model
from benchmarks.random_gpt2 import save_random_gpt2
from tests.engine.test_model import PROMPT

LAYER, HEAD = 1, 6


def test_texts_and_kl_on_gpt2s_shape_equal_transformers(tmp_path: Path) -> None:
    directory = save_random_gpt2(tmp_path / "wide", n_layers=3)
    model = load_model(directory, device="cpu", name="wide")
    result = infer(model, PROMPT, [(LAYER, HEAD)], max_new_tokens=2)
    ids = torch.tensor([model.tokenize(PROMPT) + [token.id for token in result.control.tokens]])

    stock = GPT2LMHeadModel.from_pretrained(directory, dtype=torch.float32)
    width = stock.config.n_embd // stock.config.n_head

    def cut(_: object, args: tuple[Tensor]) -> tuple[Tensor]:
        z = args[0].clone()
        z[..., HEAD * width : (HEAD + 1) * width] = 0
        return (z,)

    with torch.inference_mode():
        control = stock(ids).logits[0].double().log_softmax(-1)
        with stock.transformer.h[LAYER].attn.c_proj.register_forward_pre_hook(cut):
            ablated = stock(ids).logits[0].double().log_softmax(-1)
    assert control[-3:-1].argmax(-1).tolist() == [token.id for token in result.control.tokens]
    kl = (control.exp() * (control - ablated)).sum(-1)[:-1]
    assert [token.kl for token in result.metrics.per_token] == pytest.approx(
        kl.tolist(), rel=0.02, abs=1e-9
    )
    assert kl.min() > 0
