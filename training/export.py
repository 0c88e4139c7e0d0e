"""Write a trained model as a directory in Hugging Face layout, weights in float16."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from training.rows import BOS_ID
from training.tokenizer import BOS
from training.transformer import Shape, Transformer

LAYER_NAMES = {
    "ln_1": "ln_1",
    "qkv": "attn.c_attn",
    "out": "attn.c_proj",
    "ln_2": "ln_2",
    "up": "mlp.c_fc",
    "down": "mlp.c_proj",
}


def export(model: Transformer, tokenizer_file: Path, directory: Path) -> None:
    """Write config.json, model.safetensors, tokenizer.json and tokenizer_config.json.

    Args:
        model: what was trained.
        tokenizer_file: its tokenizer.json.
        directory: made if it is not there; other files in it stay.
    """
    directory.mkdir(parents=True, exist_ok=True)
    tensors = {name: tensor.half().contiguous() for name, tensor in huggingface(model).items()}
    save_file(tensors, directory / "model.safetensors", {"format": "pt"})
    _write_json(directory / "config.json", config(model.shape))
    shutil.copyfile(tokenizer_file, directory / "tokenizer.json")
    _write_json(directory / "tokenizer_config.json", tokenizer_config(model.shape))


@torch.no_grad()
def huggingface(model: Transformer) -> dict[str, Tensor]:
    """The weights under the names of `GPT2LMHeadModel`, whose matrices are [in, out]."""
    tensors: dict[str, Tensor] = {
        "transformer.wte.weight": model.tokens,
        "transformer.wpe.weight": model.positions,
        "transformer.ln_f.weight": model.ln_final.weight,
        "transformer.ln_f.bias": model.ln_final.bias,
    }
    for layer, block in enumerate(model.blocks):
        for name, parameter in block.named_parameters():
            module, kind = name.split(".")
            value = parameter.T if parameter.ndim == 2 else parameter
            tensors[f"transformer.h.{layer}.{LAYER_NAMES[module]}.{kind}"] = value
    return {name: tensor.detach().cpu() for name, tensor in tensors.items()}


def config(shape: Shape) -> dict[str, object]:
    """config.json."""
    return {
        "architectures": ["GPT2LMHeadModel"],
        "model_type": "gpt2",
        "activation_function": "gelu_new",
        "n_layer": shape.n_layers,
        "n_head": shape.n_heads,
        "n_embd": shape.d_model,
        "n_positions": shape.n_ctx,
        "vocab_size": shape.d_vocab,
        "layer_norm_epsilon": 1e-5,
        "bos_token_id": BOS_ID,
        "eos_token_id": BOS_ID,
        "tie_word_embeddings": True,
        "dtype": "float16",
    }


def tokenizer_config(shape: Shape) -> dict[str, object]:
    """tokenizer_config.json."""
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": BOS,
        "eos_token": BOS,
        "unk_token": BOS,
        "model_max_length": shape.n_ctx,
    }


def _write_json(path: Path, content: dict[str, object]) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n")
