"""GPT-2-shaped random weights in Hugging Face layout, for benchmarks and tests.

The real weights cannot be had without a network; their shapes and statistics are enough to time
every path and to compare it with `transformers`. The bundled model's tokenizer stands in.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from attention_surgery.engine.model import bundled_directory

# (layers, heads, d_model) of the published sizes.
SIZES = {
    "gpt2": (12, 12, 768),
    "gpt2-medium": (24, 16, 1024),
    "gpt2-large": (36, 20, 1280),
    "gpt2-xl": (48, 25, 1600),
}


def save_random_gpt2(
    directory: Path,
    *,
    n_layers: int = 12,
    n_heads: int = 12,
    d_model: int = 768,
    d_vocab: int = 50257,
    n_ctx: int = 1024,
    seed: int = 0,
) -> Path:
    """Write config.json, model.safetensors and tokenizer.json; returns the directory."""
    directory.mkdir(parents=True, exist_ok=True)
    config = {
        "model_type": "gpt2",
        "architectures": ["GPT2LMHeadModel"],
        "activation_function": "gelu_new",
        "n_layer": n_layers,
        "n_head": n_heads,
        "n_embd": d_model,
        "n_positions": n_ctx,
        "vocab_size": d_vocab,
        "layer_norm_epsilon": 1e-5,
        "bos_token_id": 0,
        "eos_token_id": 0,
        "tie_word_embeddings": True,
    }
    (directory / "config.json").write_text(json.dumps(config))
    shutil.copy(bundled_directory() / "tokenizer.json", directory / "tokenizer.json")
    save_file(
        _random_tensors(n_layers, d_model, d_vocab, n_ctx, seed), directory / "model.safetensors"
    )
    return directory


def _random_tensors(
    n_layers: int, d_model: int, d_vocab: int, n_ctx: int, seed: int
) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape: int, std: float = 0.02, mean: float = 0.0) -> Tensor:
        return torch.randn(*shape, generator=generator) * std + mean

    tensors = {
        "wte.weight": normal(d_vocab, d_model, std=0.1),
        "wpe.weight": normal(n_ctx, d_model),
        "ln_f.weight": normal(d_model, std=0.1, mean=1.0),
        "ln_f.bias": normal(d_model),
    }
    for layer in range(n_layers):
        block = {
            "ln_1.weight": normal(d_model, std=0.1, mean=1.0),
            "ln_1.bias": normal(d_model),
            "attn.c_attn.weight": normal(d_model, 3 * d_model, std=0.05),
            "attn.c_attn.bias": normal(3 * d_model),
            "attn.c_proj.weight": normal(d_model, d_model, std=0.05),
            "attn.c_proj.bias": normal(d_model),
            "ln_2.weight": normal(d_model, std=0.1, mean=1.0),
            "ln_2.bias": normal(d_model),
            "mlp.c_fc.weight": normal(d_model, 4 * d_model, std=0.05),
            "mlp.c_fc.bias": normal(4 * d_model),
            "mlp.c_proj.weight": normal(4 * d_model, d_model),
            "mlp.c_proj.bias": normal(d_model),
        }
        tensors |= {f"h.{layer}.{name}": tensor for name, tensor in block.items()}
    return tensors
