"""What runs on each core of a cluster: a model, and one batch of items at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from attention_surgery.runs.batches import Batch

if TYPE_CHECKING:
    from attention_surgery.engine.sharing import SharedModel


class Worker:
    """Computes on one thread with weights that lie once in its machine's memory.

    Args:
        shared: which all workers of the machine see.
    """

    def __init__(self, shared: SharedModel) -> None:
        from torch import set_num_threads

        set_num_threads(1)
        self._model = shared.opened()

    def version(self) -> str:
        """Of the program that is installed here."""
        from attention_surgery import __version__

        return __version__

    def measure(self, batch: Batch) -> NDArray[np.float32]:
        """The scores, [item, layer, head]."""
        from attention_surgery.engine.steps import drain

        return drain(batch.steps(self._model))
