"""Load a GPT-2 into a TransformerLens `HookedTransformer`, from the hub or from a directory."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import torch
from tokenizers import Tokenizer
from transformer_lens import HookedTransformer, HookedTransformerConfig
from transformers import PreTrainedTokenizerFast

from attention_surgery.engine.hub import HUB_MODELS, fetch
from attention_surgery.engine.tokens import Token
from attention_surgery.engine.weights import Weights, read_weights
from attention_surgery.errors import InvalidPrompt, InvalidSetting, ModelLoadError

Precision = Literal["float32", "bfloat16"]

BUNDLED_NAME = "gpt2-mini-12x12"

# Both names mean the same function; torch has it as one fused kernel.
TANH_GELU = ("gelu_new", "gelu_pytorch_tanh")


@dataclass(frozen=True, eq=False, repr=False)
class Model:
    """A GPT-2, its tokenizer and its weights.

    `hooked` and `weights` share storage: an intervention made through TransformerLens is seen by
    everything here. One thread at a time may use a model, because hooks are its global state.
    """

    name: str
    hooked: HookedTransformer
    weights: Weights
    tokenizer: Tokenizer
    bos_id: int
    eos_id: int
    precision: Precision

    def __repr__(self) -> str:
        shape = f"{self.n_layers}×{self.n_heads} heads, d_model {self.d_model}"
        return f"<Model {self.name}: {shape}, {self.precision} on {self.device}>"

    @property
    def n_layers(self) -> int:
        return len(self.weights.blocks)

    @property
    def n_heads(self) -> int:
        return int(self.hooked.cfg.n_heads)

    @property
    def d_model(self) -> int:
        return self.weights.embed.shape[1]

    @property
    def d_head(self) -> int:
        return self.d_model // self.n_heads

    @property
    def d_vocab(self) -> int:
        return self.weights.embed.shape[0]

    @property
    def n_ctx(self) -> int:
        return self.weights.positions.shape[0]

    @property
    def n_parameters(self) -> int:
        """Parameters, the tied unembedding counted once."""
        return self.weights.n_parameters

    @property
    def device(self) -> str:
        return str(self.weights.embed.device)

    def tokenize(self, text: str, prepend_bos: bool = True) -> list[int]:
        """Token ids of a text, with the beginning-of-text token in front if asked.

        Raises:
            InvalidPrompt: the text is no valid Unicode.
        """
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise InvalidPrompt(
                f"The text has a lone surrogate at character {error.start}, which is half of a "
                "character: send valid Unicode."
            ) from None
        ids: list[int] = self.tokenizer.encode(text, add_special_tokens=False).ids
        return [self.bos_id, *ids] if prepend_bos else ids

    def decode(self, ids: Sequence[int]) -> str:
        """The text of several tokens, special tokens left out."""
        return self.tokenizer.decode(list(ids), skip_special_tokens=True)

    def token_text(self, token_id: int) -> str:
        """The text of one token; `�` for a byte that is only part of a character."""
        return self.tokenizer.decode([token_id], skip_special_tokens=False)

    def tokens(self, ids: Sequence[int]) -> list[Token]:
        return [Token(i, self.token_text(i)) for i in ids]


def load_model(
    source: str | Path,
    *,
    device: str = "auto",
    precision: Precision = "float32",
    name: str | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Model:
    """Load a GPT-2 with unprocessed weights.

    Args:
        source: `gpt2`, `gpt2-medium`, `gpt2-large` or `gpt2-xl` (from the Hugging Face cache, else
            the hub), `gpt2-mini-12x12` (bundled), or a `Path` to a directory in Hugging Face
            layout. A string is never taken for a directory.
        device: `cuda`, `mps`, `cpu`, or `auto` for the first of these that is there.
        precision: `bfloat16` runs the matrix products in half the bits; the residual stream,
            softmax and all metrics stay in float32.
        on_progress: called with (bytes so far, bytes in all) while downloading.

    Raises:
        ModelLoadError: unknown name, unreachable hub, damaged files, other architecture.
        InvalidSetting: no such device or precision.
    """
    target = choose_device(device)
    if precision not in ("float32", "bfloat16"):
        raise InvalidSetting(f"Precision {precision!r} is not offered: use float32 or bfloat16.")
    directory = _directory_of(source, on_progress)
    config = _read_config(directory)
    dtype = torch.float32 if precision == "float32" else torch.bfloat16
    weights = read_weights(directory, config["n_layer"], dtype, target)
    _check_shapes(config, weights)
    tokenizer, wrapped = _read_tokenizer(directory, config)
    return Model(
        name=name or (source if isinstance(source, str) else directory.name),
        hooked=_hooked_transformer(config, weights, wrapped, dtype, target),
        weights=weights,
        tokenizer=tokenizer,
        bos_id=config["bos_token_id"],
        eos_id=config["eos_token_id"],
        precision=precision,
    )


def choose_device(device: str = "auto") -> torch.device:
    """The torch device of that name; `auto` prefers CUDA, then MPS, then the CPU."""
    available = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if device == "auto":
        device = next(name for name, there in available.items() if there)
    if not available.get(device.split(":")[0], False):
        offered = ", ".join(name for name, there in available.items() if there)
        raise InvalidSetting(f"Device {device!r} is not available here: use auto or {offered}.")
    return torch.device(device)


def bundled_directory() -> Path:
    """Where the bundled model's files lie."""
    return Path(str(resources.files("attention_surgery"))) / "bundled"


