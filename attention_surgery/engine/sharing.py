"""A loaded model as plain arrays, whose memory the processes of a machine can share, and back."""

from __future__ import annotations

import warnings
from collections.abc import Collection
from dataclasses import dataclass, fields

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor

from attention_surgery.engine.config import Config
from attention_surgery.engine.model import Model, Precision
from attention_surgery.engine.origin import SourceKind
from attention_surgery.engine.weights import BlockWeights, Weights

Arrays = dict[str, NDArray[np.generic]]


@dataclass(frozen=True, slots=True, eq=False)
class SharedModel:
    """What a model is made of; pickled with buffers out of band, its arrays are not copied.

    Attributes:
        outer, blocks: the weights' arrays by their names; those in bfloat16 as 16-bit integers. The
            unembedding is not among them where it is the embedding.
    """

    name: str
    config: Config
    tokenizer: Tokenizer
    precision: Precision
    source: SourceKind
    revision: str
    outer: Arrays
    blocks: tuple[Arrays, ...]

    @classmethod
    def of(cls, model: Model) -> SharedModel:
        """The model as its files have it; what was done to `hooked` later is not in it."""
        return cls(
            model.name,
            model.config,
            model.tokenizer,
            model.precision,
            model.source,
            model.revision,
            _arrays(model.loaded, without={"unembed"} if model.loaded.tied else set()),
            tuple(map(_arrays, model.loaded.blocks)),
        )

    def opened(self) -> Model:
        """A model over these arrays, on the CPU. They may be read-only."""
        blocks = tuple(BlockWeights(**self._tensors(block)) for block in self.blocks)
        outer = self._tensors(self.outer)
        outer.setdefault("unembed", outer["embed"])
        return Model(
            self.name,
            self.config,
            Weights(**outer, blocks=blocks),
            self.tokenizer,
            self.precision,
            self.source,
            self.revision,
        )

    def _tensors(self, arrays: Arrays) -> dict[str, Tensor]:
        with warnings.catch_warnings():
            # Nothing writes to weights.
            warnings.filterwarnings("ignore", "The given NumPy array is not writable")
            found = {name: torch.from_numpy(array) for name, array in arrays.items()}
        if self.precision == "float32":
            return found
        return {name: tensor.view(torch.bfloat16) for name, tensor in found.items()}


def _arrays(part: Weights | BlockWeights, without: Collection[str] = ()) -> Arrays:
    names = (field.name for field in fields(part) if field.name not in without)
    own = ((name, getattr(part, name)) for name in names)
    return {name: _array(value) for name, value in own if isinstance(value, Tensor)}


def _array(tensor: Tensor) -> NDArray[np.generic]:
    plain = tensor.view(torch.int16) if tensor.dtype == torch.bfloat16 else tensor
    array: NDArray[np.generic] = plain.cpu().numpy()
    return array
