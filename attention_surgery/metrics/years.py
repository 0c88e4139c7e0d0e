"""Later years against earlier ones: a metric of a hundred tokens at one position."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from attention_surgery.errors import InvalidSetting
from attention_surgery.metrics.base import Metric, Named, register

if TYPE_CHECKING:
    from torch import Tensor

YEARS = tuple(f"{year:02d}" for year in range(100))


@register
class YearDifference(Metric):
    """The probability of all two-digit years later than the answer's, less that of all others.

    The answer is the year that something began in, without its century: "32" of 1732.

    Source: Hanna et al. 2023, arXiv:2305.00586.

    Args:
        n_later: how many of the tokens are later years; they come first.
    """

    name: ClassVar[str] = "year_difference"
    title: ClassVar[str] = "Later years"
    unit: ClassVar[str] = "probability"
    needs_answer: ClassVar[bool] = True
    falls: ClassVar[str] = "supports later years"
    rises: ClassVar[str] = "works against later years"
    formula: ClassVar[str] = r"\sum_{y > a} p_t(y) - \sum_{y \leq a} p_t(y)"
    code: ClassVar[str] = (
        "sum(\n"
        "        (1 if year > int(ANSWER) else -1) * expected[POSITION, token].exp()\n"
        "        for year in range(100)\n"
        '        for token in tokenizer.encode(f"{year:02d}", add_special_tokens=False)\n'
        "    )"
    )

    def __init__(self, n_later: int = 0) -> None:
        self.n_later = n_later

    def asked(self, answer: str | None, foil: str | None) -> tuple[Metric, Named]:  # noqa: ARG002
        if answer is None or not re.fullmatch("[0-9]{2}", answer):
            raise InvalidSetting(
                f"The answer of {self.name} is a year's last two digits, such as 32 of 1732, not "
                f"{answer!r}."
            )
        first_later = int(answer) + 1
        years = (*YEARS[first_later:], *YEARS[:first_later])
        return YearDifference(100 - first_later), tuple((f"year {year}", year) for year in years)

    def value(self, logits: Tensor, logsumexp: Tensor) -> Tensor:
        p = (logits - logsumexp[..., None]).exp()
        return (p[..., : self.n_later].sum(-1) - p[..., self.n_later :].sum(-1))[..., 0]
