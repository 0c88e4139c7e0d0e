"""Where a difference between two prompts is carried: activation patching."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import FailFast, Field, model_validator

from attention_surgery.analyses.cost import Cost, Passes, Shape
from attention_surgery.analyses.heads import Head, HeadName, place_of
from attention_surgery.analyses.patch_scores import compared, normalised
from attention_surgery.analyses.patching_result import Direction, Patching, PatchingProgress
from attention_surgery.analyses.registry import register
from attention_surgery.analyses.result import Progress, Result
from attention_surgery.analyses.two_prompts import Pair, TwoPromptAnalysis, too_close
from attention_surgery.engine.components import Component, is_of_heads
from attention_surgery.scripts.patching import patching_script
from attention_surgery.scripts.script import Script, constants

if TYPE_CHECKING:
    from attention_surgery.engine.base_run import BaseRun
    from attention_surgery.engine.model import Model
    from attention_surgery.engine.patching import Effects
    from attention_surgery.engine.preparation import Plan
    from attention_surgery.engine.reading import TokenReading


@register
class PatchingRequest(TwoPromptAnalysis[Patching]):
    """Activation patching: through which heads and layers a difference between prompts flows.

    `denoise`: the corrupt run with one activation of the clean run in its place, as
        TransformerLens does; what restores the clean metric is enough for it.
    `noise`: the clean run with one activation of the corrupt run; what loses it was needed.

    z, q, k, v and pattern are patched head by head, attn_out, mlp_out and resid_pre layer by layer;
    at all positions together or at each alone; all heads, or those that are named. Exact: each
    number is that of a whole run with one hook. `estimate` sets attribution patching beside it,
    Σ (a_other − a_base) · ∂m/∂a.

    Source: Meng et al. 2022, arXiv:2202.05262; Wang et al. 2022, arXiv:2211.00593; for the
    estimate Nanda 2023, Syed et al. 2023, arXiv:2310.10348.
    """

    name: ClassVar[str] = "patching"
    summary: ClassVar[str] = "Patch activations from one prompt into another, one at a time"
    result: ClassVar[type[Result]] = Patching
    progress: ClassVar[tuple[type[Progress], ...]] = (PatchingProgress,)
    example: ClassVar[dict[str, Any]] = {
        "prompt": "When Mary and John went to the store, John gave a drink to",
        "corrupt": "When John and Mary went to the store, Mary gave a drink to",
        "answer": " Mary",
        "foil": " John",
    }

    component: Annotated[
        Component, Field(description="What is patched: of each head, or of each layer.")
    ] = "z"
    heads: Annotated[
        tuple[HeadName, ...] | None,
        FailFast(),
        Field(
            strict=False,
            min_length=1,
            max_length=2000,
            description="Which heads are patched, a row of the result for each; all when absent.",
        ),
    ] = None
    each_position: Annotated[
        bool, Field(description="Patch each position alone instead of all together.")
    ] = False
    direction: Annotated[
        Direction,
        Field(description="denoise: clean into corrupt; noise: corrupt into clean."),
    ] = "denoise"
    estimate: Annotated[
        bool, Field(description="Set the first-order estimate beside the exact numbers.")
    ] = False

    @model_validator(mode="after")
    def _heads_have_it(self) -> PatchingRequest:
        if self.heads is not None and not is_of_heads(self.component):
            raise ValueError(
                f"{self.component} is patched layer by layer and has no heads: leave heads out, or "
                "patch z, q, k, v or pattern"
            )
        return self

    @property
    def places(self) -> list[tuple[int, int]] | None:
        """Layer and head of those that are chosen, each once; None for all."""
        return None if self.heads is None else list(dict.fromkeys(map(place_of, self.heads)))

    def _n_sites(self, shape: Shape) -> int:
        if self.heads is not None:
            return len(self.heads)
        return shape.n_layers * (shape.n_heads if is_of_heads(self.component) else 1)

    def cost(self, shape: Shape, n_tokens: int) -> Cost:
        patches = self._n_sites(shape) * (n_tokens if self.each_position else 1)
        read = n_tokens if self.of.everywhere else 1
        share = 0.25 if self.each_position else 0.5
        rows = patches * share + (4 if self.estimate else 2)
        unembedded = patches * read * shape.unembedding if self.of.whole else 0
        told = (4 if self.estimate else 2) * patches
        return Cost(
            passes=rows * n_tokens + unembedded,
            numbers_held=self._kept(shape, n_tokens) + self._worked(shape, n_tokens) + 2 * told,
            numbers_told=told,
        )

    def _kept(self, shape: Shape, n_tokens: int) -> int:
        """Numbers recorded of both runs: queries, keys and values lie together."""
        of_its_own = self.component in ("z", "attn_out", "mlp_out")
        kept = shape.recorded(n_tokens, vectors=3 + of_its_own)
        if self.component == "pattern":
            kept += shape.n_layers * shape.n_heads * n_tokens**2
        return 2 * kept

    def _worked(self, shape: Shape, n_tokens: int) -> int:
        """Numbers held by what is done with them."""
        # Where few are patched at each, several positions go together.
        rows = self._n_sites(shape) * (n_tokens if self.each_position else 1)
        patterns = self.component in ("q", "k") or self.cuts_patterns
        worked = shape.branches(rows, n_tokens, patterns=patterns)
        read = n_tokens if self.of.everywhere else 1
        worked += shape.gathered(rows, read)
        worked += shape.readout(read) if self.of.whole else 0
        if not self.estimate:
            return worked
        of_patterns = self.component == "pattern" or self.cuts_patterns
        return max(worked, shape.differentiated(n_tokens, patterns=of_patterns))

    def script(self) -> Script:
        at = None if self.of.everywhere else self.position
        settings = constants(CORRUPT=self.corrupt, ANSWER=self.answer, FOIL=self.foil, POSITION=at)
        sections = patching_script(
            self.ablations,
            self.of,
            self.component,
            heads=self.places,
            noise=self.direction == "noise",
            each_position=self.each_position,
            estimate=self.estimate,
        )
        return Script(sections, settings)

    def steps(self, model: Model) -> Generator[object, None, Patching]:
        from attention_surgery.engine.preparation import check_head, plan

        for place in self.places or ():
            check_head(model, *place)
        pair = self.read_pair(model)
        cuts = plan(model, self.ablations, len(pair.clean), self.prepend_bos)
        return self._steps(model, pair, cuts, self.reading(model, pair))

    def _steps(
        self, model: Model, pair: Pair, plan: Plan, reading: TokenReading
    ) -> Generator[object, None, Patching]:
        from attention_surgery.engine import patching as engine

        cuts = yield from plan.prepare(model)
        denoise = self.direction == "denoise"
        sides = (pair.corrupt, pair.clean) if denoise else (pair.clean, pair.corrupt)
        of_base, of_other = (ids[: pair.read] for ids in sides)
        base, other = yield from engine.record_for_patching(
            model, of_base, of_other, cuts, self.component
        )
        reading.start(model, base.final)
        (apart,) = yield from reading.effects(model, other.final)
        ends = (reading.base, reading.base + apart)
        corrupt, clean = ends if denoise else ends[::-1]
        effects = np.zeros(self._shape(model, len(pair.clean)))
        passes, chosen = 2.0, self._by_layer()
        for step in engine.patched(
            base,
            other,
            self.component,
            reading,
            pair.first,
            each_position=self.each_position,
            heads=chosen,
        ):
            if isinstance(step, engine.Effects):
                self._place(effects, step)
                passes += step.passes
                found = [[reading.base + each for each in row] for row in step.values]
                yield PatchingProgress(clean, corrupt, step.layers, step.position, found, step.done)
            else:
                yield step
        estimates = yield from self._estimates(base, other, of_base, reading, effects.shape)
        effects = self._chosen(effects)
        return Patching(
            model=model.name,
            provenance=self.provenance(model),
            warnings=[*plan.warnings, *too_close(clean, corrupt)],
            prompt_tokens=model.tokens(pair.clean),
            corrupt_tokens=model.tokens(pair.corrupt),
            differing=pair.differing,
            component=self.component,
            heads=None if self.places is None else [Head(*place) for place in self.places],
            each_position=self.each_position,
            direction=self.direction,
            metric=self.metric,
            unit=self.of.unit,
            clean=clean,
            corrupt=corrupt,
            values=(reading.base + effects).astype(np.float32),
            scores=normalised(reading.base + effects, clean, corrupt),
            unchanged=0.0 if denoise else 1.0,
            estimate=None
            if estimates is None
            else compared(
                self._chosen(estimates),
                effects,
                reading.base,
                clean,
                corrupt,
                self.component,
                self.places,
            ),
            passes=Passes(passes, effects.size + 2),
        )

    def _by_layer(self) -> dict[int, list[int]] | None:
        """Layer → its heads that are chosen."""
        if self.places is None:
            return None
        chosen: dict[int, list[int]] = defaultdict(list)
        for layer, head in self.places:
            chosen[layer].append(head)
        return chosen

    def _chosen(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The rows of the chosen heads, or all as it is."""
        if self.places is None:
            return values
        layers, heads = np.array(self.places).T
        rows: NDArray[np.float64] = values[layers, heads]
        return rows

    def _shape(self, model: Model, n_tokens: int) -> tuple[int, ...]:
        heads = (model.n_heads,) * is_of_heads(self.component)
        return (model.n_layers, *heads, *(n_tokens,) * self.each_position)

    def _place(self, effects: NDArray[np.float64], step: Effects) -> None:
        """Put the effects of some layers where they belong."""
        at = () if step.position is None else (step.position,)
        chosen = self._by_layer()
        for layer, found in zip(step.layers, step.values, strict=True):
            if not is_of_heads(self.component):
                effects[(layer, *at)] = found[0]
            else:
                heads = slice(None) if chosen is None else chosen[layer]
                effects[(layer, heads, *at)] = found

    def _estimates(
        self,
        base: BaseRun,
        other: BaseRun,
        ids: list[int],
        reading: TokenReading,
        shape: tuple[int, ...],
    ) -> Generator[object, None, NDArray[np.float64] | None]:
        from attention_surgery.engine import patching as engine

        if not self.estimate:
            return None
        found = np.zeros(shape)
        for step in engine.estimated(base, other, ids, self.component, reading):
            if isinstance(step, engine.Estimates):
                of_layer = step.values.double().numpy()
                by_head = of_layer if is_of_heads(self.component) else of_layer[0]
                if self.each_position:
                    found[step.layer, ..., : base.n_tokens] = by_head
                else:
                    found[step.layer] = by_head.sum(-1)
            else:
                yield step
        return found


def patching(
    model: Model,
    prompt: str,
    corrupt: str,
    answer: str | None = None,
    foil: str | None = None,
    component: str = "z",
    **settings: Any,
) -> Patching:
    """Where the difference between two prompts is carried; see `PatchingRequest`.

    Args:
        prompt, corrupt: of as many tokens.
        settings: the other fields of `PatchingRequest`: heads, each_position, direction, metric,
            position, estimate, ablations, prepend_bos.

    Raises:
        InvalidPrompt, PromptTooLong, UnknownHead, InvalidSetting
    """
    return PatchingRequest.ask(
        prompt=prompt,
        corrupt=corrupt,
        answer=answer,
        foil=foil,
        component=component,
        **settings,
    ).run(model)
