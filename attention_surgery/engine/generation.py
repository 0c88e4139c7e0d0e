"""Control and ablated run of one prompt, decoded side by side in one batch."""

from __future__ import annotations

from collections.abc import Generator, Hashable, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from attention_surgery.engine.cache import KeyValueCache
from attention_surgery.engine.divergence import Compared, compared, unchanged, wide_norm
from attention_surgery.engine.drawing import Draw, Drawn
from attention_surgery.engine.forward import unembed
from attention_surgery.engine.joint import Joint
from attention_surgery.engine.model import Model
from attention_surgery.engine.ready import Ready
from attention_surgery.engine.run import embedded, run_apart
from attention_surgery.engine.sampling import Sampler
from attention_surgery.engine.surgery import Surgery
from attention_surgery.engine.two_runs import two_runs

# Positions unembedded at a time: 64 rows of GPT-2's vocabulary are 13 MB.
UNEMBED_POSITIONS = 64


class Pair:
    """The state of both runs: control, ablated, and ablated fed the control's text.

    Rows of one batch, so that weights are read once a step: one where nothing is cut, two until
    the texts part, then three, and one less in the layers before the first cut. The third gives the
    teacher-forced ablated distribution, hence metrics, while tokens arrive; before, it is the
    second.

    Args:
        n_new: how many tokens will be drawn at most.
        last_only: of the prompt, read what is predicted after its last token alone.

    Attributes:
        position: of the token that the present distributions predict.
        same_text: both runs' predictions of it, after the control's text.
    """

    def __init__(
        self,
        model: Model,
        ids: Sequence[int],
        cuts: Sequence[Ready],
        n_new: int,
        *,
        last_only: bool = False,
    ) -> None:
        self._model, self._ids = model, list(ids)
        self._begin = len(ids) - 1 if last_only else 0
        self._surgery = Surgery(model, [(slice(1, None), cuts)])
        self._cut = self._surgery.first_layer is not None
        self._parted = False
        self.position, self._cache = len(self._ids), None
        if n_new > 1:  # the first is predicted by what the prompt leaves
            self._cache = KeyValueCache(model, 3 if self._cut else 1, len(self._ids) + n_new)
        self._normalized: Float[Tensor, "row pos d_model"]
        self._own: Float[Tensor, " d_vocab"]
        self.same_text: Compared

    def read(self) -> Generator[object, None, None]:
        """Read the prompt."""
        resid = yield from two_runs(self._model, self._ids, self._surgery, cache=self._cache)
        self._normalized = wide_norm(self._model, resid[:, self._begin :])

    @property
    def parts(self) -> range:
        """Where the parts begin in which `predictions` gives those of the prompt."""
        return range(self._begin, len(self._ids), UNEMBED_POSITIONS)

    def predictions(self, first: int) -> Generator[object, None, Compared]:
        """Both runs' predictions at `first` and the next few positions of the prompt.

        The last part leaves the distributions after the prompt as the present ones.
        """
        at = first - self._begin
        normalized = self._normalized[:, at : at + UNEMBED_POSITIONS]
        both, _ = yield from self._predict(normalized)
        if first + UNEMBED_POSITIONS >= len(self._ids):
            del self._normalized
        self.same_text = Compared(*(values[-1] for values in both))
        self._own = self.same_text.ablated
        return both

    def advance(self, control: int, ablated: int) -> Generator[object, None, None]:
        """Feed each run the token it drew last: a row for each text until the first cut, then one
        for each run.
        """
        self._parted |= self._cut and control != ablated
        resid = embedded(self._model, [[control], *[[ablated]] * self._parted], self._cache)
        rows = [*range(len(resid)), 0]
        resid = yield from run_apart(self._model, resid, self._surgery, rows, cache=self._cache)
        self.position += 1
        self.same_text, own = yield from self._predict(wide_norm(self._model, resid[:, -1]))
        self._own = own[0] if own else self.same_text.ablated

    def draw(self, sampler: Sampler | None, n_likely: int) -> Generator[object, None, Drawn]:
        """A token for each run, the likeliest without a sampler, and as many likely ones."""
        rows = self.same_text.control, self._own
        sampled = None if sampler is None else sampler(torch.stack(rows))
        draw = Draw(self._model, self.same_text, self._own, sampled, n_likely)
        yield draw
        return draw.outcome()

    def _predict(
        self, normalized: Float[Tensor, "row *pos d_model"]
    ) -> Generator[object, None, Predicted]:
        prediction = Prediction(self._model, normalized)
        yield prediction
        return prediction.outcome()


class Predicted(NamedTuple):
    """What the runs of a text predict.

    Attributes:
        both: the first row compared with the last.
        own: log-probabilities of those between.
    """

    both: Compared
    own: list[Float[Tensor, "*pos d_vocab"]]


@dataclass(eq=False)
class Prediction(Joint[Predicted]):
    """What is predicted from what the final LayerNorm left of some rows, before it is."""

    most: ClassVar[int] = 2 * UNEMBED_POSITIONS

    model: Model
    normalized: Float[Tensor, "row *pos d_model"]

    @property
    def depth(self) -> int:
        return self.model.n_layers

    @property
    def size(self) -> int:
        return self.normalized.numel() // self.model.d_model

    @property
    def kind(self) -> Hashable:
        return id(self.model), "prediction"

    @classmethod
    @torch.inference_mode()
    def together(cls, pieces: Sequence[Prediction]) -> list[Predicted]:
        """Those of all texts at once: first rows, how last rows differ from them, and the rest."""
        model = pieces[0].model
        order = sorted(range(len(pieces)), key=lambda at: len(pieces[at].normalized) == 1)
        rows = [piece.normalized.view(len(piece.normalized), -1, model.d_model) for piece in pieces]
        rows = [rows[at] for at in order]
        first = [each[0] for each in rows]
        changes = [each[-1] - each[0] for each in rows if len(each) > 1]
        between = [each[1:-1].flatten(0, 1) for each in rows]
        packed = torch.cat([*first, *changes, *between]).float()
        sizes = [sum(map(len, some)) for some in (first, changes, between)]
        logits, change, rest = unembed(model, packed).split(sizes)
        own = rest.log_softmax(-1).split(list(map(len, between)))
        both = _compared(logits, change)
        columns = zip(*(each.split(list(map(len, first))) for each in both), strict=True)
        found: dict[int, Predicted] = {}
        for at, values, of_rest in zip(order, columns, own, strict=True):
            n_rows, *places, _ = pieces[at].normalized.shape
            shaped = (each.reshape((*places, *each.shape[1:])) for each in values)
            others = of_rest.view(max(0, n_rows - 2), *places, -1) if n_rows > 2 else ()
            found[at] = Predicted(Compared(*shaped), list(others))
        return [found[at] for at in range(len(pieces))]


def _compared(
    logits: Float[Tensor, "pos d_vocab"], change: Float[Tensor, "changed d_vocab"]
) -> Compared:
    """Of positions of which the first so many change."""
    n = len(change)
    parts = []
    if n:
        parts.append(compared(logits[:n], change))
    if n < len(logits):
        parts.append(unchanged(logits[n:]))
    if len(parts) == 1:
        return parts[0]
    return Compared(*map(torch.cat, zip(*parts, strict=True)))
