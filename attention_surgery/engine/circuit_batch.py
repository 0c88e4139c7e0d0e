"""Items of a task as rows of one batch, and the run of the circuit they went through last."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray
from torch import Tensor

from attention_surgery.engine.divergence import logsumexp, wide_norm
from attention_surgery.engine.forward import (
    final_norm,
    hooked_pattern,
    mlp,
    queries_keys_values,
    unembed,
    write_heads,
)
from attention_surgery.engine.kernels import mix_few
from attention_surgery.engine.model import Model
from attention_surgery.engine.ready import value_bias
from attention_surgery.engine.run import embedded
from attention_surgery.interventions import Intervention
from attention_surgery.interventions.base import Moment
from attention_surgery.metrics import Metric

HeadSite = tuple[int, int]
Circuit = frozenset[HeadSite]
PerItem = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Question:
    """An item of a task in tokens.

    Attributes:
        ids: the prompt; the metric is read at its last position.
        metric, targets: what is asked there, and of which tokens; see `Metric.asked`.
        corrupt: the prompt that replacements are taken from.
    """

    ids: list[int]
    metric: Metric
    targets: list[int]
    corrupt: list[int] | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """The same for equal questions."""
        corrupt = None if self.corrupt is None else tuple(self.corrupt)
        return tuple(self.ids), self.metric.name, tuple(self.targets), corrupt


@dataclass(slots=True, eq=False)
class _Crossing:
    """One layer of a run, or what comes after the last one.

    Attributes:
        before: the residual stream before it.
        wide: whether that is of all positions, or of each row's last one.
        own, other: what its heads compute, once a circuit has one of them, and what stands in.
    """

    before: Float[Tensor, "row pos d_model"]
    wide: bool
    own: Float[Tensor, "row read head d_head"] | None = None
    other: Float[Tensor, "row read head d_head"] | None = None


class Batch:
    """Items that go together, and the run of the circuit that they went through last.

    Rows are padded on the right, which changes nothing before it. From the last layer on that has a
    head of the circuit only each row's last position is computed: nobody reads the others there.
    Unless what stands in for a head is made of the run itself; then that is the last layer.

    Attributes:
        places: of the items among all.
        others: what stands in for the heads of each layer, where that does not depend on the run.
    """

    def __init__(
        self,
        model: Model,
        cut: Intervention,
        places: list[int],
        questions: Sequence[Question],
    ) -> None:
        self.model, self.places = model, places
        self.others: list[Tensor] | None = None
        self._cut = cut
        self._metrics = [question.metric for question in questions]
        self._whole = any(metric.whole for metric in self._metrics)
        device = model.weights.embed.device
        self.lengths = [len(question.ids) for question in questions]
        self._ends = torch.tensor(self.lengths, device=device) - 1
        self._targets = torch.tensor([q.targets for q in questions], device=device)
        self._start = embedded(model, [question.ids for question in questions]).clone()
        self._crossed = [_Crossing(self._start, wide=True)]
        self._kept: list[frozenset[int]] = []

    @property
    def numbers(self) -> int:
        """How many it holds once it rests."""
        layers = 0 if self.others is None else self.model.n_layers
        return (1 + layers) * self._start.numel()

    def rest(self) -> None:
        """Let the run go, which is two thirds of what it holds: one pass makes it again."""
        self._crossed, self._kept = [_Crossing(self._start, wide=True)], []

    def advance(
        self, circuit: Circuit, *, everywhere: bool = False
    ) -> Generator[object, None, float]:
        """Run a circuit from the first layer in which it differs; returns how many layers ran.

        Args:
            everywhere: compute all positions of every layer but the last.
        """
        layers = range(self.model.n_layers)
        kept = [frozenset(head for at, head in circuit if at == layer) for layer in layers]
        last = layers[-1]
        if self.others is not None and not everywhere:
            last = max((layer for layer in layers if kept[layer]), default=-1)
        same = 0
        while same < len(self._kept) and self._kept[same] == kept[same]:
            same += 1
        # Not even rounding may depend on what was run before.
        unlike = (at for at, here in enumerate(self._crossed) if at and here.wide != (at <= last))
        same = min(same, next(unlike, len(layers) + 1) - 1)
        del self._crossed[same + 1 :], self._kept[same:]
        ran = 0.0
        for layer in layers[same:]:
            yield layer
            self._cross(layer, kept[layer], wide=layer < last)
            ran += 1.0 if layer <= last else 1 / max(self.lengths)
        return ran

    @torch.no_grad()
    def values(self) -> PerItem:
        """The metric of each item, in double precision where the device has it."""
        x = wide_norm(self.model, self._final[:, 0])
        columns = self._columns().to(x.dtype)
        logits = torch.einsum("rd,rtd->rt", x, columns)[:, None]
        total = logits.new_zeros(len(x), 1)
        if self._whole:
            total = logsumexp(self.model, x.float())[:, None].to(x.dtype)
        found: PerItem = self._value(logits, total).double().cpu().numpy()
        return found

    def _value(
        self, logits: Float[Tensor, "row 1 token"], total: Float[Tensor, "row 1"]
    ) -> Float[Tensor, " row"]:
        """Each item's own metric."""
        if len(set(self._metrics)) == 1:
            return self._metrics[0].value(logits, total)
        rows = zip(self._metrics, logits.split(1), total.split(1), strict=True)
        return torch.cat([metric.value(*row) for metric, *row in rows])

    def estimates(self, circuit: Circuit) -> Generator[object, None, PerItem]:
        """See `CircuitRuns.estimates`; of the run that `advance` left everywhere."""
        model = self.model
        found = np.zeros((len(self.places), model.n_layers, model.n_heads))
        slope = self._slope()
        for layer in reversed(range(model.n_layers)):
            yield layer
            keeps = self._keeps({head for at, head in circuit if at == layer})
            with torch.enable_grad():
                before = self._crossed[layer].before.detach().requires_grad_()
                own, other = self._heads(layer, before)
                mixed = torch.where(keeps, own, other)
                resid = self._ended(before) if self._is_last(layer) else before
                after = self._after(layer, resid, mixed)
                by_z, slope = torch.autograd.grad(after, (mixed, before), slope)
            change = torch.where(keeps, other - own, own - other).detach()
            found[:, layer] = (change * by_z).sum((1, 3)).double().cpu().numpy()
        return found

    @torch.no_grad()
    def _cross(self, layer: int, kept: frozenset[int], *, wide: bool) -> None:
        here = self._crossed[layer]
        mixed = self._mixed(layer, here, kept, wide)
        resid = self._ended(here.before) if here.wide and not wide else here.before
        self._crossed.append(_Crossing(self._after(layer, resid, mixed), wide))
        self._kept.append(kept)

    @property
    def _final(self) -> Float[Tensor, "row 1 d_model"]:
        """The residual stream after the last layer."""
        return self._crossed[-1].before

    def _mixed(
        self, layer: int, here: _Crossing, kept: frozenset[int], wide: bool
    ) -> Float[Tensor, "row read head d_head"]:
        """What the heads of a layer write under a circuit, at all positions or the last ones."""
        if self.others is not None and not kept:
            return self._narrowed(self.others[layer], layer, wide)
        if here.own is None:
            here.own, here.other = self._heads(layer, here.before)
        assert here.other is not None
        mixed = torch.where(self._keeps(kept), here.own, here.other)
        return self._narrowed(mixed, layer, wide)

    def _narrowed(
        self, z: Float[Tensor, "row pos head d_head"], layer: int, wide: bool
    ) -> Float[Tensor, "row read head d_head"]:
        return z if wide or self._is_last(layer) else self._ended(z)

    def _heads(
        self, layer: int, before: Tensor
    ) -> tuple[Float[Tensor, "row read head d_head"], Float[Tensor, "row read head d_head"]]:
        """What the heads of a layer compute, and what stands in for them."""
        model, scale = self.model, 1 / self.model.config.attention_scale(layer)
        q, k, v = queries_keys_values(model, layer, before)
        visible = None
        if self._is_last(layer):
            q = self._ended(q.transpose(1, 2)).transpose(1, 2)
            visible = self._visible()[:, None]
            own = mix_few(q, k, v, scale, visible)
        else:
            own = F.scaled_dot_product_attention(q, k, v, is_causal=True, scale=scale)
        own = own.transpose(1, 2)
        if self.others is not None:
            return own, self.others[layer]
        moment = LayerMoment(self, layer)
        if self._cut.component == "z":
            return own, self._cut.replacement(own, moment)
        with torch.no_grad():
            pattern = hooked_pattern(model, layer, q, k, visible)
        other = self._cut.replacement(pattern, moment).to(v.dtype)
        return own, (other @ v).transpose(1, 2)

    def _after(
        self, layer: int, resid: Float[Tensor, "row read d_model"], z: Tensor
    ) -> Float[Tensor, "row read d_model"]:
        out = write_heads(self.model, layer, resid, z)
        return out + mlp(self.model, layer, out)

    @torch.enable_grad()
    def _slope(self) -> Float[Tensor, "row 1 d_model"]:
        """∂metric/∂(residual stream after the last block), of each item's own metric."""
        resid = self._final.detach().requires_grad_()
        x = final_norm(self.model, resid)
        logits = torch.einsum("rpd,rtd->rpt", x, self._columns())
        total = unembed(self.model, x).logsumexp(-1) if self._whole else x.new_zeros(x.shape[:2])
        (slope,) = torch.autograd.grad(self._value(logits, total).sum(), resid)
        return slope

    def _columns(self) -> Float[Tensor, "row token d_model"]:
        return self.model.weights.unembed[self._targets].float()

    def _keeps(self, heads: Iterable[int]) -> Bool[Tensor, "head 1"]:
        keeps = torch.zeros(self.model.n_heads, 1, dtype=torch.bool)
        keeps[list(heads)] = True
        return keeps.to(self._ends.device)

    def _is_last(self, layer: int) -> bool:
        return layer == self.model.n_layers - 1

    def _ended(self, value: Float[Tensor, "row pos *d"]) -> Float[Tensor, "row 1 *d"]:
        """The last position of each row, padding apart."""
        rows = torch.arange(len(value), device=value.device)
        return value[rows, self._ends][:, None]

    def _visible(self) -> Bool[Tensor, "row 1 key"]:
        """What each row's last query may see."""
        keys = torch.arange(max(self.lengths), device=self._ends.device)
        return (keys <= self._ends[:, None])[:, None]

    def unread(self, layer: int) -> Float[Tensor, "1 query d"]:
        """In the place of a row's z, where the replacement does not depend on it."""
        return self._start.new_zeros(1, self.positions(layer).shape[1], self.model.d_model)

    def positions(self, layer: int) -> Int[Tensor, "row query"]:
        """Where the queries of a layer stand."""
        if self._is_last(layer):
            return self._ends[:, None]
        return torch.arange(max(self.lengths), device=self._ends.device)[None]

    def visible(self, layer: int) -> Bool[Tensor, "row 1 query key"]:
        """What these queries may see, for every head."""
        keys = torch.arange(max(self.lengths), device=self._ends.device)
        return (keys <= self.positions(layer)[..., None])[:, None]


class LayerMoment(Moment):
    """The moment at which all heads of a layer are replaced in a batch, or in one row of it."""

    def __init__(
        self, batch: Batch, layer: int, row: int | None = None, reference: Tensor | None = None
    ) -> None:
        self._batch, self._layer, self._row, self._reference = batch, layer, row, reference

    @property
    def positions(self) -> Int[Tensor, "row query"]:
        positions = self._batch.positions(self._layer)
        return positions if self._row is None or len(positions) == 1 else positions[[self._row]]

    @property
    def visible(self) -> Bool[Tensor, "row 1 query key"]:
        return self._batch.visible(self._layer)

    @property
    def below(self) -> Tensor:
        raise NotImplementedError("what looks at the layer below does not stand in for heads")

    @property
    def reference(self) -> Float[Tensor, "pos d"]:
        assert self._reference is not None
        return self._reference

    @property
    def value_bias(self) -> Float[Tensor, "head d_head"]:
        model = self._batch.model
        return torch.stack([value_bias(model, self._layer, h) for h in range(model.n_heads)])
