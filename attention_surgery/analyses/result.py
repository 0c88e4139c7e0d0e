"""What an analysis answers: numbers that say where they come from, and what is told before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from attention_surgery.analyses.arrays import Table, plain
from attention_surgery.analyses.encoding import encode
from attention_surgery.analyses.figures import Figure
from attention_surgery.engine.origin import KnownOrigin, SourceKind
from attention_surgery.errors import InvalidSetting

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame

    from attention_surgery.analyses.base import Analysis


class Progress:
    """Mixin of what a job tells before it is done: an event of that name.

    Attributes:
        event: the name of the server-sent event.
        latest: a later one of this name stands for all before it.
    """

    __slots__ = ()
    event: ClassVar[str]
    latest: ClassVar[bool] = False

    @property
    def tokens(self) -> int:
        """How many decoded tokens it tells of."""
        return 0

    @property
    def share(self) -> float | None:
        """How much of the work is done, 0 to 1, where that is known."""
        return None


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a number comes from: enough to get it again.

    Not how long it took: equal requests share one answer, whoever asked first.
    """

    analysis: str
    model: str
    source: Annotated[SourceKind, Field(description="Where the weights were found.")]
    revision: Annotated[str, Field(description="Of the weights: a commit or a content hash.")]
    version: Annotated[str, Field(description="Of Attention Surgery.")]
    request: Annotated[dict[str, Any], Field(description="The whole request, defaults included.")]

    @property
    def asked(self) -> Analysis[Any]:
        """The request itself: run on the same model, it gives the same numbers.

        Raises:
            InvalidSetting: no such analysis is registered here, or it has other fields now.
        """
        from attention_surgery.analyses.registry import analysis_named

        return analysis_named(self.analysis).ask(**self.request)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Base of all results.

    Attributes:
        model: the model's name.
        provenance: the request, the model's revision, this package's version.
        warnings: what could be honoured only in part, in sentences.
    """

    model: str
    provenance: Provenance
    warnings: list[str]

    @property
    def failed(self) -> bool:
        """Whether what was asked for does not hold: a command that shows it exits with 1."""
        return False

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, numbers and texts, as the REST API sends them."""
        return plain(self)  # type: ignore[no-any-return]

    def to_json(self) -> str:
        """JSON, byte for byte as the REST API sends it.

        Raises:
            ValueError: a number is not finite, which JSON cannot say.
        """
        return encode(self).decode()

    def table(self) -> Table:
        """Its numbers in columns of equal length, a row for each thing measured."""
        raise InvalidSetting(f"The result of {self.provenance.analysis} has no table: use to_dict.")

    def to_pandas(self) -> DataFrame:
        """`table` as a data frame.

        Raises:
            ImportError: pandas is not installed.
        """
        try:
            from pandas import DataFrame
        except ImportError:
            raise ImportError(
                "to_pandas needs pandas: pip install pandas, or take the plain columns of table()."
            ) from None
        return DataFrame(self.table())

    def figures(self) -> list[Figure]:
        """Its pictures, as `plot` and a notebook show them; none where numbers say more."""
        return []

    def plot(self, ax: Axes | None = None) -> list[Axes]:
        """Draw it with Matplotlib.

        Args:
            ax: where a single figure is to be drawn; new axes when None.
        Returns:
            The axes, one for each figure.

        Raises:
            ImportError: Matplotlib is not installed.
            InvalidSetting: there is no picture of it, or several for one place.
        """
        from attention_surgery.analyses.plots import draw

        figures = self.figures()
        if not figures:
            raise InvalidSetting(
                f"There is no picture of this {type(self).__name__}: use to_pandas."
            )
        return draw(figures, ax)

    def _repr_html_(self) -> str:
        from attention_surgery.analyses.html import html_of

        return html_of(self)

    def code(self) -> str:
        """A script of plain TransformerLens that gives these numbers."""
        came_from = self.provenance
        origin = KnownOrigin(came_from.model, came_from.source, came_from.revision)
        return came_from.asked.code(origin)