def _directory_of(source: str | Path, on_progress: Callable[[int, int], None] | None) -> Path:
    if isinstance(source, Path):
        if not source.is_dir():
            raise ModelLoadError(
                f"{source} is not a directory: name one with config.json, model.safetensors and "
                "tokenizer.json."
            )
        return source
    if source == BUNDLED_NAME:
        return bundled_directory()
    if source in HUB_MODELS:
        return fetch(source, on_progress)
    raise ModelLoadError(
        f"There is no model {source!r}: use {BUNDLED_NAME}, {', '.join(HUB_MODELS)}, "
        "or a path to a directory."
    )


def _read_config(directory: Path) -> dict[str, Any]:
    try:
        config: dict[str, Any] = json.loads((directory / "config.json").read_text())
    except (OSError, ValueError) as error:
        raise ModelLoadError(
            f"{directory.name} has no readable config.json ({error}): name a directory in Hugging "
            "Face layout."
        ) from error
    defaults = {
        "bos_token_id": config.get("eos_token_id", 0),
        "layer_norm_epsilon": 1e-5,
        "activation_function": "gelu_new",
        "scale_attn_weights": True,
        "scale_attn_by_inverse_layer_idx": False,
        "n_positions": config.get("n_ctx"),
    }
    config = defaults | config
    if config.get("model_type") != "gpt2":
        raise ModelLoadError(
            f"{directory.name} is a {config.get('model_type')!r} model: only the GPT-2 "
            "architecture (model_type gpt2) can be operated on."
        )
    if config["activation_function"] not in TANH_GELU:
        raise ModelLoadError(
            f"{directory.name} uses the activation {config['activation_function']!r}: "
            f"only {' and '.join(TANH_GELU)} are supported."
        )
    if not config.get("tie_word_embeddings", True):
        raise ModelLoadError(
            f"{directory.name} has an unembedding of its own: only tied embeddings are supported."
        )
    return config


def _check_shapes(config: dict[str, Any], weights: Weights) -> None:
    d_model = config["n_embd"]
    expected = [(config["vocab_size"], d_model), (config["n_positions"], d_model)]
    found = [tuple(weights.embed.shape), tuple(weights.positions.shape)]
    if expected != found or d_model % config["n_head"]:
        raise ModelLoadError(
            f"config.json and weights disagree: embeddings should be {expected}, they are {found}."
        )


def _read_tokenizer(
    directory: Path, config: dict[str, Any]
) -> tuple[Tokenizer, PreTrainedTokenizerFast]:
    path = directory / "tokenizer.json"
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # tokenizers raises bare Exception
        raise ModelLoadError(
            f"{directory.name} has no readable tokenizer.json ({error}): save the fast tokenizer "
            "beside the weights."
        ) from error
    if tokenizer.get_vocab_size() > config["vocab_size"]:
        raise ModelLoadError(
            f"The tokenizer of {directory.name} has {tokenizer.get_vocab_size()} tokens, its model "
            f"{config['vocab_size']}: they do not belong together."
        )
    end_of_text = tokenizer.id_to_token(config["eos_token_id"])
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=tokenizer.id_to_token(config["bos_token_id"]),
        eos_token=end_of_text,
        pad_token=end_of_text,
        add_bos_token=True,
        name_or_path=str(directory),
    )
    return tokenizer, wrapped


def _hooked_transformer(
    config: dict[str, Any],
    weights: Weights,
    tokenizer: PreTrainedTokenizerFast,
    dtype: torch.dtype,
    device: torch.device,
) -> HookedTransformer:
    d_model, n_heads = config["n_embd"], config["n_head"]
    cfg = HookedTransformerConfig(
        model_name="gpt2",
        original_architecture="GPT2LMHeadModel",
        n_layers=config["n_layer"],
        n_heads=n_heads,
        d_model=d_model,
        d_head=d_model // n_heads,
        d_mlp=weights.blocks[0].w_in.shape[0],
        d_vocab=config["vocab_size"],
        n_ctx=config["n_positions"],
        eps=config["layer_norm_epsilon"],
        act_fn="gelu_pytorch_tanh",
        normalization_type="LN",
        use_attn_scale=config["scale_attn_weights"],
        scale_attn_by_inverse_layer_idx=config["scale_attn_by_inverse_layer_idx"],
        init_weights=False,
        tie_word_embeddings=True,
        dtype=dtype,
        device=str(device),
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "HookedTransformer is deprecated", DeprecationWarning)
        model = HookedTransformer(cfg, tokenizer=tokenizer, move_to_device=False)
    model.load_state_dict(weights.state_dict(n_heads), strict=False, assign=True)
    torch.nn.Module.to(model, device)  # TransformerLens' own `to` prints
    return model.eval().requires_grad_(False)
