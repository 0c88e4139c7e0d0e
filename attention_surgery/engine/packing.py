"""The weights a second time, in the order in which oneDNN reads them.

Each product of a plain weight first copies it into that order, which for a few rows takes as long
as the product itself. It costs the memory of the weights once more, so that whoever loads a model
asks for it. The numbers are the same but for the last digits of a float32.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from attention_surgery.engine.kernels import packed
from attention_surgery.engine.weights import BlockWeights, Weights


@dataclass(frozen=True, slots=True, eq=False)
class PackedBlock:
    """The matrices of one block; None where nothing is packed."""

    w_qkv: Tensor | None = None
    w_o: Tensor | None = None
    w_in: Tensor | None = None
    w_out: Tensor | None = None

    @classmethod
    def of(cls, block: BlockWeights) -> PackedBlock:
        return cls(packed(block.w_qkv), packed(block.w_o), packed(block.w_in), packed(block.w_out))


NOT_PACKED = PackedBlock()


@dataclass(frozen=True, slots=True, eq=False)
class PackedWeights:
    """All matrices that rows are multiplied by."""

    blocks: tuple[PackedBlock, ...]
    unembed: Tensor | None

    @classmethod
    def of(cls, weights: Weights) -> PackedWeights:
        return cls(tuple(map(PackedBlock.of, weights.blocks)), packed(weights.unembed))
