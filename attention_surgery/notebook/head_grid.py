"""The grid of heads under the scalpel, and what the cuts do to the next token."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike
from traitlets import Any as AnyTrait

from attention_surgery.analyses.head_scores import HeadScores
from attention_surgery.analyses.importance import ImportanceRequest
from attention_surgery.analyses.infer import InferRequest
from attention_surgery.engine.preparation import check_head
from attention_surgery.errors import InvalidSetting
from attention_surgery.notebook.part import Head, Part, told_head

if TYPE_CHECKING:
    from attention_surgery.engine.model import Model


class HeadGrid(Part):
    """Every head of a model, to be cut by a click, and the next token with and without the cuts.

    Attributes:
        ablations: what is cut; clicks change it, and setting it changes the picture.
        focus: the head that Enter or its name looks at, as (layer, head); None at first.
        result: an `Inference` of no new tokens: `result.next_token` compares the distributions.
        scores: the numbers that colour the grid: `HeadScores`, an array, or None.
    """

    analysis: ClassVar[type[InferRequest]] = InferRequest
    looked: ClassVar[tuple[str, ...]] = ("focus",)

    focus = Head()
    _scores = AnyTrait(None, allow_none=True).tag(sync=True)

    def __init__(
        self,
        model: Model,
        prompt: str,
        ablations: Iterable[object] = (),
        *,
        scores: HeadScores | ArrayLike | str | None = "ablation",
        prepend_bos: bool = True,
    ) -> None:
        """
        Args:
            ablations: interventions, or what stands for them: `"L9H6"`, `"L9H6m*0.5"`, `(9, 6)`.
            scores: what colours the grid: a method of `importance` to measure now, scores measured
                before, any numbers [layer, head], or None.

        Raises:
            InvalidPrompt, PromptTooLong, InvalidSetting, UnknownHead, DuplicateHead
        """
        settings = {"max_new_tokens": 0, "alternatives": 6, "prepend_bos": prepend_bos}
        self._numbers: HeadScores | np.ndarray[Any, Any] | None = None
        super().__init__(model, settings, prompt=prompt, ablations=ablations)
        if isinstance(scores, str):
            asked = ImportanceRequest.ask(prompt=prompt, method=scores, prepend_bos=prepend_bos)
            scores = asked.run(model)
        self.scores = scores

    @property
    def scores(self) -> HeadScores | np.ndarray[Any, Any] | None:
        return self._numbers

    @scores.setter
    def scores(self, scores: HeadScores | ArrayLike | None) -> None:
        if scores is None:
            self._numbers, self._scores = None, None
            return
        if isinstance(scores, HeadScores):
            told = scores.to_dict()
            given = len(scores.provenance.request["ablations"])
            shown = {name: told[name] for name in ("method", "metric", "unit", "scores")}
            self._numbers, self._scores = scores, shown | {"given": given}
            return
        numbers = np.asarray(scores, dtype=float)
        shape = self.model.n_layers, self.model.n_heads
        if numbers.shape != shape or not np.isfinite(numbers).all():
            raise InvalidSetting(
                f"Scores of {self.model.name} are {shape[0]} × {shape[1]} finite numbers, one per "
                f"layer and head: these are {list(numbers.shape)}."
            )
        self._numbers = numbers
        self._scores = {"name": "score", "unit": "", "scores": numbers.tolist()}

    def check_look(self) -> None:
        if self.focus is not None:
            check_head(self.model, *self.focus)

    def shown(self) -> dict[str, Any]:
        return {"focus": told_head(self.focus)}

    def _repr_html_(self) -> str:
        scores = self._numbers._repr_html_() if isinstance(self._numbers, HeadScores) else ""
        return scores + super()._repr_html_()
