"""An answer against a foil at a position: what many analyses are asked of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from attention_surgery.engine.tokens import Token
from attention_surgery.errors import InvalidSetting

if TYPE_CHECKING:
    from attention_surgery.engine.model import Model

Answer = Annotated[str, Field(description="Text of the one token that is asked for.")]
Foil = Annotated[str, Field(description="Text of the one token it is compared with.")]
Position = Annotated[
    int,
    Field(
        ge=-1_000_000,
        le=1_000_000,
        description="Where answer and foil are predicted; negative from the prompt's end.",
    ),
]


@dataclass(frozen=True, slots=True)
class Contrast:
    """Answer, foil and position of a prompt, checked; the position counts from zero."""

    answer: Token
    foil: Token
    position: int


def read_contrast(
    model: Model, ids: Sequence[int], answer: str, foil: str, position: int = -1
) -> Contrast:
    """The tokens of answer and foil.

    Raises:
        InvalidSetting: not one token each, the same one twice, or no such position.
    """
    from attention_surgery.engine.reading import single_token

    place = read_position(ids, position)
    first, second = (
        single_token(model, name, text) for name, text in (("answer", answer), ("foil", foil))
    )
    if first == second:
        raise InvalidSetting(f"Answer and foil are both {answer!r}: compare two tokens.")
    asked, compared = model.tokens([first, second])
    return Contrast(asked, compared, place)


def read_position(ids: Sequence[int], position: int) -> int:
    """A position counted from zero.

    Raises:
        InvalidSetting: the text has none there.
    """
    if not -len(ids) <= position < len(ids):
        raise InvalidSetting(
            f"There is no position {position}: the text has {len(ids)} tokens, 0–{len(ids) - 1}."
        )
    return position % len(ids)
