"""The next token of both runs of a text, and what is told of it, for several texts in one go."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from attention_surgery.engine.divergence import Compared
from attention_surgery.engine.joint import Joint
from attention_surgery.engine.largest import largest
from attention_surgery.engine.model import Model
from attention_surgery.engine.tokens import TokenLogprob


class Drawn(NamedTuple):
    """The next tokens of control and ablated run, each after its own text, and how both runs
    predict the control's after the control's text.

    Attributes:
        tokens: what was drawn.
        likely: the likeliest of each run, likeliest first.
        ablated_logprob: of the control's token.
        kl, top1_changed: see `Compared`.
    """

    tokens: tuple[TokenLogprob, TokenLogprob]
    likely: tuple[list[TokenLogprob], list[TokenLogprob]]
    ablated_logprob: float
    kl: float
    top1_changed: bool


@dataclass(eq=False)
class Draw(Joint[Drawn]):
    """The next tokens of a text, before they are drawn.

    Attributes:
        same_text: how both runs continue the control's text.
        own: log-probabilities of the ablated run after its own.
        sampled: the tokens of both runs; each the likeliest when None.
        n_likely: how many likely ones are told.
    """

    most: ClassVar[int] = 64

    model: Model
    same_text: Compared
    own: Float[Tensor, " d_vocab"]
    sampled: Int[Tensor, " run"] | None
    n_likely: int

    @property
    def depth(self) -> int:
        return self.model.n_layers + 1

    @property
    def size(self) -> int:
        return 2

    @property
    def kind(self) -> Hashable:
        return id(self.model), "draw", self.n_likely

    @classmethod
    @torch.inference_mode()
    def together(cls, pieces: Sequence[Draw]) -> list[Drawn]:
        """Those of all texts, whose rows are control and ablated run one after the other."""
        model = pieces[0].model
        rows = torch.stack([row for each in pieces for row in (each.same_text.control, each.own)])
        drawn = rows.argmax(-1)
        for at, piece in enumerate(pieces):
            if piece.sampled is not None:
                drawn[2 * at : 2 * at + 2] = piece.sampled
        values, ids = largest(rows, pieces[0].n_likely)
        tokens = _tokens(model, drawn.tolist(), rows.gather(-1, drawn[:, None])[:, 0].tolist())
        likely = [_tokens(model, *row) for row in zip(ids.tolist(), values.tolist(), strict=True)]
        forced = zip((each.same_text.ablated for each in pieces), drawn[::2], strict=True)
        columns = (
            zip(tokens[::2], tokens[1::2], strict=True),
            zip(likely[::2], likely[1::2], strict=True),
            torch.stack([logprobs[token] for logprobs, token in forced]).tolist(),
            torch.stack([each.same_text.kl for each in pieces]).tolist(),
            torch.stack([each.same_text.top1_changed for each in pieces]).tolist(),
        )
        return [Drawn(*each) for each in zip(*columns, strict=True)]


def _tokens(model: Model, ids: list[int], logprobs: list[float]) -> list[TokenLogprob]:
    pairs = zip(ids, logprobs, strict=True)
    return [TokenLogprob(token, model.token_text(token), logprob) for token, logprob in pairs]
