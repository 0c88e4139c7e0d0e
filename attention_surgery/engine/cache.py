"""Keys and values of tokens that have been read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from attention_surgery.engine.model import Model
from attention_surgery.engine.shelf import Decoded, place_for


class Cache(ABC):
    """What a pass over later tokens has of earlier ones."""

    @abstractmethod
    def append(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """All keys and values of a layer, [row, head, key, d_head], the new ones last."""

    @abstractmethod
    def visible(self) -> Tensor | None:
        """Which keys the new tokens may see; None where each sees all up to itself."""

    @abstractmethod
    def positions(self, n_new: int) -> Int[Tensor, "row query"]:
        """Where the new tokens stand in their row's text."""

    @abstractmethod
    def extend(self, n_new: Sequence[int] | int) -> None:
        """Count new tokens as read, once all layers have them."""


class KeyValueCache(Cache):
    """Keys and values of every layer for a batch of rows, which may differ in length.

    Args:
        rows: how many rows will be decoded.
        capacity: the most tokens a row can hold.

    Attributes:
        shelf: where they lie beside those of other texts.
    """

    def __init__(self, model: Model, rows: int, capacity: int) -> None:
        self.shelf, self._rows = place_for(model, rows, capacity, self)
        self._keys = self.shelf.keys[self._rows].unbind(1)
        self._values = self.shelf.values[self._rows].unbind(1)
        self.lengths = [0] * rows

    @property
    def longest(self) -> int:
        return max(self.lengths)

    def append(
        self, layer: int, keys: Tensor, values: Tensor
    ) -> tuple[Float[Tensor, "row head key d_head"], Float[Tensor, "row head key d_head"]]:
        """Add the new tokens of one layer; returns all keys and values so far.

        A batch of fewer rows than the cache stands for control first and, repeated, the last row.
        """
        batch, _, n_new, _ = keys.shape
        for store, new in ((self._keys[layer], keys), (self._values[layer], values)):
            if self._uniform:
                span = slice(self.lengths[0], self.lengths[0] + n_new)
                store[:batch, :, span] = new
                store[batch:, :, span] = new[-1]
            else:
                rows = torch.arange(batch, device=new.device)
                store[rows, :, self._starts()] = new[:, :, 0]
        until = self.longest + n_new
        return self._keys[layer][:batch, :, :until], self._values[layer][:batch, :, :until]

    def decoded(self, begin: int, rows: int) -> Decoded:
        """One new token of each of so many rows, which begin there in a batch of several texts."""
        return Decoded(self._rows.start, tuple(self.lengths), begin, rows)

    @property
    def _uniform(self) -> bool:
        return len(set(self.lengths)) == 1

    def visible(self) -> Bool[Tensor, "row 1 1 key"] | None:
        """Which keys one new token of each row may see; None where it may see all."""
        if self._uniform:
            return None
        keys = torch.arange(self.longest + 1, device=self._device)
        return keys <= self._starts()[:, None, None, None]

    def positions(self, n_new: int) -> Int[Tensor, "row query"]:
        """Where the next tokens of each row will stand in its text."""
        return self._starts()[:, None] + torch.arange(n_new, device=self._device)

    def _starts(self) -> Int[Tensor, " row"]:
        return torch.tensor(self.lengths, device=self._device)

    @property
    def _device(self) -> torch.device:
        return self.shelf.keys.device

    def extend(self, n_new: Sequence[int] | int) -> None:
        """Count tokens as read, in every row or row by row, once all layers have them."""
        more = [n_new] * len(self.lengths) if isinstance(n_new, int) else n_new
        self.lengths = [length + n for length, n in zip(self.lengths, more, strict=True)]
