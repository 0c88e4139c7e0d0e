"""Control and ablated run of one prompt, decoded side by side in one batch."""

from __future__ import annotations

from collections.abc import Generator, Hashable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from attention_surgery.engine.cache import KeyValueCache
from attention_surgery.engine.divergence import Compared, compared, wide_norm
from attention_surgery.engine.forward import unembed
from attention_surgery.engine.joint import Joint
from attention_surgery.engine.model import Model
from attention_surgery.engine.ready import Ready
from attention_surgery.engine.run import embedded, run
from attention_surgery.engine.surgery import Surgery

# Positions unembedded at a time: 64 rows of GPT-2's vocabulary are 13 MB.
UNEMBED_POSITIONS = 64


class Pair:
    """The state of both runs: control, ablated, and ablated fed the control's text.

    Rows of one batch, so that weights are read once a step: one where nothing is cut, two until
    the texts part, then three. The third gives the teacher-forced ablated distribution, hence
    metrics, while tokens arrive; before, it is the second.

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
        self._parted = False
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

    def read(self) -> Generator[object, None, None]:
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

    @property
    def parts(self) -> range:
        """Where the parts begin in which `predictions` gives those of the prompt."""
        return range(0, len(self._ids), UNEMBED_POSITIONS)

    def predictions(self, first: int) -> Generator[object, None, Compared]:
        """Both runs' predictions at `first` and the next few positions of the prompt.

        The last part leaves the distributions after the prompt as the present ones.
        """
        normalized = self._normalized[:, first : first + UNEMBED_POSITIONS]
        both, _ = yield from self._predict(normalized)
        if first + UNEMBED_POSITIONS >= len(self._ids):
            del self._normalized
        self.same_text = Compared(*(values[-1] for values in both))
        self._after_own_text = self.same_text.ablated
        return both

    def advance(self, control: int, ablated: int) -> Generator[object, None, None]:
        """Feed each run the token it drew last."""
        self._parted |= self._cut and control != ablated
        tokens = [[control], *[[ablated]] * self._cut, *[[control]] * self._parted]
        resid = embedded(self._model, tokens, self._cache)
        resid = yield from run(self._model, resid, self._surgery, cache=self._cache)
        self.same_text, own = yield from self._predict(wide_norm(self._model, resid[:, -1]))
        self._after_own_text = own[0] if own else self.same_text.ablated

    def _predict(
        self, normalized: Float[Tensor, "row *pos d_model"]
    ) -> Generator[object, None, tuple[Compared, list[Float[Tensor, "*pos d_vocab"]]]]:
        """First and last row compared, and the log-probabilities of those between."""
        unembedding = Unembedding(self._model, _changes(normalized))
        yield unembedding
        return _predicted(unembedding.outcome())


@torch.inference_mode()
def _changes(normalized: Float[Tensor, "row *pos d_model"]) -> Float[Tensor, "row *pos d_model"]:
    """The first row, how the last differs from it, and those between."""
    if len(normalized) == 1:
        return normalized.float()
    control, *own, last = normalized
    return torch.stack([control, last - control, *own]).float()


@torch.inference_mode()
def _predicted(
    logits: Float[Tensor, "row *pos d_vocab"],
) -> tuple[Compared, list[Float[Tensor, "*pos d_vocab"]]]:
    if len(logits) == 1:
        return compared(logits[0], torch.zeros_like(logits[0])), []
    control, change, *own = logits
    return compared(control, change), [row.log_softmax(-1) for row in own]


@dataclass(eq=False)
class Unembedding(Joint[Tensor]):
    """Logits of what the final LayerNorm left, before they are made."""

    most: ClassVar[int] = 2 * UNEMBED_POSITIONS

    model: Model
    normalized: Float[Tensor, "*rows d_model"]

    @property
    def depth(self) -> int:
        return self.model.n_layers

    @property
    def size(self) -> int:
        return self.normalized.numel() // self.model.d_model

    @property
    def kind(self) -> Hashable:
        return id(self.model), "unembedding"

    @torch.inference_mode()
    def alone(self) -> Float[Tensor, "*rows d_vocab"]:
        return unembed(self.model, self.normalized)

    @classmethod
    @torch.inference_mode()
    def together(cls, pieces: Sequence[Unembedding]) -> list[Float[Tensor, "*rows d_vocab"]]:
        model = pieces[0].model
        packed = torch.cat([piece.normalized.view(-1, model.d_model) for piece in pieces])
        parts = unembed(model, packed).split([piece.size for piece in pieces])
        shapes = [piece.normalized.shape[:-1] for piece in pieces]
        return [part.view(*shape, -1) for part, shape in zip(parts, shapes, strict=True)]
