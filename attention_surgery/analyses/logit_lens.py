"""Logit lens: what the model would say if it stopped after each layer.

Source: nostalgebraist 2020, "interpreting GPT: the logit lens".
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import FailFast, Field

from attention_surgery.analyses.arrays import Axes, Table, tidy
from attention_surgery.analyses.base import AblatedAnalysis, Limit, TokenId, TokenIds
from attention_surgery.analyses.cost import Cost, Shape
from attention_surgery.analyses.figures import Figure, Lines
from attention_surgery.analyses.registry import register
from attention_surgery.analyses.result import Progress, Result
from attention_surgery.engine.tokens import Token
from attention_surgery.errors import InvalidSetting
from attention_surgery.interventions.base import Position
from attention_surgery.scripts.logit_lens import readings
from attention_surgery.scripts.script import Script, constants, text
from attention_surgery.scripts.surgery import surgery

if TYPE_CHECKING:
    from attention_surgery.engine.logit_lens import Readouts
    from attention_surgery.engine.model import Model
    from attention_surgery.engine.preparation import Plan

Numbers = Annotated[NDArray[np.float32], Axes(("layer", "position"))]
Probabilities = Annotated[NDArray[np.float32], Axes(("layer", "position", "top_k"))]
TopIds = Annotated[NDArray[np.int64], Axes(("layer", "position", "top_k"), integer=True)]
Ranks = Annotated[NDArray[np.int64], Axes(("layer", "position"), integer=True)]
Tracked = Annotated[NDArray[np.float32], Axes(("layer", "position", "tracked token"))]


@dataclass(frozen=True, slots=True)
class LayersRead(Progress):
    """Event `progress`: so many of the readouts have been made."""

    event: ClassVar[str] = "progress"
    latest: ClassVar[bool] = True

    done: int
    total: int

    @property
    def share(self) -> float:
        return self.done / self.total


@dataclass(frozen=True, slots=True, eq=False)
class LensRun:
    """Readouts of one run; layer 0 is the embedding.

    `top_ids` and `top_probs` are likeliest first, a `target_rank` of 0 is the likeliest;
    `entropy` and `kl_to_final` = KL(final‖layer) are in nats.
    """

    top_ids: TopIds
    top_probs: Probabilities
    target_prob: Numbers
    target_rank: Ranks
    entropy: Numbers
    kl_to_final: Numbers
    tracked_probs: Tracked


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LogitLens(Result):
    """The lens of both runs at the chosen positions."""

    prompt_tokens: Annotated[list[Token], Field(description="Prompt and continuation.")]
    positions: list[int]
    layers: Annotated[list[str], Field(description='"embed", "L0", … "L11"')]
    targets: Annotated[list[int], Field(description="[position], token ids")]
    tracked: Annotated[
        list[list[int]],
        Field(description="[position][tracked token]: both runs' likeliest final tokens."),
    ]
    control: LensRun
    ablated: LensRun
    token_texts: Annotated[dict[int, str], Field(description="Text of every id above.")]

    def table(self) -> Table:
        """A row for each run, layer and position: its target, and the likeliest token there."""
        runs = (self.control, self.ablated)
        axes: dict[str, Sequence[Any]] = {
            "run": ["control", "ablated"],
            "layer": self.layers,
            "position": self.positions,
        }
        values = {
            name: np.stack([getattr(run, name) for run in runs])
            for name in ("target_prob", "target_rank", "entropy", "kl_to_final")
        }
        likeliest = np.stack([run.top_ids[..., 0] for run in runs])
        targets = np.broadcast_to(self.targets, likeliest.shape)
        return tidy(
            axes,
            target=self._texts(targets),
            **values,
            top=self._texts(likeliest),
            top_prob=np.stack([run.top_probs[..., 0] for run in runs]),
        )

    def figures(self) -> list[Figure]:
        """The probability of the last position's target over the layers."""
        position, target = self.positions[-1], self.token_texts[self.targets[-1]]
        series = {
            "control": self.control.target_prob[:, -1].tolist(),
            "ablated": self.ablated.target_prob[:, -1].tolist(),
        }
        title = f"{target!r} after {self.prompt_tokens[position].text!r} (position {position})"
        return [Lines(title, "probability", self.layers, series)]

    def _texts(self, ids: NDArray[np.int64]) -> NDArray[np.object_]:
        texts = np.array([self.token_texts[int(i)] for i in ids.reshape(-1)], dtype=object)
        return texts.reshape(ids.shape)


