"""The sizes of a GPT-2."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a model, which costs follow from."""

    n_layers: int
    n_heads: int
    d_model: int
    d_mlp: int
    d_vocab: int
    n_ctx: int

    @property
    def unembedding(self) -> float:
        """Passes that unembedding one position takes."""
        per_block = self.d_model * (4 * self.d_model + 2 * self.d_mlp)
        return self.d_vocab * self.d_model / (self.n_layers * per_block)

    def activations(self, rows: int, positions: int) -> int:
        """Numbers that a batch holds while it goes through a block."""
        return rows * positions * (8 * self.d_model + self.d_mlp)

    def patterns(self, rows: int, positions: int) -> int:
        """Numbers in the attention patterns of one layer, with scores and mask."""
        return 3 * rows * self.n_heads * positions * positions
