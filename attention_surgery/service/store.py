"""Identical requests share one computation: while it runs, and afterwards while memory allows."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable

from attention_surgery.service.computation import Computation


class Store:
    """Computations by key, the least recently asked for forgotten first. One thread uses it.

    Args:
        max_bytes: bound on the answers kept; those still being computed are not counted.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._by_key: OrderedDict[Hashable, Computation] = OrderedDict()

    def join(self, key: Hashable, reader: object, wake: Callable[[], None]) -> Computation | None:
        """The computation of that key, if there is one that lives, with the reader counted in."""
        computation = self._by_key.get(key)
        if computation is None:
            return None
        if (computation.finished and not computation.succeeded) or not computation.join(
            reader, wake
        ):
            del self._by_key[key]
            return None
        self._by_key.move_to_end(key)
        return computation

    def add(self, computation: Computation) -> None:
        self._by_key[computation.key] = computation
        self.trim()

    def trim(self) -> None:
        """Forget what failed or was given up, and the oldest answers beyond the bound."""
        for key, computation in list(self._by_key.items()):
            if computation.abandoned or (computation.finished and not computation.succeeded):
                del self._by_key[key]
        sizes = {key: c.size for key, c in self._by_key.items() if c.finished}
        excess = sum(sizes.values()) - self._max_bytes
        for key, size in sizes.items():
            if excess <= 0:
                return
            del self._by_key[key]
            excess -= size

    @property
    def kept_bytes(self) -> int:
        return sum(c.size for c in self._by_key.values() if c.finished)
