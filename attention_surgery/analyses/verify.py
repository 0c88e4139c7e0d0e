"""Whether our numbers agree with those that others published, or that we documented."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from attention_surgery.analyses.arrays import Table
from attention_surgery.analyses.base import Analysis
from attention_surgery.analyses.checks import AnyCheck, checks_of
from attention_surgery.analyses.cost import Cost, Shape
from attention_surgery.analyses.registry import register
from attention_surgery.analyses.result import Progress, Result
from attention_surgery.errors import InvalidSetting

if TYPE_CHECKING:
    from attention_surgery.engine.model import Model

# What the longest list of checks reads: heads patched on eight prompts, five times, and repeats.
TOKENS_READ, TOKENS_PATCHED, POSITIONS = 10_000, 5 * 8 * 16, 201


@dataclass(frozen=True, slots=True)
class Comparison:
    """One number, as published and as measured here."""

    kind: Annotated[str, Field(description="What was measured.")]
    name: Annotated[str, Field(description="Of the number among those of its kind.")]
    published: float
    ours: float
    tolerance: Annotated[float, Field(description="How far apart they may lie.")]
    unit: str
    source: Annotated[str, Field(description="Who published it.")]
    agrees: bool


@dataclass(frozen=True, slots=True)
class VerifyProgress(Progress):
    """Event `progress`: the figures of one check."""

    event: ClassVar[str] = "progress"

    comparisons: list[Comparison]
    done: Annotated[float, Field(description="Share of the checks, 0 to 1.")]

    @property
    def share(self) -> float:
        return self.done


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification(Result):
    """Published figures beside ours."""

    comparisons: list[Comparison]
    agrees: Annotated[bool, Field(description="Whether each lies within its tolerance.")]

    @property
    def failed(self) -> bool:
        return not self.agrees

    def table(self) -> Table:
        """A row a figure."""
        names = ("kind", "name", "published", "ours", "tolerance", "unit", "source", "agrees")
        return {name: [getattr(figure, name) for figure in self.comparisons] for name in names}


@register
class VerifyRequest(Analysis[Verification]):
    """Published figures beside ours, each measured anew, with its source and tolerance.

    For `gpt2`: next-token probabilities, logit differences, patching of z, q, k, v and pattern,
    direct attribution and self-repair on eight prompts of indirect objects, and where heads look on
    random repeated tokens. For the bundled model: the figures of its documentation.
    """

    name: ClassVar[str] = "verify"
    summary: ClassVar[str] = "Do our numbers agree with the literature?"
    result: ClassVar[type[Result]] = Verification
    progress: ClassVar[tuple[type[Progress], ...]] = (VerifyProgress,)
    example: ClassVar[dict[str, Any]] = {}
    reads_prompt: ClassVar[bool] = False

    prompt: Annotated[Literal[""], Field(description="None: each figure has its own.")] = ""
    prepend_bos: Annotated[
        Literal[True], Field(description="Each figure is measured as it was published.")
    ] = True

    def cost(self, shape: Shape, n_tokens: int) -> Cost:  # noqa: ARG002
        heads = shape.n_layers * shape.n_heads
        at_once = 1 + 1024 // POSITIONS
        return Cost(
            passes=TOKENS_READ + TOKENS_PATCHED * heads / 2,
            numbers_held=shape.activations(at_once, POSITIONS)
            + 2 * shape.patterns(at_once, POSITIONS)
            + 100 * heads,
            numbers_told=1000,
        )

    def steps(self, model: Model) -> Generator[object, None, Verification]:
        checks = checks_of(model.source, model.name)
        if not checks:
            raise InvalidSetting(
                f"No figures of {model.name} are known: verify gpt2 or gpt2-mini-12x12."
            )
        return self._steps(model, checks)

    def _steps(
        self, model: Model, checks: tuple[AnyCheck, ...]
    ) -> Generator[object, None, Verification]:
        figures: list[Comparison] = []
        for i, check in enumerate(checks):
            found = compared(check, model, (yield from check.steps(model)))
            figures += found
            yield VerifyProgress(found, (i + 1) / len(checks))
        return Verification(
            model=model.name,
            provenance=self.provenance(model),
            warnings=[],
            comparisons=figures,
            agrees=all(figure.agrees for figure in figures),
        )


def compared(check: AnyCheck, model: Model, ours: dict[str, float]) -> list[Comparison]:
    """The figures of a check; a number that is not one agrees with nothing."""
    return [
        Comparison(
            kind=check.title,
            name=check.label(model, name),
            published=published,
            ours=ours[name],
            tolerance=check.tolerance,
            unit=check.unit,
            source=check.source,
            agrees=abs(ours[name] - published) <= check.tolerance,
        )
        for name, published in check.figures.items()
    ]


def verify(model: Model) -> Verification:
    """Published figures beside ours; see `VerifyRequest`.

    Raises:
        InvalidSetting: none of this model are known.
    """
    return VerifyRequest.ask().run(model)
