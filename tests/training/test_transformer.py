"""What is trained is a GPT-2, and its loss and first heads are what they are said to be."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from transformers import GPT2LMHeadModel

from attention_surgery.engine.model import bundled_directory, load_model
from training.export import export
from training.transformer import CHUNK, LOOK_BACK, Shape, Transformer, attend, next_token_loss

SMALL = Shape(n_layers=2, n_heads=4, d_model=64, n_ctx=32)


@pytest.fixture
def model() -> Transformer:
    """Every parameter at random, so that none can be mistaken for another."""
    torch.manual_seed(0)
    made = Transformer(SMALL)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.05)
    return made.half().float()


def test_an_exported_model_is_the_same_gpt2_in_transformers_and_here(
    model: Transformer, tmp_path: Path
) -> None:
    export(model, bundled_directory() / "tokenizer.json", tmp_path)
    tokens = torch.randint(1, SMALL.d_vocab, (3, SMALL.n_ctx))
    with torch.no_grad():
        trained = model(tokens) @ model.tokens.T
        stock = GPT2LMHeadModel.from_pretrained(tmp_path).float().eval()(tokens).logits
        ours = load_model(tmp_path, device="cpu").hooked(tokens)
    torch.testing.assert_close(trained, stock, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(trained, ours, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("length", [1, 7, 200])
def test_both_ways_to_attend_agree(length: int) -> None:
    q, k, v = torch.randn(3, 2, 4, length, 16)
    expected = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    torch.testing.assert_close(attend(q, k, v), expected, atol=1e-5, rtol=1e-5)


def test_the_chunked_loss_and_its_gradients_are_those_of_cross_entropy() -> None:
    torch.manual_seed(0)
    hidden = torch.randn(2, CHUNK // 2 + 50, 24, requires_grad=True)
    unembed = torch.randn(50, 24, requires_grad=True)
    targets = torch.randint(50, hidden.shape[:2])
    logits = F.linear(hidden, unembed).flatten(0, 1)
    expected = F.cross_entropy(logits, targets.flatten(), reduction="sum")
    loss = next_token_loss(hidden, unembed, targets)
    torch.testing.assert_close(loss, expected)
    gradients = torch.autograd.grad(loss * 0.5, (hidden, unembed))
    for found, right in zip(
        gradients, torch.autograd.grad(expected * 0.5, (hidden, unembed)), strict=True
    ):
        torch.testing.assert_close(found, right, atol=1e-4, rtol=1e-4)


def test_the_first_heads_start_out_looking_so_many_tokens_back() -> None:
    torch.manual_seed(0)
    model = Transformer(Shape(n_layers=1))
    block = model.blocks[0]
    x = F.embedding(torch.randint(1, 4096, (4, 256)), model.tokens) + model.positions
    q, k, _ = block.qkv(block.ln_1(x)).view(4, 256, 3, 12, 16).permute(2, 0, 3, 1, 4)
    future = torch.ones(256, 256, dtype=torch.bool).triu(1)
    pattern = (q @ k.mT / 4).masked_fill(future, -torch.inf).softmax(-1).mean(0)
    for head, offset in enumerate(LOOK_BACK):
        assert pattern[head].diagonal(-offset).mean() > 0.8
        assert pattern[-1].diagonal(-offset).mean() < 0.1
