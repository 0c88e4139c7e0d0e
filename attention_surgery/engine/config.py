"""The sizes and settings of a GPT-2, as its config.json gives them."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attention_surgery.engine.files import regular
from attention_surgery.engine.shape import Shape
from attention_surgery.errors import ModelLoadError

# Both names mean the same function; torch has it as one fused kernel.
TANH_GELU = ("gelu_new", "gelu_pytorch_tanh")


@dataclass(frozen=True, slots=True)
class Config(Shape):
    """What of config.json a GPT-2 computes with, beside its sizes.

    Attributes:
        eps: added to the variance in every LayerNorm.
        scale_by_head_size: whether attention scores are divided by √d_head.
        scale_by_layer: whether they are divided by the layer's number, counted from one.
    """

    bos_id: int
    eos_id: int
    eps: float
    scale_by_head_size: bool
    scale_by_layer: bool

    @property
    def d_head(self) -> int:
        return self.d_model // self.n_heads

    def attention_scale(self, layer: int) -> float:
        """What the attention scores of a layer are divided by before the softmax."""
        scale = math.sqrt(self.d_head) if self.scale_by_head_size else 1.0
        return scale * (layer + 1) if self.scale_by_layer else scale


def read_config(directory: Path) -> Config:
    """Read config.json and check that it describes a GPT-2 that can be operated on.

    Raises:
        ModelLoadError: it is missing, damaged, incomplete, or of another architecture.
    """
    fields = _Fields(directory)
    fields.check_architecture()
    d_model, n_heads = fields.count("n_embd"), fields.count("n_head")
    if d_model % n_heads:
        fields.refuse(f"has n_embd {d_model} and n_head {n_heads}: heads share n_embd evenly")
    d_vocab = fields.count("vocab_size")
    eos_id = fields.token("eos_token_id", d_vocab)
    return Config(
        n_layers=fields.count("n_layer"),
        n_heads=n_heads,
        d_model=d_model,
        d_mlp=fields.count("n_inner", 4 * d_model),
        d_vocab=d_vocab,
        n_ctx=fields.count("n_positions" if "n_positions" in fields else "n_ctx"),
        bos_id=fields.token("bos_token_id", d_vocab, eos_id),
        eos_id=eos_id,
        eps=fields.positive("layer_norm_epsilon", 1e-5),
        scale_by_head_size=fields.flag("scale_attn_weights", True),
        scale_by_layer=fields.flag("scale_attn_by_inverse_layer_idx", False),
    )


class _Fields:
    """The fields of one config.json; each is checked when it is read."""

    def __init__(self, directory: Path) -> None:
        self._name = directory.name
        try:
            self._values: Any = json.loads(regular(directory / "config.json").read_text("utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise ModelLoadError(
                f"{self._name} has no readable config.json ({error}): name a directory in Hugging "
                "Face layout."
            ) from error
        if not isinstance(self._values, dict):
            self.refuse("holds no JSON object: take it from the model's own directory")

    def __contains__(self, field: str) -> bool:
        return self._values.get(field) is not None

    def refuse(self, problem: str) -> None:
        raise ModelLoadError(f"config.json of {self._name} {problem}.")

    def check_architecture(self) -> None:
        kind = self._values.get("model_type")
        if kind != "gpt2":
            raise ModelLoadError(
                f"{self._name} is a {kind!r} model: only the GPT-2 architecture (model_type gpt2) "
                "can be operated on."
            )
        activation = self._values.get("activation_function", TANH_GELU[0])
        if activation not in TANH_GELU:
            raise ModelLoadError(
                f"{self._name} uses the activation {activation!r}: only {' and '.join(TANH_GELU)} "
                "are supported."
            )
        if not self.flag("tie_word_embeddings", True):
            raise ModelLoadError(
                f"{self._name} has an unembedding of its own: only tied embeddings are supported."
            )

    def count(self, field: str, default: int | None = None) -> int:
        value = self._value(field, default)
        if type(value) is not int or value < 1:
            self.refuse(f"has {field} {value!r}: it must be a whole number from 1")
        return int(value)

    def token(self, field: str, d_vocab: int, default: int | None = None) -> int:
        value = self._value(field, default)
        if type(value) is not int or not 0 <= value < d_vocab:
            self.refuse(f"has {field} {value!r}: its vocabulary has the ids 0 to {d_vocab - 1}")
        return int(value)

    def positive(self, field: str, default: float) -> float:
        value = self._value(field, default)
        if type(value) not in (int, float) or not 0 < value < math.inf:
            self.refuse(f"has {field} {value!r}: it must be a number above 0")
        return float(value)

    def flag(self, field: str, default: bool) -> bool:
        value = self._value(field, default)
        if type(value) is not bool:
            self.refuse(f"has {field} {value!r}: it must be true or false")
        return bool(value)

    def _value(self, field: str, default: Any) -> Any:
        value = self._values.get(field)
        if value is None and default is None:
            self.refuse(f"has no {field}: take it from the model's own directory")
        return default if value is None else value
