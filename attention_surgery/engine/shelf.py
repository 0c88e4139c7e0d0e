"""Where the keys and values of texts that are decoded lie next to each other.

Attention of one query takes longer to begin than to compute, and as long for the rows of several
texts as for those of one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary, WeakSet, WeakValueDictionary

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor

from attention_surgery.engine.model import Model
from attention_surgery.engine.shape import kept_tokens

# Rows of a shelf: of four texts that are decoded three at a time.
ROWS = 12
# A longer text has a shelf of its own, which is gone with it.
LONGEST_BESIDE_OTHERS = 256


class Shelf:
    """Room for as many texts of a model as it has places.

    Attributes:
        keys, values: [row, layer, head, key, d_head]; the rows of a place are adjacent.
    """

    def __init__(self, model: Model, rows: int, capacity: int, places: int) -> None:
        shape = (places * rows, model.n_layers, model.n_heads, capacity, model.d_head)
        # Memory is taken where it is written to: a place that nobody has costs nothing.
        with torch.inference_mode(False):
            self.keys = model.weights.embed.new_empty(shape)
            self.values = model.weights.embed.new_empty(shape)
        self.rows = rows
        self._texts: WeakValueDictionary[int, object] = WeakValueDictionary()
        self._places = places
        self._seen: tuple[Sequence[Decoded], Together] | None = None

    @property
    def free(self) -> int | None:
        """A place that no text has."""
        return next((place for place in range(self._places) if place not in self._texts), None)

    def put(self, place: int, text: object) -> slice:
        """Give a text its place, empty; returns its rows."""
        self._texts[place] = text
        rows = slice(place * self.rows, (place + 1) * self.rows)
        # Zeros: what a row may not see is multiplied by 0, and must not be NaN.
        self.keys[rows].zero_()
        self.values[rows].zero_()
        return rows

    def together(self, decoded: Sequence[Decoded]) -> Together:
        """What the layers of one step have in common."""
        if self._seen is None or self._seen[0] != decoded:
            self._seen = decoded, Together(self, decoded)
        return self._seen[1]


@dataclass(frozen=True, slots=True)
class Decoded:
    """One new token for each of some rows of a text.

    Attributes:
        first: its first row on the shelf.
        lengths: of all its rows, so far.
        begin: its first row in the batch.
        rows: how many it has there; the others' tokens are those of the last.
    """

    first: int
    lengths: tuple[int, ...]
    begin: int
    rows: int


class Together:
    """One step of several texts on one shelf."""

    def __init__(self, shelf: Shelf, decoded: Sequence[Decoded]) -> None:
        self._shelf, self._decoded = shelf, decoded
        ends = [each.first + len(each.lengths) for each in decoded]
        self._first, self._last = min(each.first for each in decoded), max(ends)
        self._until = max(max(each.lengths) for each in decoded) + 1
        on_shelf, in_batch, at = [], [], []
        for each in decoded:
            for row, length in enumerate(each.lengths):
                on_shelf.append(each.first + row)
                in_batch.append(each.begin + min(row, each.rows - 1))
                at.append(length)
        device = shelf.keys.device
        self._on_shelf = torch.tensor(on_shelf, device=device)
        self._in_batch = torch.tensor(in_batch, device=device)
        self._at = torch.tensor(at, device=device)

    @cached_property
    def _asking(self) -> Int[Tensor, " row"]:
        """The row of the batch that each row of this part of the shelf asks with; any if none."""
        asking = self._in_batch.new_zeros(self._last - self._first)
        asking[self._on_shelf - self._first] = self._in_batch
        return asking

    @cached_property
    def _visible(self) -> Bool[Tensor, "row 1 1 key"]:
        at = self._at.new_zeros(self._last - self._first)
        at[self._on_shelf - self._first] = self._at
        keys = torch.arange(self._until, device=at.device)
        return (keys <= at[:, None])[:, None, None]

    @cached_property
    def _answered(self) -> Int[Tensor, " row"]:
        """Where the rows of the batch, text by text, are on this part of the shelf."""
        places = [
            each.first + row - self._first for each in self._decoded for row in range(each.rows)
        ]
        return torch.tensor(places, device=self._at.device)

    def attend(
        self,
        layer: int,
        q: Float[Tensor, "batch head d_head"],
        k: Float[Tensor, "batch head d_head"],
        v: Float[Tensor, "batch head d_head"],
        scale: float,
    ) -> Float[Tensor, "decoded head d_head"]:
        """What the heads of a layer mix for the texts' rows, in order, once their keys are kept."""
        shelf = self._shelf
        shelf.keys[self._on_shelf, layer, :, self._at] = k[self._in_batch]
        shelf.values[self._on_shelf, layer, :, self._at] = v[self._in_batch]
        part = slice(self._first, self._last), layer, slice(None), slice(self._until)
        z = F.scaled_dot_product_attention(
            q[self._asking][:, :, None],
            shelf.keys[part],
            shelf.values[part],
            attn_mask=self._visible,
            scale=scale,
        )
        return z[self._answered, :, 0]


Shelves = defaultdict[tuple[int, int], WeakSet[Shelf]]
_OF: WeakKeyDictionary[Model, Shelves] = WeakKeyDictionary()


def shelves_of(model: Model) -> Shelves:
    """Where a model's texts that are being decoded are kept, by their rows and the room of each."""
    return _OF.setdefault(model, defaultdict(WeakSet))


def place_for(model: Model, rows: int, capacity: int, text: object) -> tuple[Shelf, slice]:
    """A place for a text that will be decoded, on a shelf with others of about its length.

    Args:
        text: who has the place as long as it lives.
    """
    capacity = kept_tokens(capacity)
    places = ROWS // rows if capacity <= LONGEST_BESIDE_OTHERS else 1
    shelves = shelves_of(model)[rows, capacity]
    for shelf in shelves:
        if (place := shelf.free) is not None:
            return shelf, shelf.put(place, text)
    shelf = Shelf(model, rows, capacity, places)
    shelves.add(shelf)
    return shelf, shelf.put(0, text)
