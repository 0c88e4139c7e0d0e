"""The sizes of a GPT-2, and of the portions in which work on it is done."""

from __future__ import annotations

from dataclasses import dataclass

# Rows × positions that go through a layer together, and these × d_model: enough for full speed, few
# enough that the hidden layer stays in the cache and that no step is long (of GPT-2 Small 256
# tokens: 4 % slower than 1,024, but others wait a third as long for the model).
SLICE_TOKENS, SLICE_NUMBERS = 1024, 196_608
# Logits made at once: 512 rows of 4,096 tokens are 8 MB, which stay in the cache.
LOGIT_ROWS, LOGIT_COLUMNS = 512, 4096
# Probabilities of the run that others are compared with, kept where they are at most so many: those
# of 83 positions of GPT-2 are 17 MB.
KEPT_PROBABILITIES = 2**22
# Where they are more they are made anew with each reading, so that so many runs are read together.
READ_ROWS = 20
# Up to so many, of all rows, blocks are recorded on the way to a gradient: at most 12 MB each for
# GPT-2 Small; of more, one block at a time, going back.
RECORDED_POSITIONS = 128
# Room for tokens is taken in such portions, so that texts of about a length are decoded together.
PORTION_KEPT = 32


def kept_tokens(tokens: int) -> int:
    """For how many tokens a text that will be decoded takes room."""
    return -(-tokens // PORTION_KEPT) * PORTION_KEPT


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

    def rows_at_once(self, positions: int) -> int:
        """How many rows of so many positions go through a layer together."""
        return max(1, min(SLICE_TOKENS, SLICE_NUMBERS // self.d_model) // positions)

    def activations(self, rows: int, positions: int) -> int:
        """Numbers that a batch holds while it goes through a block."""
        return rows * positions * (8 * self.d_model + self.d_mlp)

    def patterns(self, rows: int, positions: int) -> int:
        """Numbers in the attention patterns of one layer, with scores and mask."""
        return 3 * rows * self.n_heads * positions * positions

    def recorded(self, positions: int, vectors: int) -> int:
        """Numbers kept of a run: the residual stream between the layers, and in each layer so many
        vectors of every position.
        """
        return (self.n_layers * (1 + vectors) + 1) * positions * self.d_model

    def branches(self, rows: int, positions: int, *, patterns: bool) -> int:
        """Numbers that rows hold while they branch off a recorded run, a slice of them at a time.

        Args:
            patterns: whether something looks at each row's, which are made only then.
        """
        at_once = min(rows, self.rows_at_once(positions))
        of_base = self.patterns(1, positions)
        of_rows = self.patterns(at_once, positions) if patterns else 0
        return self.activations(at_once, positions) + of_base + of_rows

    def gathered(self, rows: int, positions: int) -> int:
        """Numbers in the final residual streams of rows that wait to be read together."""
        at_once = min(rows, READ_ROWS + self.rows_at_once(positions))
        return 2 * at_once * positions * self.d_model

    def readout(self, positions: int) -> int:
        """Numbers that reading all logits of some rows takes, a portion at a time."""
        probabilities = positions * self.d_vocab
        kept = probabilities if probabilities <= KEPT_PROBABILITIES else 0
        return 2 * LOGIT_ROWS * min(LOGIT_COLUMNS, self.d_vocab) + kept

    def differentiated(self, positions: int, *, patterns: bool) -> int:
        """Numbers that one backward pass holds.

        Args:
            patterns: whether it is of the patterns.
        """
        layers = self.n_layers if positions <= RECORDED_POSITIONS else 2
        seen = self.patterns(layers if patterns else 1, positions)
        return layers * self.activations(1, positions) + seen + self.recorded(positions, 0)
