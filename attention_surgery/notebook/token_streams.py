"""Both texts, token by token."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from traitlets import Int

from attention_surgery.analyses.infer import InferRequest
from attention_surgery.notebook.part import Part

if TYPE_CHECKING:
    from attention_surgery.engine.model import Model


class TokenStreams(Part):
    """What a model writes, intact and cut; tokens are shaded by how far their prediction moved.

    Attributes:
        result: an `Inference`.
    """

    analysis: ClassVar[type[InferRequest]] = InferRequest
    asked: ClassVar[tuple[str, ...]] = ("prompt", "ablations", "max_new_tokens")

    max_new_tokens = Int()

    def __init__(
        self,
        model: Model,
        prompt: str,
        ablations: Iterable[object] = (),
        *,
        max_new_tokens: int = 20,
        **settings: Any,
    ) -> None:
        """
        Args:
            settings: the other fields of `InferRequest`: temperature, top_k, seed, prepend_bos.

        Raises:
            InvalidPrompt, PromptTooLong, InvalidSetting, UnknownHead, DuplicateHead
        """
        fields = {"prompt": prompt, "ablations": ablations, "max_new_tokens": max_new_tokens}
        super().__init__(model, settings, **fields)
