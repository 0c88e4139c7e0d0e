"""Attention patterns, in the control run and as the surgery leaves them."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attention_surgery.analyses.arrays import Axes, Table, tidy
from attention_surgery.analyses.base import AblatedAnalysis, Index, TokenIds
from attention_surgery.analyses.cost import Cost, Shape
from attention_surgery.analyses.figures import Figure, Map
from attention_surgery.analyses.registry import register
from attention_surgery.analyses.result import Result
from attention_surgery.engine.tokens import Token
from attention_surgery.errors import InvalidSetting
from attention_surgery.scripts.attention import attending
from attention_surgery.scripts.script import Script, constants, text
from attention_surgery.scripts.surgery import surgery

if TYPE_CHECKING:
    from attention_surgery.engine.model import Model
    from attention_surgery.engine.preparation import Plan

Patterns = Annotated[NDArray[np.float32], Axes(("layer", "head", "query", "key"), optional=2)]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AttentionPatterns(Result):
    """Patterns of one head, of a layer's heads, or of all.

    Rows of a control pattern sum to 1; nothing looks ahead.
    """

    prompt_tokens: list[Token]
    layer: Annotated[int | None, Field(description="Null when all layers are there.")]
    head: Annotated[int | None, Field(description="Null when all heads are there.")]
    method: Annotated[
        str | None, Field(description="The one head's ablation, null when uncut or many.")
    ]
    control: Patterns
    ablated: Patterns

    def table(self) -> Table:
        """A row for each key that a query may attend to, of each run: its weight."""
        runs = np.stack([self.control, self.ablated])
        runs = runs.reshape(2, *self._sites(), *runs.shape[-2:])
        _, layers, heads, queries, keys = map(range, runs.shape)
        axes: dict[str, Sequence[Any]] = {
            "run": ["control", "ablated"],
            "layer": layers if self.layer is None else [self.layer],
            "head": heads if self.head is None else [self.head],
            "query": queries,
            "key": keys,
        }
        columns = tidy(axes, weight=runs)
        seen = columns["key"] <= columns["query"]
        return {name: column[seen] for name, column in columns.items()}

    def figures(self) -> list[Figure]:
        """Of one head: where each token looks, in control and as used."""
        if self.layer is None or self.head is None:
            return []
        tokens = [f"{i} {token.text}" for i, token in enumerate(self.prompt_tokens)]
        return [
            Map(
                f"L{self.layer}H{self.head}, {run}",
                "weight",
                causal,
                tokens,
                tokens,
                "query",
                "key",
            )
            for run, pattern in (("control", self.control), ("ablated", self.ablated))
            for causal in [np.where(np.tri(len(tokens), dtype=bool), pattern, np.nan)]
        ]

    def _sites(self) -> tuple[int, int]:
        """How many layers and heads there are patterns of."""
        *sites, _, _ = self.control.shape
        layers = sites[0] if self.layer is None else 1
        return layers, sites[-1] if self.head is None else 1


@register
class AttentionRequest(AblatedAnalysis[AttentionPatterns]):
    """How heads attend, for control and as used under surgery.

    Leave `head` out for all heads of a layer, and `layer` as well for all of the model.
    """

    name: ClassVar[str] = "attention"
    summary: ClassVar[str] = "Attention patterns, for control and as used under surgery"
    result: ClassVar[type[Result]] = AttentionPatterns
    example: ClassVar[dict[str, Any]] = {
        "prompt": "Monday Tuesday Wednesday",
        "ablations": [{"layer": 4, "head": 11, "method": "mean"}],
        "layer": 4,
        "head": 11,
    }

    continuation: TokenIds = ()
    layer: Annotated[Index | None, Field(description="All layers when absent.")] = None
    head: Annotated[Index | None, Field(description="All heads when absent.")] = None

    def cost(self, shape: Shape, n_tokens: int) -> Cost:
        runs = 2 if self.ablations else 1
        n_tokens += len(self.continuation)
        n_layers = shape.n_layers if self.layer is None else 1
        n_heads = shape.n_heads if self.head is None else 1
        told = 2 * n_layers * n_heads * n_tokens**2
        return Cost(
            passes=runs * n_tokens,
            numbers_held=told
            + shape.activations(runs, n_tokens)
            + 2 * shape.patterns(runs, n_tokens),
            numbers_told=told,
        )

    def script(self) -> Script:
        settings = constants(
            CONTINUATION=self.continuation or None, LAYER=self.layer, HEAD=self.head
        )
        shown = attending(self.layer, self.head)
        return Script([text(self.continuation), *surgery(self.ablations), *shown], settings)

    def steps(self, model: Model) -> Generator[object, None, AttentionPatterns]:
        from attention_surgery.engine.preparation import check_head, plan
        from attention_surgery.engine.prompt import read_prompt

        ids = read_prompt(model, self.prompt, self.prepend_bos, self.continuation)
        if self.layer is None and self.head is not None:
            raise InvalidSetting(f"head is {self.head}, but of which layer? Give layer as well.")
        check_head(model, self.layer or 0, self.head or 0)
        n_prompt = len(ids) - len(self.continuation)
        return self._steps(model, ids, plan(model, self.ablations, n_prompt, self.prepend_bos))

    def _steps(
        self, model: Model, ids: list[int], plan: Plan
    ) -> Generator[object, None, AttentionPatterns]:
        from attention_surgery.engine.attention import patterns

        ready = yield from plan.prepare(model)
        first, last = (0, model.n_layers - 1) if self.layer is None else (self.layer, self.layer)
        heads = range(model.n_heads) if self.head is None else [self.head]
        found = yield from patterns(model, ids, ready, range(first, last + 1), heads)
        here = (cut.method for cut in plan.cuts if (cut.layer, cut.head) == (self.layer, self.head))
        return AttentionPatterns(
            model=model.name,
            provenance=self.provenance(model),
            warnings=plan.warnings,
            prompt_tokens=model.tokens(ids),
            layer=self.layer,
            head=self.head,
            method=None if self.head is None else next(here, None),
            control=self._without_axes(found[0].numpy()),
            ablated=self._without_axes(found[-1].numpy()),
        )

    def _without_axes(self, patterns: NDArray[np.float32]) -> NDArray[np.float32]:
        """[layer, head, query, key] without the axes of which one was asked for."""
        one_head: NDArray[np.float32] = patterns[0, 0]
        if self.head is not None:
            return one_head
        return patterns if self.layer is None else patterns[0]


def attention(
    model: Model,
    prompt: str,
    layer: int | None = None,
    head: int | None = None,
    ablations: Iterable[object] = (),
    **settings: Any,
) -> AttentionPatterns:
    """How heads attend: one, those of a layer (head None), or all (layer None too).

    Args:
        ablations: interventions, or what stands for them: `"L9H6"`, `"L9H6m*0.5"`, `(9, 6)`.
        settings: the other fields of `AttentionRequest`: continuation, prepend_bos.

    Raises:
        InvalidPrompt, PromptTooLong, UnknownHead, DuplicateHead, InvalidSetting
    """
    request = AttentionRequest.ask(
        prompt=prompt, layer=layer, head=head, ablations=tuple(ablations), **settings
    )
    return request.run(model)
