"""A text as the model sees it."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import AliasChoices, Field

from attention_surgery.analyses.arrays import Table
from attention_surgery.analyses.base import Analysis
from attention_surgery.analyses.cost import Cost, Shape
from attention_surgery.analyses.registry import register
from attention_surgery.analyses.result import Result
from attention_surgery.engine.tokens import Token
from attention_surgery.scripts.script import Script

if TYPE_CHECKING:
    from attention_surgery.engine.model import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens(Result):
    """The tokens of a text."""

    tokens: list[Token]
    n_ctx: Annotated[int, Field(description="Most tokens the model can read.")]

    def table(self) -> Table:
        """A row a token: position, id, text."""
        return {
            "position": list(range(len(self.tokens))),
            "id": [token.id for token in self.tokens],
            "text": [token.text for token in self.tokens],
        }


@register
class TokenizeRequest(Analysis[Tokens]):
    """Which tokens a text has, also when it is too long for the model to read."""

    name: ClassVar[str] = "tokenize"
    summary: ClassVar[str] = "The tokens of a text"
    result: ClassVar[type[Result]] = Tokens
    example: ClassVar[dict[str, Any]] = {"prompt": "Hello world"}
    lengths_allowed: ClassVar[int] = 4

    prompt: Annotated[
        str,
        Field(
            validation_alias=AliasChoices("prompt", "text"),
            description="The text; `text` is an older name of this field.",
        ),
    ]

    def cost(self, _shape: Shape, n_tokens: int) -> Cost:
        return Cost(passes=0, numbers_held=16 * n_tokens, numbers_told=2 * n_tokens)

    def script(self) -> Script:
        return Script(["for i in prompt:\n    print(i, repr(tokenizer.decode([i])))"])

    def steps(self, model: Model) -> Generator[object, None, Tokens]:
        ids = model.tokenize(self.prompt, self.prepend_bos)
        return self._steps(model, ids)

    def _steps(self, model: Model, ids: list[int]) -> Generator[object, None, Tokens]:
        yield 0
        return Tokens(
            model=model.name,
            provenance=self.provenance(model),
            warnings=[],
            tokens=model.tokens(ids),
            n_ctx=model.n_ctx,
        )
