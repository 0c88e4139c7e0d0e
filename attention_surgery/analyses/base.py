"""What an analysis is: one frozen request that says all about itself, and one result.

The same request object is the Python argument, the body of a REST request and what a result keeps
of where it comes from. Importing this package does not import torch; running an analysis does.
"""

from __future__ import annotations

import inspect
from abc import abstractmethod
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict, FailFast, Field, ValidationError

from attention_surgery.analyses.cost import Cost, Shape
from attention_surgery.analyses.result import Progress, Provenance, Result
from attention_surgery.engine.origin import Origin
from attention_surgery.engine.steps import drain
from attention_surgery.errors import InvalidSetting
from attention_surgery.interventions import AnyIntervention, Intervention
from attention_surgery.interventions.refusals import validation_sentence
from attention_surgery.scripts.script import Script, written

if TYPE_CHECKING:
    from attention_surgery.engine.model import Model

Index = Annotated[int, Field(ge=0, le=1_000_000)]
TokenId = Annotated[int, Field(ge=0, le=10_000_000)]
Prompt = Annotated[str, Field(description="The text the model reads.")]
ModelName = Annotated[
    str | None,
    Field(description="A name from `GET /models`; the default model when absent."),
]
PrependBos = Annotated[
    bool, Field(description="Put the beginning-of-text token in front, as TransformerLens does.")
]


@dataclass(frozen=True, slots=True)
class Limit:
    """Metadata of a field: the setting that bounds it on a server."""

    setting: str


Ablations = Annotated[
    tuple[AnyIntervention, ...],
    FailFast(),
    Field(
        strict=False,
        max_length=2000,
        description="What to cut, e.g. `{layer: 9, head: 6}` or `L9H6m*0.5`; each site at most "
        "once.",
    ),
    Limit("max_ablations"),
]
TokenIds = Annotated[
    tuple[TokenId, ...],
    FailFast(),
    Field(
        strict=False,
        max_length=100_000,
        description="Token ids appended to the tokenized prompt, e.g. of a generated text.",
    ),
]


Answer = TypeVar("Answer", bound=Result)
Steps = Generator[object, None, Answer]


class Analysis(BaseModel, Generic[Answer]):
    """A request: what is asked of a model, with every default spelled out.

    A subclass is one analysis. Its class attributes name it; its fields are the body of its REST
    request; `steps` does the work. `register` puts it on the list that routes, commands, limits
    and the OpenAPI document are made from.

    Attributes:
        name, summary: what it is called and, in a line, what it answers.
        result, progress: the types of what it returns and of what it tells before.
        example: fields that every model can answer.
        lengths_allowed: how many times the tokens that a server reads its text may have.
        reads_prompt: whether there is a prompt to give; else its field is empty.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: ClassVar[str]
    summary: ClassVar[str]
    result: ClassVar[type[Result]]
    progress: ClassVar[tuple[type[Progress], ...]] = ()
    example: ClassVar[dict[str, Any]]
    lengths_allowed: ClassVar[int] = 1
    reads_prompt: ClassVar[bool] = True

    prompt: Prompt
    model: ModelName = None
    prepend_bos: PrependBos = True

    @classmethod
    def path(cls) -> str:
        """Its route."""
        return "/" + cls.name.replace("_", "-")

    @classmethod
    def meaning(cls) -> str:
        """The class's docstring."""
        return inspect.cleandoc(cls.__doc__ or "")

    @classmethod
    def ask(cls, **fields: Any) -> Self:
        """The request with these fields.

        Raises:
            InvalidSetting: a field is unknown or out of range, in a sentence.
        """
        try:
            return cls(**fields)
        except ValidationError as error:
            raise InvalidSetting(validation_sentence(error.errors())) from None

    @abstractmethod
    def steps(self, model: Model) -> Steps[Answer]:
        """The work as a generator: progress is yielded (or anything, at a mere pause), the result
        returned.

        What can be wrong is checked at the call, work begins at the first `next`. At a yield
        nothing is held open; `close` cancels.

        Raises:
            InvalidRequest: it cannot be done at this model.
        """

    @abstractmethod
    def cost(self, shape: Shape, n_tokens: int) -> Cost:
        """What it takes for a prompt of so many tokens."""

    def script(self) -> Script:
        """What is particular to this request in a script that gives the same numbers.

        Raises:
            InvalidSetting: there is no script for it.
        """
        raise InvalidSetting(f"{self.name} cannot be written as a script: call it from Python.")

    @classmethod
    def has_script(cls) -> bool:
        """Whether `script` is written for this analysis."""
        return cls.script is not Analysis.script

    def code(self, origin: Origin) -> str:
        """A script of plain TransformerLens that gives the same numbers.

        Args:
            origin: a loaded model, or what is known of one.

        Raises:
            InvalidSetting: there is no script for it.
        """
        return written(self.script(), self.summary, self.prompt, self.prepend_bos, origin)

    @property
    def shareable(self) -> bool:
        """Whether equal requests have equal answers."""
        return True

    def run(self, model: Model) -> Answer:
        """Do the work.

        Raises:
            InvalidRequest: it cannot be done at this model.
        """
        return drain(self.steps(model))

    def texts(self) -> Iterator[str]:
        """Every text that a model will have to tokenize."""
        yield self.prompt
        for cut in self.interventions:
            yield from cut.reference_prompts

    @property
    def interventions(self) -> tuple[Intervention, ...]:
        """What it does to the model."""
        cuts: tuple[Intervention, ...] = getattr(self, "ablations", ())
        return cuts

    def provenance(self, model: Model) -> Provenance:
        from attention_surgery import __version__

        request = self.model_dump(mode="json") | {"model": model.name}
        return Provenance(self.name, model.name, model.source, model.revision, __version__, request)


class AblatedAnalysis(Analysis[Answer], Generic[Answer]):
    """An analysis of control and ablated run."""

    ablations: Ablations = ()

    @property
    def cuts_patterns(self) -> bool:
        """Whether a pattern is cut, so that runs make theirs, which they otherwise need not."""
        return any(cut.component == "pattern" for cut in self.ablations)
