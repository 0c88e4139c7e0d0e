"""Where the difference between two prompts is carried."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from traitlets import Unicode

from attention_surgery.analyses.patching import PatchingRequest
from attention_surgery.engine.preparation import check_head
from attention_surgery.metrics import metric_named
from attention_surgery.notebook.part import Head, Part, told_head

if TYPE_CHECKING:
    from attention_surgery.engine.model import Model


class PatchGrid(Part):
    """Activation patching of every head, or layer, one at a time.

    Attributes:
        component, direction, metric: what is patched, which way, and measured by what.
        focus: the head looked at, as (layer, head), or None.
        result: a `Patching`.
    """

    analysis: ClassVar[type[PatchingRequest]] = PatchingRequest
    asked: ClassVar[tuple[str, ...]] = (
        *("prompt", "corrupt", "ablations"),
        *("component", "direction", "metric"),
    )
    looked: ClassVar[tuple[str, ...]] = ("focus",)

    corrupt = Unicode()
    component = Unicode()
    direction = Unicode()
    metric = Unicode()
    focus = Head()

    def __init__(
        self,
        model: Model,
        prompt: str,
        corrupt: str,
        answer: str,
        foil: str,
        component: str = "z",
        *,
        direction: str = "denoise",
        metric: str = "logit_difference",
        ablations: Iterable[object] = (),
        prepend_bos: bool = True,
    ) -> None:
        """
        Args:
            prompt, corrupt: the clean and the corrupt prompt, of as many tokens.
            answer, foil: texts of one token each; a metric that needs fewer is given fewer.
            component: z, q, k, v, pattern, attn_out, mlp_out or resid_pre.

        Raises:
            InvalidPrompt, PromptTooLong, InvalidSetting, UnknownHead, DuplicateHead
        """
        self._tokens = {"answer": answer, "foil": foil}
        asked = {"component": component, "direction": direction, "metric": metric}
        texts = {"prompt": prompt, "corrupt": corrupt, "ablations": ablations}
        super().__init__(model, {"prepend_bos": prepend_bos}, **texts, **asked)

    def request(self) -> PatchingRequest:
        metric = metric_named(self.metric)
        needed = {"answer": metric.needs_answer, "foil": metric.needs_foil}
        tokens = {name: text for name, text in self._tokens.items() if needed[name]}
        fields = {name: getattr(self, name) for name in self.asked}
        return self.analysis.ask(**self._settings | fields | tokens)

    def check_look(self) -> None:
        if self.focus is not None:
            check_head(self.model, *self.focus)

    def shown(self) -> dict[str, Any]:
        return {"focus": told_head(self.focus)}
