"""Which tensors computed within a stretch of code are still in memory after it.

Python's collector does not see what an autograd graph holds in C++. This looks at the storages
themselves: a weak reference to each one that any operation returned.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

import torch
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class WatchedTensors(TorchDispatchMode):
    """A context that remembers, weakly, every storage made in it."""

    def __init__(self) -> None:
        super().__init__()
        self._made: list[StorageWeakRef] = []

    def __torch_dispatch__(
        self,
        function: Callable[..., Any],
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        result = function(*args, **(kwargs or {}))
        given = {s.cdata for s in map(StorageWeakRef, _storages((args, kwargs)))}
        made = map(StorageWeakRef, _storages(result))
        self._made += [made for made in made if made.cdata not in given]
        return result

    @property
    def made(self) -> int:
        return len(self._made)

    def alive(self) -> int:
        """How many of the storages made still exist, garbage collected."""
        if self._left():
            gc.collect()
        return self._left()

    def _left(self) -> int:
        return len({storage.cdata for storage in self._made if not storage.expired()})


def _storages(tree: object) -> list[torch.UntypedStorage]:
    return [leaf.untyped_storage() for leaf in tree_leaves(tree) if isinstance(leaf, torch.Tensor)]
