"""Control and ablated run of one prompt, decoded side by side in one batch."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from attention_surgery.engine.cache import KeyValueCache
from attention_surgery.engine.forward import final_norm, unembed
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
    """

    def __init__(
        self, model: Model, ids: Sequence[int], cuts: Sequence[Ready], capacity: int
    ) -> None:
        self._model, self._ids = model, list(ids)
        self._surgery = Surgery(model, [(slice(1, None), cuts)])
        self._cut = self._surgery.first_layer is not None
        self._cache = KeyValueCache(model, 3 if self._cut else 1, capacity)
        self._normalized: Float[Tensor, "row pos d_model"]
        self._logprobs: Float[Tensor, "row d_vocab"]

    @property
    def position(self) -> int:
        return self._cache.longest

    @property
    def control(self) -> Float[Tensor, " d_vocab"]:
        """Log-probabilities of the control's next token."""
        return self._logprobs[0]

    @property
    def ablated(self) -> Float[Tensor, " d_vocab"]:
        """Log-probabilities of the ablated run's next token, after its own text."""
        return self._logprobs[1 if self._cut else 0]

    @property
    def forced(self) -> Float[Tensor, " d_vocab"]:
        """Log-probabilities of the ablated run's next token, after the control's text."""
        return self._logprobs[-1]

    @property
    def present(self) -> Float[Tensor, "run d_vocab"]:
        """Log-probabilities of both runs' next tokens, control first."""
        return self._logprobs[[0, 1] if self._cut else [0, 0]]

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
        self._normalized = final_norm(self._model, resid)

    @torch.inference_mode()
    def predictions(self) -> Iterator[tuple[int, Tensor, Tensor]]:
        """Position by position in parts: the first, control's and ablated's log-probabilities.

        The last part leaves the distributions after the prompt as the present ones.
        """
        for start in range(0, len(self._ids), UNEMBED_POSITIONS):
            part = self._normalized[:, start : start + UNEMBED_POSITIONS]
            logprobs = unembed(self._model, part).log_softmax(-1)
            self._logprobs = logprobs[[0, -1, -1] if self._cut else [0], -1]
            yield start, logprobs[0], logprobs[-1]
        del self._normalized

    @torch.inference_mode()
    def advance(self, control: int, ablated: int) -> None:
        """Feed each run the token it drew last."""
        tokens = [[control], [ablated], [control]] if self._cut else [[control]]
        resid = embedded(self._model, tokens, self._cache)
        resid = drain(run(self._model, resid, self._surgery, cache=self._cache))
        self._logprobs = unembed(self._model, final_norm(self._model, resid[:, -1])).log_softmax(-1)
