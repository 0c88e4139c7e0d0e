"""A GPT-2 made ready for surgery: its weights, its tokenizer, its HookedTransformer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import torch
from tokenizers import Tokenizer
from torch import nn

from attention_surgery.engine.config import Config, read_config
from attention_surgery.engine.left import Left
from attention_surgery.engine.origin import SourceKind
from attention_surgery.engine.packing import PackedWeights
from attention_surgery.engine.skeleton import Skeleton
from attention_surgery.engine.source import BUNDLED_NAME, bundled_directory, find_source
from attention_surgery.engine.tokenizer import read_tokenizer, text_of
from attention_surgery.engine.tokens import Token
from attention_surgery.engine.weights import Weights, read_weights
from attention_surgery.errors import InvalidPrompt, InvalidSetting

if TYPE_CHECKING:
    from attention_surgery.engine.hooked import HookedTransformer
    from attention_surgery.engine.live_weights import LiveWeights
else:
    HookedTransformer = LiveWeights = Any

__all__ = ["BUNDLED_NAME", "Model", "Precision", "bundled_directory", "choose_device", "load_model"]

Precision = Literal["float32", "bfloat16"]

# Numbers that jobs may leave for the next ones, if the weights have as many.
MOST_LEFT = 24_000_000


@dataclass(frozen=True, eq=False, repr=False)
class Model:
    """A GPT-2, its tokenizer and its weights.

    `hooked` and `weights` share storage: an intervention made through TransformerLens is seen by
    everything here. One thread at a time may use a model, because hooks are its global state.

    Attributes:
        loaded: the weights as the files have them.
        source: where the files came from: `bundled`, `hub` or `directory`; `wrapped-raw` or
            `wrapped-processed` where the user gave the model itself.
        revision: the hub's commit, else a hash of the files; what was done to `hooked` later is
            not in it.
        packed: what products read in place of the weights, if that was asked for; gone with the
            first look at `hooked`, whose parameters may be written to.
    """

    name: str
    config: Config
    loaded: Weights
    tokenizer: Tokenizer
    precision: Precision
    source: SourceKind
    revision: str
    packed: PackedWeights | None = None

    @property
    def hooked(self) -> HookedTransformer:
        """TransformerLens' model over these weights; asked for the first time, it takes seconds."""
        return self._live.hooked

    @property
    def graph(self) -> nn.Module:
        """Whose hook points a pass honours: `hooked`'s, or before there is one, as many more."""
        return self.hooked if self._is_hooked else self._skeleton

    @property
    def weights(self) -> Weights:
        """What the forward pass computes with, as of the last `reread`."""
        return self._live.current if self._is_hooked else self.loaded

    def reread(self) -> None:
        """See what was done to the parameters of `hooked`; every job begins with this.

        Raises:
            AlteredModel: something was changed that the forward pass cannot follow.
        """
        if self._is_hooked:
            self._live.reread()

    @property
    def _is_hooked(self) -> bool:
        return "_live" in vars(self)

    @property
    def left(self) -> Left:
        """What jobs left for the next ones: nothing once weights may change."""
        return Left(0) if self._is_hooked else self._left

    @cached_property
    def _left(self) -> Left:
        return Left(min(MOST_LEFT, self.loaded.n_parameters))

    @cached_property
    def _live(self) -> LiveWeights:
        from attention_surgery.engine.hooked import hooked_transformer
        from attention_surgery.engine.live_weights import LiveWeights

        vars(self)["packed"] = None
        hooked = hooked_transformer(self.config, self.loaded, self.tokenizer)
        return LiveWeights(hooked, self.loaded)

    @cached_property
    def _skeleton(self) -> Skeleton:
        return Skeleton(self.n_layers)

    def __repr__(self) -> str:
        shape = f"{self.n_layers}×{self.n_heads} heads, d_model {self.d_model}"
        kind = f" ({self.source})" if self.source.startswith("wrapped") else ""
        return f"<Model {self.name}{kind}: {shape}, {self.precision} on {self.device}>"

    @property
    def n_layers(self) -> int:
        return self.config.n_layers

    @property
    def n_heads(self) -> int:
        return self.config.n_heads

    @property
    def d_model(self) -> int:
        return self.config.d_model

    @property
    def d_head(self) -> int:
        return self.config.d_head

    @property
    def d_vocab(self) -> int:
        return self.config.d_vocab

    @property
    def n_ctx(self) -> int:
        return self.config.n_ctx

    @property
    def bos_id(self) -> int:
        return self.config.bos_id

    @property
    def eos_id(self) -> int:
        return self.config.eos_id

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
        # Of its methods, those for batches alone leave the interpreter to other threads.
        (encoding,) = self.tokenizer.encode_batch([text], add_special_tokens=False)
        ids: list[int] = encoding.ids
        return [self.bos_id, *ids] if prepend_bos else ids

    def decode(self, ids: Sequence[int]) -> str:
        """The text of several tokens, special tokens left out."""
        return self.tokenizer.decode(list(ids), skip_special_tokens=True)

    def token_text(self, token_id: int) -> str:
        """The text of one token; a byte that is only part of a character reads as `\\xe2`."""
        if token_id not in self._texts:
            self._texts[token_id] = text_of(self.tokenizer, token_id)
        return self._texts[token_id]

    @cached_property
    def _texts(self) -> dict[int, str]:
        """Those of tokens that were told before."""
        return {}

    def tokens(self, ids: Sequence[int]) -> list[Token]:
        return [Token(i, self.token_text(i)) for i in ids]


def load_model(
    source: str | Path,
    *,
    device: str = "auto",
    precision: Precision = "float32",
    name: str | None = None,
    packed: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
) -> Model:
    """Load a GPT-2 with unprocessed weights.

    Args:
        source: `gpt2`, `gpt2-medium`, `gpt2-large` or `gpt2-xl` (from the Hugging Face cache, else
            the hub), `gpt2-mini-12x12` (bundled), or a directory in Hugging Face layout: a `Path`,
            or a string with a slash. A bare name is never taken for a directory.
        device: `cuda`, `mps`, `cpu`, or `auto` for the first of these that is there.
        precision: `bfloat16` runs the matrix products in half the bits; the residual stream,
            softmax and all metrics stay in float32.
        packed: keep the weights a second time, in the order in which products read them: texts are
            decoded 1.4 times as fast, views 1.2 times, sweeps and gradients no faster, for twice
            the memory. No effect but on a CPU in float32, nor once `hooked` is used.
        on_progress: called with (bytes so far, bytes in all) while downloading.

    Raises:
        ModelLoadError: unknown name, unreachable hub, damaged files, other architecture.
        InvalidSetting: no such device or precision.
    """
    target = choose_device(device)
    if precision not in ("float32", "bfloat16"):
        raise InvalidSetting(f"Precision {precision!r} is not offered: use float32 or bfloat16.")
    found = find_source(source, on_progress)
    config = read_config(found.directory)
    tokenizer = read_tokenizer(found.directory, config)
    dtype = torch.float32 if precision == "float32" else torch.bfloat16
    weights = read_weights(found.directory, config, dtype, target)
    return Model(
        name=name or found.name,
        config=config,
        loaded=weights,
        tokenizer=tokenizer,
        precision=precision,
        source=found.kind,
        revision=found.revision(),
        packed=PackedWeights.of(weights) if packed else None,
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
