"""What runs on each core of a cluster: one model, one item at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from attention_surgery.analyses.base import Analysis
from attention_surgery.runs.measure import measure_named

if TYPE_CHECKING:
    from attention_surgery.engine.model import Precision


class Worker:
    """Holds a model, loaded from the files of the machine it is on, on one thread.

    Args:
        source: as `load_model` takes it.
    """

    def __init__(self, source: str, precision: Precision) -> None:
        from torch import set_num_threads

        from attention_surgery.engine.model import load_model

        set_num_threads(1)
        self._model = load_model(source, device="cpu", precision=precision)

    def revision(self) -> str:
        """Of the weights that were found here."""
        return self._model.revision

    def measure(self, request: Analysis[Any]) -> NDArray[np.float32]:
        """The scores of an item, [layer, head]."""
        scores = measure_named(request.name).scores(request.run(self._model))
        return np.asarray(scores, np.float32)
