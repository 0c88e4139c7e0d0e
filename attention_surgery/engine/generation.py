"""Control and ablated run of one prompt, decoded side by side in one batch."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from attention_surgery.engine.cache import KeyValueCache
from attention_surgery.engine.divergence import Compared, compared, wide_norm
from attention_surgery.engine.forward import unembed
from attention_surgery.engine.model import Model
from attention_surgery.engine.run import embedded, run
from attention_surgery.engine.steps import drain
from attention_surgery.engine.surgery import Ready, Surgery

# Positions unembedded at a time: 64 rows of GPT-2's vocabulary are 13 MB.
UNEMBED_POSITIONS = 64


class Pair:
    """The state of both runs: control, ablated, and ablated fed the control's text.

    Three rows of one batch (one, where nothing is cut), so that weights are read once a step. The
    third row gives the teacher-forced ablated distribution, hence metrics, while tokens arrive.

    Attributes:
        position: of the token that the present distributions predict.
        same_text: both runs' predictions of it, after the control's text.
    """

    def __init__(
        self, model: Model, ids: Sequence[int], cuts: Sequence[Ready], capacity: int
    ) -> None:
        self._model, self._ids = model, list(ids)
        self._surgery = Surgery(model, [(slice(1, None), cuts)])
        self._cut = self._surgery.first_layer is not None
        self._cache = KeyValueCache(model, 3 if self._cut else 1, capacity)
        self._normalized: Float[Tensor, "row pos d_model"]
        self._after_own_text: Float[Tensor, " d_vocab"]
        self.same_text: Compared

    @property
    def position(self) -> int:
        return self._cache.longest

    @property
    def present(self) -> Float[Tensor, "run d_vocab"]:
        """Log-probabilities of both runs' next tokens, each after its own text; control first."""
        return torch.stack([self.same_text.control, self._after_own_text])

    def read(self) -> Generator[int, None, None]:
        """Read the prompt: one row until the first cut, then control and ablated."""
        n_layers = self._model.n_layers
        apart = self._surgery.first_layer if self._cut else n_layers
        resid = embedded(self._model, [self._ids])
        resid = yield from run(self._model, resid, cache=self._cache, layers=range(apart or 0))
        if self._cut:
            resid = yield from run(
                self._model,
                resid.expand(2, -1, -1),
                self._surgery,
                cache=self._cache,
                layers=range(apart or 0, n_layers),
            )
        self._normalized = wide_norm(self._model, resid)

    @torch.inference_mode()
    def predictions(self) -> Iterator[tuple[int, Compared]]:
        """Position by position in parts: the first, and both runs' predictions.

        The last part leaves the distributions after the prompt as the present ones.
        """
        for start in range(0, len(self._ids), UNEMBED_POSITIONS):
            both, _ = self._predict(self._normalized[:, start : start + UNEMBED_POSITIONS])
            self.same_text = Compared(*(values[-1] for values in both))
            self._after_own_text = self.same_text.ablated
            yield start, both
        del self._normalized

    @torch.inference_mode()
    def advance(self, control: int, ablated: int) -> None:
        """Feed each run the token it drew last."""
        tokens = [[control], [ablated], [control]] if self._cut else [[control]]
        resid = embedded(self._model, tokens, self._cache)
        resid = drain(run(self._model, resid, self._surgery, cache=self._cache))
        self.same_text, own = self._predict(wide_norm(self._model, resid[:, -1]))
        self._after_own_text = own[0] if own else self.same_text.ablated

    def _predict(
        self, normalized: Float[Tensor, "row *pos d_model"]
    ) -> tuple[Compared, list[Float[Tensor, "*pos d_vocab"]]]:
        """First and last row compared, and the log-probabilities of those between."""
        control = normalized[0]
        if len(normalized) == 1:
            logits = unembed(self._model, control.float())
            return compared(logits, torch.zeros_like(logits)), []
        rows = torch.stack([control, normalized[-1] - control, *normalized[1:-1]])
        logits, change, *own = unembed(self._model, rows.float())
        return compared(logits, change), [row.log_softmax(-1) for row in own]