@register
class LogitLensRequest(AblatedAnalysis[LogitLens]):
    """Final LayerNorm and unembedding applied after the embedding and after every block."""

    name: ClassVar[str] = "logit_lens"
    summary: ClassVar[str] = "What every layer would predict, for control and ablated run"
    result: ClassVar[type[Result]] = LogitLens
    progress: ClassVar[tuple[type[Progress], ...]] = (LayersRead,)
    example: ClassVar[dict[str, Any]] = {
        "prompt": "The Eiffel Tower is located in",
        "ablations": [{"layer": 0, "head": 0}],
        "positions": [-1],
    }

    continuation: TokenIds = ()
    top_k: Annotated[int, Field(ge=1, le=10_000_000), Limit("max_top_k")] = 5
    positions: Annotated[
        tuple[Position, ...] | None,
        FailFast(),
        Field(
            strict=False,
            max_length=100_000,
            description="All positions when absent; negative ones count from the end.",
        ),
    ] = None
    target: Annotated[
        TokenId | None,
        Field(
            description="Token whose probability and rank are followed; when absent, the token "
            "the text really has next, and at the end the control run's likeliest token."
        ),
    ] = None

    def cost(self, shape: Shape, n_tokens: int) -> Cost:
        runs = 2 if self.ablations else 1
        n_tokens += len(self.continuation)
        read = n_tokens if self.positions is None else min(n_tokens, len(set(self.positions)))
        readouts = runs * (shape.n_layers + 1) * read
        return Cost(
            passes=runs * n_tokens + readouts * shape.unembedding,
            numbers_held=readouts * shape.d_model
            + shape.activations(runs, n_tokens)
            + shape.patterns(runs, n_tokens)
            + 6 * runs * 64 * shape.d_vocab,
            numbers_told=readouts * (2 * self.top_k + 12),
        )

    def script(self) -> Script:
        settings = constants(
            CONTINUATION=self.continuation or None,
            TOP_K=self.top_k,
            TARGET=self.target,
            POSITIONS=self.positions,
        )
        lens = readings(every=self.positions is None, target=self.target is not None)
        return Script([text(self.continuation), *surgery(self.ablations), *lens], settings)

    def steps(self, model: Model) -> Generator[object, None, LogitLens]:
        from attention_surgery.engine.preparation import plan
        from attention_surgery.engine.prompt import check_count, read_prompt

        ids = read_prompt(model, self.prompt, self.prepend_bos, self.continuation)
        check_count("top_k", self.top_k, model.d_vocab)
        positions = chosen_positions(self.positions, len(ids))
        if self.target is not None and self.target >= model.d_vocab:
            raise InvalidSetting(
                f"The target token {self.target} does not exist: ids are 0–{model.d_vocab - 1}."
            )
        n_prompt = len(ids) - len(self.continuation)
        return self._steps(
            model, ids, plan(model, self.ablations, n_prompt, self.prepend_bos), positions
        )

    def _steps(
        self, model: Model, ids: list[int], plan: Plan, positions: list[int]
    ) -> Generator[object, None, LogitLens]:
        from attention_surgery.engine import logit_lens

        ready = yield from plan.prepare(model)
        streams = yield from logit_lens.residual_streams(model, ids, ready, positions)
        next_tokens = [*ids[1:], None]
        wanted = [next_tokens[p] if self.target is None else self.target for p in positions]
        parts = yield from logit_lens.read(model, streams, wanted, self.top_k)
        lens = logit_lens.joined(parts)
        runs = [_lens_run(readouts) for readouts in lens.runs]
        shown = {*lens.targets, *(i for row in lens.tracked for i in row)}
        shown |= {int(i) for run in runs for i in np.unique(run.top_ids)}
        return LogitLens(
            model=model.name,
            provenance=self.provenance(model),
            warnings=plan.warnings,
            prompt_tokens=model.tokens(ids),
            positions=positions,
            layers=["embed", *(f"L{layer}" for layer in range(model.n_layers))],
            targets=lens.targets,
            tracked=lens.tracked,
            control=runs[0],
            ablated=runs[-1],
            token_texts={i: model.token_text(i) for i in sorted(shown)},
        )


def logit_lens(
    model: Model, prompt: str, ablations: Iterable[object] = (), **settings: Any
) -> LogitLens:
    """Final LayerNorm and unembedding applied after the embedding and after every block.

    Args:
        ablations: interventions, or what stands for them: `"L9H6"`, `"L9H6m*0.5"`, `(9, 6)`.
        settings: the other fields of `LogitLensRequest`: continuation, top_k, positions, target,
            prepend_bos.

    Raises:
        InvalidPrompt, PromptTooLong, InvalidSetting, UnknownHead, DuplicateHead
    """
    request = LogitLensRequest.ask(prompt=prompt, ablations=tuple(ablations), **settings)
    return request.run(model)


def chosen_positions(positions: Sequence[int] | None, n_tokens: int) -> list[int]:
    """Positions from zero, each once; all of them for None.

    Raises:
        InvalidSetting: none, or one outside the text.
    """
    if positions is None:
        return list(range(n_tokens))
    if not positions:
        raise InvalidSetting("positions is empty: name at least one, or leave it out for all.")
    for position in positions:
        if not -n_tokens <= position < n_tokens:
            raise InvalidSetting(
                f"There is no position {position}: the text has {n_tokens} tokens, "
                f"0–{n_tokens - 1}."
            )
    return list(dict.fromkeys(position % n_tokens for position in positions))


def _lens_run(readouts: Readouts) -> LensRun:
    return LensRun(*(getattr(readouts, f.name).cpu().numpy() for f in fields(LensRun)))
