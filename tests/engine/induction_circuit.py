"""A two-layer attention-only GPT-2 whose weights are set by hand to be an induction circuit.

The residual stream is four spaces of 24 dimensions: token, position, previous token, unused.
L0H1 attends to the position before and copies its token into "previous token"; L1H2 attends to
where the current token is the previous one and writes that place's token where the unembedding
reads it. All other heads and every MLP write (next to) nothing.
Source: Elhage et al. 2021, "A Mathematical Framework for Transformer Circuits".
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit
from torch import Tensor

PREVIOUS_TOKEN_HEAD = (0, 1)
INDUCTION_HEAD = (1, 2)
SIZE, N_HEADS = 24, 4
D_MODEL = SIZE * N_HEADS
TOKEN, POSITION, PREVIOUS = (slice(i * SIZE, (i + 1) * SIZE) for i in range(3))
WORDS = ["<|endoftext|>", *"abcdefghijklmnopqrstuvw"]


def save_induction_circuit(directory: Path, eps: float = 1e-5) -> Path:
    """Write the model.

    Args:
        eps: of the LayerNorms, whose weights keep what they do to two ones among 96 numbers; if
            it is large, the LayerNorms are linear.
    """
    directory.mkdir(parents=True)
    config = {
        "model_type": "gpt2",
        "activation_function": "gelu_new",
        "n_layer": 2,
        "n_head": N_HEADS,
        "n_embd": D_MODEL,
        "n_positions": SIZE,
        "vocab_size": SIZE,
        "bos_token_id": 0,
        "eos_token_id": 0,
        "layer_norm_epsilon": eps,
    }
    (directory / "config.json").write_text(json.dumps(config))
    words = WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token=WORDS[0])
    tokenizer = Tokenizer(words)
    tokenizer.pre_tokenizer = WhitespaceSplit()
    tokenizer.save(str(directory / "tokenizer.json"))
    save_file(_tensors(eps), directory / "model.safetensors")
    return directory


def _tensors(eps: float) -> dict[str, Tensor]:
    usual = 2 / D_MODEL - (2 / D_MODEL) ** 2
    gain = ((usual + eps) / (usual + 1e-5)) ** 0.5
    one = torch.eye(SIZE)
    embed, positions = torch.zeros(SIZE, D_MODEL), torch.zeros(SIZE, D_MODEL)
    embed[:, TOKEN] = one
    positions[:, POSITION] = one
    shift = torch.diag(torch.ones(SIZE - 1), 1).T  # position i asks for position i − 1
    tensors = {
        "wte.weight": embed,
        "wpe.weight": positions,
        # Two ones among 96 numbers: LayerNorm scales by about 7; logits of about 30 are certain.
        "ln_f.weight": torch.full((D_MODEL,), 4.0 * gain),
        "ln_f.bias": torch.zeros(D_MODEL),
    }
    layers = [
        _attention(PREVIOUS_TOKEN_HEAD[1], (POSITION, shift * 8), (POSITION, one), PREVIOUS, 0.2),
        _attention(INDUCTION_HEAD[1], (TOKEN, one * 8), (PREVIOUS, one), TOKEN, 0.6),
    ]
    for layer, attention in enumerate(layers):
        plain = {
            "ln_1.weight": torch.full((D_MODEL,), gain),
            "ln_1.bias": torch.zeros(D_MODEL),
            "ln_2.weight": torch.ones(D_MODEL),
            "ln_2.bias": torch.zeros(D_MODEL),
            "mlp.c_fc.weight": torch.zeros(D_MODEL, 4 * D_MODEL),
            "mlp.c_fc.bias": torch.zeros(4 * D_MODEL),
            "mlp.c_proj.weight": torch.zeros(4 * D_MODEL, D_MODEL),
            "mlp.c_proj.bias": torch.zeros(D_MODEL),
        }
        tensors |= {f"h.{layer}.{name}": t for name, t in (plain | attention).items()}
    return tensors


def _attention(
    head: int,
    query: tuple[slice, Tensor],
    key: tuple[slice, Tensor],
    writes_to: slice,
    gain: float,
) -> dict[str, Tensor]:
    """One head that moves tokens; the others get weights too small to matter."""
    generator = torch.Generator().manual_seed(head)
    w_qkv = torch.randn(D_MODEL, 3 * D_MODEL, generator=generator) * 0.01
    w_o = torch.randn(D_MODEL, D_MODEL, generator=generator) * 0.01
    of_head = [
        slice(part * D_MODEL + head * SIZE, part * D_MODEL + (head + 1) * SIZE) for part in range(3)
    ]
    values = (TOKEN, torch.eye(SIZE) * gain)
    for columns, (space, weight) in zip(of_head, (query, key, values), strict=True):
        w_qkv[:, columns] = 0
        w_qkv[space, columns] = weight
    rows = of_head[0]
    w_o[rows] = 0
    w_o[rows, writes_to] = torch.eye(SIZE)
    return {
        "attn.c_attn.weight": w_qkv,
        "attn.c_attn.bias": torch.zeros(3 * D_MODEL),
        "attn.c_proj.weight": w_o,
        "attn.c_proj.bias": torch.zeros(D_MODEL),
    }
