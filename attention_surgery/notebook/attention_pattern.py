"""Where one head looks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from attention_surgery.analyses.attention import AttentionRequest
from attention_surgery.notebook.part import Head, Part

if TYPE_CHECKING:
    from attention_surgery.engine.model import Model


class AttentionPattern(Part):
    """The attention pattern of one head, in control and as used under the cuts.

    Attributes:
        head: (layer, head); the picture's fields change it.
        result: an `AttentionPatterns` of that head.
    """

    analysis: ClassVar[type[AttentionRequest]] = AttentionRequest
    asked: ClassVar[tuple[str, ...]] = ("prompt", "ablations", "head")

    head = Head(allow_none=False, default_value=(0, 0))

    def __init__(
        self,
        model: Model,
        prompt: str,
        head: object = (0, 0),
        ablations: Iterable[object] = (),
        **settings: Any,
    ) -> None:
        """
        Args:
            head: `(layer, head)`, or `"L9H6"`.
            settings: the other fields of `AttentionRequest`: continuation, prepend_bos.

        Raises:
            InvalidPrompt, PromptTooLong, InvalidSetting, UnknownHead, DuplicateHead
        """
        super().__init__(model, settings, prompt=prompt, head=head, ablations=ablations)

    def request(self) -> AttentionRequest:
        layer, head = self.head or (0, 0)
        fields = {"prompt": self.prompt, "ablations": self.ablations, "layer": layer, "head": head}
        return self.analysis.ask(**self._settings | fields)
