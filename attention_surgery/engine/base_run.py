"""One run, recorded so that others can branch off it."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Float, Int
from torch import Tensor

from attention_surgery.engine.cache import Cache
from attention_surgery.engine.hook_points import points_of
from attention_surgery.engine.model import Model
from attention_surgery.engine.ready import Ready
from attention_surgery.engine.run import embedded, run
from attention_surgery.engine.surgery import Surgery


@dataclass(frozen=True, slots=True, eq=False)
class BaseRun:
    """A run under some cuts, and what was recorded of it.

    Attributes:
        cuts: in this run and in every row that branches off it.
        stream: the residual stream before each layer and after the last, each [1, pos, d_model].
        seen: hook point within a block → what it shows in each layer, as hooks leave it, with the
            shape TransformerLens gives it.
    """

    model: Model
    cuts: Sequence[Ready]
    stream: list[Float[Tensor, "1 pos d_model"]]
    seen: dict[str, list[Tensor]]

    @property
    def n_tokens(self) -> int:
        return self.stream[0].shape[1]

    @property
    def final(self) -> Float[Tensor, "1 pos d_model"]:
        """The residual stream after the last block."""
        return self.stream[-1]

    def surgery(self) -> Surgery:
        """The cuts, for one batch of rows."""
        return Surgery(self.model, [(slice(None), self.cuts)])

    def whole(
        self, rows: Float[Tensor, "row read d_model"], *, last_only: bool
    ) -> Float[Tensor, "row pos d_model"]:
        """Final residual streams of rows with the positions they share, unless the last is all."""
        shared = self.n_tokens - rows.shape[1]
        if last_only or shared == 0:
            return rows
        return torch.cat([self.final[:, :shared].expand(len(rows), -1, -1), rows], dim=1)

    def prefix(self, begin: int) -> Prefix | None:
        """What rows that equal this run before a position read of it; None where there is nothing.

        Needs `attn.hook_k` and `attn.hook_v` recorded.
        """
        if begin == 0:
            return None
        return Prefix(
            *(
                [value[:, :begin].transpose(1, 2) for value in self.seen[point]]
                for point in KEYS_AND_VALUES
            )
        )


KEYS_AND_VALUES = ("attn.hook_k", "attn.hook_v")


class Prefix(Cache):
    """A base run's keys and values before a position, in the place of a cache: nothing is added.

    Args:
        keys, values: of each layer, [1, head, pos, d_head].
    """

    def __init__(self, keys: Sequence[Tensor], values: Sequence[Tensor]) -> None:
        self._keys, self._values = keys, values
        self._length = keys[0].shape[2]

    def append(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """All keys and values of rows that begin after the prefix."""
        shared = (self._keys[layer], self._values[layer])
        k, v = (
            torch.cat([before.expand(len(new), -1, -1, -1), new], dim=2)
            for before, new in zip(shared, (keys, values), strict=True)
        )
        return k, v

    def visible(self) -> None:
        """The mask is the usual one."""

    def positions(self, n_new: int) -> Int[Tensor, "1 query"]:
        """Where the rows' tokens stand in their text."""
        device = self._keys[0].device
        return torch.arange(self._length, self._length + n_new, device=device)[None]

    def extend(self, n_new: Sequence[int] | int) -> None:
        """Nothing stays of what was read."""


def record(
    model: Model, ids: Sequence[int], cuts: Sequence[Ready] = (), points: Sequence[str] = ()
) -> Generator[object, None, BaseRun]:
    """Run a prompt under some cuts and keep its residual stream, and what some hook points show.

    Yields between blocks.

    Args:
        points: names within a block, such as `attn.hook_z` or `hook_mlp_out`.
    """
    (base,) = yield from record_together(model, [ids], cuts, points)
    return base


def record_together(
    model: Model,
    prompts: Sequence[Sequence[int]],
    cuts: Sequence[Ready] = (),
    points: Sequence[str] = (),
) -> Generator[object, None, list[BaseRun]]:
    """Record runs of prompts of one length in one batch: every weight is read once for all."""
    seen: dict[str, list[Tensor]] = {point: [] for point in points}

    def keep(point: str, _layer: int, value: Tensor) -> None:
        seen[point].append(value)

    watch = {point: partial(keep, point) for point in points}
    surgery = Surgery(model, [(slice(None), cuts)])
    stream = [embedded(model, prompts)]
    for layer in range(model.n_layers):
        resid = yield from run(
            model, stream[-1], surgery, layers=range(layer, layer + 1), watch=watch
        )
        stream.append(resid)
    return [
        BaseRun(
            model,
            cuts,
            [resid[row : row + 1] for resid in stream],
            {point: [value[row : row + 1] for value in values] for point, values in seen.items()},
        )
        for row in range(len(prompts))
    ]


def may_skip_prefix(model: Model) -> bool:
    """Whether rows may leave out the positions they share with their base.

    Not while somebody's hook acts in a block: it is shown every position.
    """
    return not any(points.hooked for points in points_of(model).blocks)
