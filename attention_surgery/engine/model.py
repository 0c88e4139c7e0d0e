"""Load a GPT-2 into a TransformerLens `HookedTransformer`, from the hub or from a directory."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

from attention_surgery.engine.hooked import HookedTransformer, hooked_transformer
from attention_surgery.engine.live_weights import LiveWeights
from attention_surgery.engine.source import BUNDLED_NAME, SourceKind, bundled_directory, find_source
from attention_surgery.engine.tokens import Token
from attention_surgery.engine.weights import Weights, read_weights
from attention_surgery.errors import InvalidPrompt, InvalidSetting, ModelLoadError

__all__ = ["BUNDLED_NAME", "Model", "Precision", "bundled_directory", "choose_device", "load_model"]

Precision = Literal["float32", "bfloat16"]

# Both names mean the same function; torch has it as one fused kernel.
TANH_GELU = ("gelu_new", "gelu_pytorch_tanh")


@dataclass(frozen=True, eq=False, repr=False)
class Model:
    """A GPT-2, its tokenizer and its weights.

    `hooked` and `weights` share storage: an intervention made through TransformerLens is seen by
    everything here. One thread at a time may use a model, because hooks are its global state.

    Attributes:
        source: where the files came from: `bundled`, `hub` or `directory`.
        revision: the hub's commit, else a hash of the files; what was done to `hooked` later is
            not in it.
    """

    name: str
    hooked: HookedTransformer
    live_weights: LiveWeights
    tokenizer: Tokenizer
    bos_id: int
    eos_id: int
    precision: Precision
    source: SourceKind
    revision: str

    def __repr__(self) -> str:
        shape = f"{self.n_layers}×{self.n_heads} heads, d_model {self.d_model}"
        return f"<Model {self.name}: {shape}, {self.precision} on {self.device}>"

    @property
    def weights(self) -> Weights:
        """What the forward pass computes with, as of the last `reread`."""
        return self.live_weights.current

    def reread(self) -> None:
        """See what was done to the parameters of `hooked`; every job begins with this.

        Raises:
            AlteredModel: something was changed that the forward pass cannot follow.
        """
        self.live_weights.reread()

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
    found = find_source(source, on_progress)
    directory = found.directory
    config = _read_config(directory)
    dtype = torch.float32 if precision == "float32" else torch.bfloat16
    weights = read_weights(directory, config["n_layer"], dtype, target)
    _check_shapes(config, weights)
    tokenizer, wrapped = _read_tokenizer(directory, config)
    hooked = hooked_transformer(config, weights, wrapped, dtype, target)
    return Model(
        name=name or found.name,
        hooked=hooked,
        live_weights=LiveWeights(hooked, weights),
        tokenizer=tokenizer,
        bos_id=config["bos_token_id"],
        eos_id=config["eos_token_id"],
        precision=precision,
        source=found.kind,
        revision=found.revision(),
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
