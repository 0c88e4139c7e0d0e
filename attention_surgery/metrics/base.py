"""What a metric is, and the list of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar

from attention_surgery.errors import InvalidSetting

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


# What a token is called in refusals, and its text.
Named = tuple[tuple[str, str], ...]


class Metric:
    """One number of a run, from the logits of a few tokens at the positions it reads.

    A subclass is one metric. Its docstring's first line is its meaning.

    Attributes:
        name: on the wire.
        title: on the page.
        unit: of the number.
        needs_answer, needs_foil: tokens it must be given.
        everywhere: it reads every position and the token that follows there, not one position.
        needs_base: it compares with the run as it is, and has no value of one run alone.
        whole: it needs the logsumexp over the vocabulary; else a few columns are all it reads.
        falls, rises: what a head does of which a cut makes the number fall, or rise.
        code: the number in a script, from the log-probabilities `expected` [token, d_vocab], the
            token ids `answer`, `foil` and `prompt`, and the POSITION.
        formula: in TeX, for the manual, of logits l, distributions p and q, answer a, foil f and
            text x.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    unit: ClassVar[str]
    needs_answer: ClassVar[bool] = False
    needs_foil: ClassVar[bool] = False
    everywhere: ClassVar[bool] = False
    needs_base: ClassVar[bool] = False
    whole: ClassVar[bool] = True
    falls: ClassVar[str] = "supports the answer"
    rises: ClassVar[str] = "works against the answer"
    code: ClassVar[str] = ""
    formula: ClassVar[str] = ""

    def value(
        self, logits: Float[Tensor, "*row pos token"], logsumexp: Float[Tensor, "*row pos"]
    ) -> Float[Tensor, "*row"]:
        """The number of each run; differentiable.

        Args:
            logits: of the answer and, where there is one, the foil; of the following token where
                it reads everywhere.
            logsumexp: over all logits; zeros unless `whole`.
        """
        raise NotImplementedError

    def asked(self, answer: str | None, foil: str | None) -> tuple[Metric, Named]:
        """The metric for these texts, and the tokens that `value` is given, as name and text.

        Raises:
            InvalidSetting: the texts are not what it asks for.
        """
        named = (("answer", answer), ("foil", foil))
        return self, tuple((name, text) for name, text in named if text is not None)

    @classmethod
    def meaning(cls) -> str:
        """One sentence: the first line of the class's docstring."""
        return (cls.__doc__ or "").strip().splitlines()[0]


Kind = TypeVar("Kind", bound=type[Metric])

_METRICS: dict[str, Metric] = {}


def register(kind: Kind) -> Kind:
    """Add a metric to the list."""
    _METRICS[kind.name] = kind()
    return kind


def metrics() -> tuple[Metric, ...]:
    """All metrics, in order of registration."""
    return tuple(_METRICS.values())


def metric_named(name: str) -> Metric:
    """The metric of that name.

    Raises:
        InvalidSetting: there is none.
    """
    if name not in _METRICS:
        raise InvalidSetting(f"{name[:40]!r} is no metric: use {', '.join(_METRICS)}.")
    return _METRICS[name]
