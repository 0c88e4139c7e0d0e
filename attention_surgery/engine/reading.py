"""What a metric needs of a run: where it reads, its value, its slope."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

from attention_surgery.engine.divergence import (
    Reference,
    divergences,
    logsumexp,
    logsumexps,
    reference,
    slope_of_logsumexp,
    wide_norm,
)
from attention_surgery.engine.forward import final_norm
from attention_surgery.engine.model import Model
from attention_surgery.engine.shape import LOGIT_ROWS
from attention_surgery.errors import InvalidPrompt, InvalidSetting
from attention_surgery.metrics import Metric


class Reading(ABC):
    """A metric, ready for one prompt.

    Attributes:
        base: its value of the run as it is, once `start` has been called.
    """

    base: float = 0.0

    @property
    @abstractmethod
    def last_only(self) -> bool:
        """Whether it reads the last position of the text alone."""

    @abstractmethod
    def start(self, model: Model, resid: Float[Tensor, "1 pos d_model"]) -> None:
        """Take the final residual stream of the run that rows are compared with."""

    @abstractmethod
    def effects(
        self, model: Model, resid: Float[Tensor, "row pos d_model"]
    ) -> Generator[None, None, list[float]]:
        """The metric of each row less that of the base; pauses between parts."""


class Divergence(Reading):
    """KL(base‖row), at every position or at the last."""

    def __init__(self, last_only: bool) -> None:
        self._last_only = last_only
        self._base: Reference

    @property
    def last_only(self) -> bool:
        return self._last_only

    def start(self, model: Model, resid: Float[Tensor, "1 pos d_model"]) -> None:
        with torch.inference_mode():
            self._base = reference(model, resid[0, -1:] if self._last_only else resid[0])

    def effects(
        self, model: Model, resid: Float[Tensor, "row pos d_model"]
    ) -> Generator[None, None, list[float]]:
        read = resid[:, -len(self._base.logsumexp) :]
        scores: list[float] = (
            (yield from divergences(model, self._base, read)).double().mean(-1).tolist()
        )
        return scores


class TokenReading(Reading):
    """A metric of certain tokens: the same few at the last position, or one at each position.

    Args:
        targets: of the positions that are read.
        skip: positions at the end that are not read.
    """

    def __init__(self, metric: Metric, targets: Int[Tensor, "pos token"], skip: int = 0) -> None:
        self.metric, self._targets, self._skip = metric, targets, skip

    @property
    def last_only(self) -> bool:
        return not self.metric.everywhere

    def start(self, model: Model, resid: Float[Tensor, "1 pos d_model"]) -> None:
        with torch.inference_mode():
            self.base = self._values(model, self._read(resid))[0].item()

    def effects(
        self, model: Model, resid: Float[Tensor, "row pos d_model"]
    ) -> Generator[None, None, list[float]]:
        read = self._read(resid)
        effects: list[float] = []
        for rows in read.split(max(1, LOGIT_ROWS // read.shape[1])):
            with torch.inference_mode():
                x = wide_norm(model, rows)
            total = yield from self._totals(model, x.float().flatten(0, 1))
            with torch.inference_mode():
                effects += (self._of(model, x, total) - self.base).tolist()
            yield
        return effects

    @torch.enable_grad()
    def slope(
        self, model: Model, resid: Float[Tensor, "1 pos d_model"]
    ) -> Float[Tensor, "1 pos d_model"]:
        """∂metric/∂(residual stream after the last block) of a run, which becomes the base."""
        resid = resid.detach().requires_grad_()
        read = self._read(resid)
        normalized = final_norm(model, read[0])
        of_normalized, total = self._slope(model, normalized.detach())
        with torch.no_grad():
            self.base = self._of(model, wide_norm(model, read), total)[0].item()
        (slope,) = torch.autograd.grad(normalized, resid, of_normalized)
        return slope

    def _slope(self, model: Model, x: Float[Tensor, "pos d_model"]) -> tuple[Tensor, Tensor]:
        """∂metric/∂x, by way of the logits it names and of the logsumexp, and the logsumexp."""
        columns = self._columns(model)
        logits = torch.einsum("pd,ptd->pt", x, columns).requires_grad_()
        total, mean = x.new_zeros(len(x)), None
        if self.metric.whole:
            with torch.no_grad():
                parts = [slope_of_logsumexp(model, part) for part in x.split(LOGIT_ROWS)]
            total, mean = (torch.cat(each) for each in zip(*parts, strict=True))
        value = self.metric.value(logits, total.requires_grad_())
        by_logit, by_total = torch.autograd.grad(value, (logits, total), materialize_grads=True)
        slope = torch.einsum("pt,ptd->pd", by_logit, columns)
        if mean is not None:
            slope = slope + by_total[:, None] * mean
        return slope, total.detach()

    def _values(self, model: Model, resid: Float[Tensor, "row pos d_model"]) -> Tensor:
        x = wide_norm(model, resid)
        return self._of(model, x, self._logsumexp(model, x.float().flatten(0, 1)))

    def _of(self, model: Model, x: Float[Tensor, "row pos d_model"], total: Tensor) -> Tensor:
        """The metric of each row, from what the final LayerNorm gives and all logsumexps."""
        logits = torch.einsum("rpd,ptd->rpt", x, self._columns(model).to(x.dtype))
        return self.metric.value(logits, total.view(x.shape[:-1]).to(x.dtype))

    def _totals(
        self, model: Model, x: Float[Tensor, "pos d_model"]
    ) -> Generator[None, None, Float[Tensor, " pos"]]:
        """The logsumexps; pauses between parts of the vocabulary."""
        if not self.metric.whole:
            return x.new_zeros(len(x))
        parts, of_columns = [], logsumexps(model, x)
        while True:
            with torch.inference_mode():
                part = next(of_columns, None)
            if part is None:
                break
            parts.append(part)
            yield
        with torch.inference_mode():
            return torch.stack(parts).logsumexp(0)

    def _logsumexp(self, model: Model, x: Float[Tensor, "pos d_model"]) -> Float[Tensor, " pos"]:
        if not self.metric.whole:
            return x.new_zeros(len(x))
        with torch.no_grad():
            return torch.cat([logsumexp(model, part) for part in x.split(LOGIT_ROWS)])

    def _columns(self, model: Model) -> Float[Tensor, "pos token d_model"]:
        return model.weights.unembed[self._targets].float()

    def _read(self, resid: Tensor) -> Tensor:
        end = resid.shape[1] - self._skip
        return resid[:, end - len(self._targets) : end]


def reading_of(
    model: Model,
    metric: Metric,
    ids: Sequence[int],
    answer: str | None,
    foil: str | None,
    *,
    last_only: bool,
) -> Reading:
    """The metric of these tokens, also one that compares a run with its base.

    Args:
        last_only: of a metric against the base: at the last position alone, not the mean of all.

    Raises:
        InvalidSetting, InvalidPrompt: see `token_reading`.
    """
    if metric.needs_base:
        return Divergence(last_only=last_only)
    return token_reading(model, metric, ids, answer, foil)


def token_reading(
    model: Model, metric: Metric, ids: Sequence[int], answer: str | None, foil: str | None
) -> TokenReading:
    """The metric of these tokens.

    Raises:
        InvalidSetting: it lacks an answer or a foil, or they are not one token each.
        InvalidPrompt: there is no token to predict.
    """
    device = model.weights.embed.device
    if metric.everywhere:
        if len(ids) < 2:
            raise InvalidPrompt(
                f"The {metric.name} needs a next token to predict, and the prompt has one token: "
                "write more."
            )
        following = torch.tensor(ids[1:], device=device)[:, None]
        return TokenReading(metric, following, skip=1)
    metric, named = metric.asked(answer, foil)
    chosen = [single_token(model, name, text) for name, text in named]
    return TokenReading(metric, torch.tensor([chosen], device=device))


def single_token(model: Model, name: str, text: str) -> int:
    """The id of a text of one token.

    Raises:
        InvalidSetting: it has more, or none.
    """
    ids = model.tokenize(text, prepend_bos=False)
    if len(ids) == 1:
        return ids[0]
    if not ids:
        raise InvalidSetting(f"The {name} is empty: give a text of one token.")
    shown = ", ".join(repr(token.text) for token in model.tokens(ids[:8]))
    spaced = f" {text}"
    hint = f"its first token, {model.token_text(ids[0])!r}, can stand for it"
    if len(model.tokenize(spaced, prepend_bos=False)) == 1:
        hint = f"{spaced!r}, with its space, is one token"
    raise InvalidSetting(f"The {name} {text[:40]!r} is {len(ids)} tokens ({shown}): {hint}.")
