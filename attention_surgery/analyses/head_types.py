"""What kind of head each is: measured, and as others have published."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attention_surgery.analyses.arrays import LayerHead, Table, tidy
from attention_surgery.analyses.base import Analysis
from attention_surgery.analyses.cost import Cost, Passes, Shape
from attention_surgery.analyses.figures import Figure, head_map
from attention_surgery.analyses.head_scores import HeadScore, ranking
from attention_surgery.analyses.published import PublishedKind, published
from attention_surgery.analyses.registry import register
from attention_surgery.analyses.result import Progress, Result
from attention_surgery.engine.tokens import Token
from attention_surgery.errors import InvalidSetting
from attention_surgery.scripts.head_types import head_types_script
from attention_surgery.scripts.script import Script, constants

if TYPE_CHECKING:
    from attention_surgery.engine.head_types import Looks
    from attention_surgery.engine.model import Model

# From which score on a head is of a kind.
ATTENTION = 0.2
COPIES = 0.5
ROWS = 10


@dataclass(frozen=True, slots=True)
class KindOfHead:
    """A kind that is measured: its words, and the score from which a head is of it."""

    name: str
    title: str
    meaning: str
    threshold: float


LOOKING = (
    KindOfHead("previous_token", "Previous-token heads", "look at the token before", ATTENTION),
    KindOfHead(
        "duplicate_token",
        "Duplicate-token heads",
        "look at earlier occurrences of the same token",
        ATTENTION,
    ),
    KindOfHead(
        "induction",
        "Induction heads",
        "look at what followed an earlier occurrence of the same token",
        ATTENTION,
    ),
)
COPYING = (
    KindOfHead(
        "copying", "Copying heads", "make the token they look at one of the five likeliest", COPIES
    ),
    KindOfHead(
        "negative_copying",
        "Negative copying heads",
        "make the token they look at one of the five unlikeliest",
        COPIES,
    ),
)


@dataclass(frozen=True, slots=True)
class HeadTypesProgress(Progress):
    """Event `progress`: the share of the work that is done."""

    event: ClassVar[str] = "progress"
    latest: ClassVar[bool] = True

    done: Annotated[float, Field(description="0 to 1.")]

    @property
    def share(self) -> float:
        return self.done


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredKind:
    """The score of every head in one kind."""

    name: str
    title: str
    meaning: Annotated[str, Field(description="What such heads do, after `heads that`.")]
    threshold: Annotated[float, Field(description="From which score on a head is of the kind.")]
    scores: Annotated[LayerHead, Field(description="0 to 1.")]
    heads: Annotated[list[HeadScore], Field(description="Those of the kind, strongest first.")]

    @classmethod
    def of(cls, kind: KindOfHead, scores: NDArray[np.float32]) -> MeasuredKind:
        heads = [head for head in ranking(scores) if head.score >= kind.threshold]
        return cls(kind.name, kind.title, kind.meaning, kind.threshold, scores, heads)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeadTypes(Result):
    """Every head's score in each kind, and what has been published of this model's heads."""

    prompt_tokens: Annotated[
        list[Token] | None, Field(description="Null where random repeated tokens were read.")
    ]
    kinds: list[MeasuredKind]
    copying_tokens: Annotated[
        list[Token], Field(description="The sample that copying was measured on.")
    ]
    published: list[PublishedKind]
    passes: Annotated[
        Passes,
        Field(
            description="Of what is read to see where heads look; copying is read off the weights. "
            "Naive: a pass for each kind."
        ),
    ]

    def table(self) -> Table:
        """A row for each head and kind: layer, head, kind, score, whether it is of the kind."""
        layers, heads = self.kinds[0].scores.shape
        scores = np.stack([kind.scores for kind in self.kinds])
        thresholds = np.array([kind.threshold for kind in self.kinds])
        names = [kind.name for kind in self.kinds]
        axes = {"kind": names, "layer": range(layers), "head": range(heads)}
        return tidy(axes, score=scores, of_kind=scores >= thresholds[:, None, None])

    def figures(self) -> list[Figure]:
        return [head_map(kind.title, "score", kind.scores) for kind in self.kinds]


@register
class HeadTypesRequest(Analysis[HeadTypes]):
    """Which heads are previous-token, duplicate-token, induction and copying heads.

    On a prompt, the share of a head's attention that goes where a head of the kind looks, Σ A⊙D /
    Σ A, as TransformerLens' `head_detector` has it (`mul`). Without one, on random tokens told
    twice, the mean attention 1, `length` and `length` − 1 tokens back; the beginning-of-text token
    in front does not count. Copying: of a sample of names, the share that the head's OV circuit,
    given the token after MLP 0, puts among the five likeliest (or unlikeliest).

    Source: Olsson et al. 2022, arXiv:2209.11895; for copying Wang et al. 2022, arXiv:2211.00593.
    """

    name: ClassVar[str] = "head_types"
    summary: ClassVar[str] = "Which heads are previous-token, induction, duplicate or copying heads"
    result: ClassVar[type[Result]] = HeadTypes
    progress: ClassVar[tuple[type[Progress], ...]] = (HeadTypesProgress,)
    example: ClassVar[dict[str, Any]] = {"prompt": "", "length": 20, "copying_tokens": 10}

    prompt: Annotated[
        str, Field(description="The text the model reads; random repeated tokens when empty.")
    ] = ""
    length: Annotated[
        int, Field(ge=2, le=1000, description="Of the random tokens that are told twice.")
    ] = 40
    seed: Annotated[int, Field(ge=0, le=2**53 - 1, description="Of all that is drawn.")] = 0
    copying_tokens: Annotated[
        int,
        Field(ge=0, le=1000, description="How many tokens copying is measured on; 0 leaves it."),
    ] = 40

    def cost(self, shape: Shape, n_tokens: int) -> Cost:
        heads = shape.n_layers * shape.n_heads
        positions = n_tokens if self.prompt else 2 * self.length + 1
        rows = 1 if self.prompt else ROWS
        at_once = min(rows, 1 + 1024 // positions)
        of_copying = self.copying_tokens * shape.n_heads * (2 * shape.d_model + 3 * 4096)
        return Cost(
            passes=rows * positions + self.copying_tokens * heads * shape.unembedding,
            numbers_held=shape.activations(at_once, positions)
            + 2 * shape.patterns(at_once, positions)
            + 3 * positions**2
            + of_copying
            + 20 * heads,
            numbers_told=6 * heads + 3 * n_tokens + 3 * self.copying_tokens,
        )

    def script(self) -> Script:
        settings = constants(
            LENGTH=None if self.prompt else self.length,
            N_ROWS=None if self.prompt else ROWS,
            SEED=self.seed,
            COPYING_TOKENS=self.copying_tokens or None,
        )
        return Script(
            head_types_script(on_prompt=bool(self.prompt), copying=self.copying_tokens > 0),
            settings,
        )

    def steps(self, model: Model) -> Generator[object, None, HeadTypes]:
        from attention_surgery.engine.prompt import read_prompt

        ids = read_prompt(model, self.prompt or " ", self.prepend_bos)
        if not self.prompt:
            self._check_length(model)
        elif len(ids) < 2:
            raise InvalidSetting("One token has no other to look at: write a longer prompt.")
        return self._steps(model, ids if self.prompt else None)

    @staticmethod
    def together(
        model: Model, requests: Sequence[HeadTypesRequest]
    ) -> Generator[object, None, NDArray[np.float32]]:
        """What heads look at in several prompts, from one pass: [kind, request, layer, head]."""
        from attention_surgery.engine.head_types import looks_on_prompts
        from attention_surgery.engine.prompt import read_prompt

        prompts = [read_prompt(model, each.prompt, each.prepend_bos) for each in requests]
        found = yield from looks_on_prompts(model, prompts)
        by_row = [(looks.previous, looks.duplicate, looks.induction) for looks in found]
        return np.array([[kind.float().numpy() for kind in kinds] for kinds in by_row]).swapaxes(
            0, 1
        )

    def _check_length(self, model: Model) -> None:
        tokens = 2 * self.length + self.prepend_bos
        if tokens > model.n_ctx:
            raise InvalidSetting(
                f"length is {self.length}: told twice that is {tokens} tokens, and {model.name} "
                f"can read {model.n_ctx}."
            )
        if self.length > model.d_vocab - 2:
            raise InvalidSetting(
                f"length is {self.length}: {model.name} has {model.d_vocab - 2} tokens to draw."
            )

    def _steps(self, model: Model, ids: list[int] | None) -> Generator[object, None, HeadTypes]:
        from attention_surgery.engine.head_types import Copying, copying, words

        looks = yield from self._looks(model, ids)
        kinds = [
            MeasuredKind.of(kind, scores.float().numpy())
            for kind, scores in zip(
                LOOKING, (looks.previous, looks.duplicate, looks.induction), strict=True
            )
        ]
        yield HeadTypesProgress(0.2)
        read = 1 if ids is not None else ROWS
        sample = words(model, self.copying_tokens, self.seed) if self.copying_tokens else []
        shares = np.zeros((2, model.n_layers, model.n_heads), np.float32)
        for step in copying(model, sample) if sample else ():
            if isinstance(step, Copying):
                shares[:, step.layer] = step.copied, step.uncopied
                yield HeadTypesProgress(0.2 + 0.8 * (step.layer + 1) / model.n_layers)
            else:
                yield step
        if sample:
            kinds += [MeasuredKind.of(*each) for each in zip(COPYING, shares, strict=True)]
        return HeadTypes(
            model=model.name,
            provenance=self.provenance(model),
            warnings=[],
            prompt_tokens=None if ids is None else model.tokens(ids),
            kinds=kinds,
            copying_tokens=model.tokens(sample),
            published=published(model),
            passes=Passes(read, len(LOOKING) * read),
        )

    def _looks(self, model: Model, ids: list[int] | None) -> Generator[object, None, Looks]:
        from attention_surgery.engine.head_types import (
            looks_on_prompts,
            looks_on_repeats,
            repeated_tokens,
        )

        if ids is not None:
            (looks,) = yield from looks_on_prompts(model, [ids])
            return looks
        rows = repeated_tokens(model, self.length, ROWS, self.seed, self.prepend_bos)
        return (yield from looks_on_repeats(model, rows, self.length))


def head_types(model: Model, prompt: str = "", **settings: Any) -> HeadTypes:
    """Which heads are of which kind, on a prompt or on random repeated tokens.

    Args:
        settings: the other fields of `HeadTypesRequest`: length, seed, copying_tokens, prepend_bos.

    Raises:
        InvalidPrompt, PromptTooLong, InvalidSetting
    """
    return HeadTypesRequest.ask(prompt=prompt, **settings).run(model)
