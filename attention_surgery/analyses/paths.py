"""Path patching: which head tells which what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import FailFast, Field, model_validator

from attention_surgery.analyses.arrays import Axes, Table, tidy
from attention_surgery.analyses.cost import Cost, Passes, Shape
from attention_surgery.analyses.figures import Figure, largest
from attention_surgery.analyses.registry import register
from attention_surgery.analyses.result import Progress, Result
from attention_surgery.analyses.short import InShort
from attention_surgery.analyses.two_prompts import (
    LEAST_CONTRAST,
    Pair,
    TwoPromptAnalysis,
    too_close,
)
from attention_surgery.engine.sites import Receiver, Sender
from attention_surgery.engine.tokens import Token
from attention_surgery.errors import InvalidSetting
from attention_surgery.scripts.paths import path_script
from attention_surgery.scripts.script import Script, constants

if TYPE_CHECKING:
    from attention_surgery.engine.base_run import BaseRun
    from attention_surgery.engine.model import Model
    from attention_surgery.engine.paths import PathEffects
    from attention_surgery.engine.preparation import Plan
    from attention_surgery.engine.reading import TokenReading

HEAD = r"L(?P<layer>\d{1,6})H(?P<head>\d{1,6})"
INPUTS = ("q", "k", "v")
AnySender = Annotated[Sender, InShort(HEAD, "L5H5")]
AnyReceiver = Annotated[
    Receiver | Literal["logits", "all"], InShort(HEAD + "(?P<input>[qkv])", "L9H9q")
]
Effects = Annotated[NDArray[np.float32], Axes(("receiver", "sender"))]


@dataclass(frozen=True, slots=True)
class PathsProgress(Progress):
    """Event `progress`: the paths of all senders to some receivers."""

    event: ClassVar[str] = "progress"

    clean: Annotated[float, Field(description="The metric of the clean run.")]
    corrupt: Annotated[float, Field(description="The metric of the corrupt run.")]
    rows: Annotated[list[int], Field(description="Which rows of `effects` these are.")]
    effects: Annotated[list[list[float]], Field(description="[row of `rows`][sender]")]
    done: Annotated[float, Field(description="Share of the work, 0 to 1.")]

    @property
    def share(self) -> float:
        return self.done


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Paths(Result):
    """One number for each path: a receiver's row, a sender's column."""

    prompt_tokens: Annotated[list[Token], Field(description="Of the clean prompt.")]
    corrupt_tokens: list[Token]
    differing: Annotated[list[int], Field(description="Positions with different tokens.")]
    metric: str
    unit: str
    clean: Annotated[float, Field(description="The metric of the clean run.")]
    corrupt: Annotated[float, Field(description="The metric of the corrupt run.")]
    senders: Annotated[
        list[Sender], Field(description="Of the columns; all heads, layer by layer, by default.")
    ]
    receivers: Annotated[
        list[Receiver | Literal["logits"]],
        Field(description="Of the rows; with `together` all of them are of the one row."),
    ]
    together: bool
    effects: Annotated[
        Effects,
        Field(
            description="Metric with the path patched − clean; 0 where there is no path, because "
            "the sender does not come before the receiver."
        ),
    ]
    shares: Annotated[
        Effects | None,
        Field(
            description="−effect / (clean − corrupt), the share of the difference that the path "
            f"carries; null where clean and corrupt are closer than {LEAST_CONTRAST}."
        ),
    ]
    passes: Passes

    def table(self) -> Table:
        """A row a path: receiver, sender's layer and head, effect, share."""
        names = ["together"] if self.together else [str(receiver) for receiver in self.receivers]
        columns = {"effect": self.effects, "share": self.shares}
        table = tidy(
            {"receiver": names, "sender": range(len(self.senders))},
            **{name: column for name, column in columns.items() if column is not None},
        )
        senders = table.pop("sender")
        table["sender_layer"] = np.array([sender.layer for sender in self.senders])[senders]
        table["sender_head"] = np.array([sender.head for sender in self.senders])[senders]
        return table

    def figures(self) -> list[Figure]:
        """The paths that carry most."""
        into = ["together"] if self.together else [str(receiver) for receiver in self.receivers]
        names = [f"{sender} → {receiver}" for receiver in into for sender in self.senders]
        unit = self.unit if self.shares is None else "share of clean − corrupt"
        values = self.effects if self.shares is None else self.shares
        return [largest(f"Paths, {self.metric}", unit, names, values.reshape(-1))]


@register
class PathsRequest(TwoPromptAnalysis[Paths]):
    """Path patching: through which paths between heads a difference between prompts flows.

    In the clean run the sender's z is that of the corrupt one, while all other heads stay frozen
    and MLPs and LayerNorms are computed anew; what the receiver's q, k or v (or the logits) become
    by that is put into a clean run, and the metric is read. Every sender and every receiver is a
    path of its own; with `together`, each sender's path to all the receivers at once.

    Receivers are heads' inputs, as `L9H9q` or `{layer, head, input}`; `logits` for the direct path
    to the output, `all` for the queries, keys and values of every head. Source: Wang et al. 2022,
    arXiv:2211.00593, appendix B.
    """

    name: ClassVar[str] = "paths"
    summary: ClassVar[str] = "Patch the paths from heads to other heads' inputs, or to the logits"
    result: ClassVar[type[Result]] = Paths
    progress: ClassVar[tuple[type[Progress], ...]] = (PathsProgress,)
    example: ClassVar[dict[str, Any]] = {
        "prompt": "When Mary and John went to the store, John gave a drink to",
        "corrupt": "When John and Mary went to the store, Mary gave a drink to",
        "answer": " Mary",
        "foil": " John",
        "receivers": ["logits"],
    }

    receivers: Annotated[
        tuple[AnyReceiver, ...],
        FailFast(),
        Field(
            strict=False,
            min_length=1,
            max_length=5000,
            description="Whose inputs are patched: `L9H9q`, `logits`, or `all`.",
        ),
    ] = ("logits",)
    senders: Annotated[
        tuple[AnySender, ...],
        FailFast(),
        Field(
            strict=False,
            max_length=2000,
            description="Heads whose output is changed, as `L5H5`; all of them when absent.",
        ),
    ] = ()
    together: Annotated[
        bool, Field(description="Patch all receivers in one run instead of each in its own.")
    ] = False

    @model_validator(mode="after")
    def _receivers_fit_together(self) -> PathsRequest:
        if self.together and "logits" in self.receivers:
            raise ValueError(
                "the logits are not patched together with heads: ask for them in a request of "
                "their own, or leave together out"
            )
        return self

    def _all_receivers(self, n_layers: int, n_heads: int) -> list[Receiver | Literal["logits"]]:
        """Each once; those that `all` stands for layer by layer, the logits behind them."""
        if "all" in self.receivers:
            logits: list[Receiver | Literal["logits"]] = ["logits"] * ("logits" in self.receivers)
            return [*_inputs(n_layers, n_heads), *logits]
        return list(dict.fromkeys(r for r in self.receivers if r != "all"))

    def _all_senders(self, n_layers: int, n_heads: int) -> list[Sender]:
        every = (Sender(layer, head) for layer in range(n_layers) for head in range(n_heads))
        return list(dict.fromkeys(self.senders or every))

    def cost(self, shape: Shape, n_tokens: int) -> Cost:
        sizes = shape.n_layers, shape.n_heads
        receivers, senders = self._all_receivers(*sizes), self._all_senders(*sizes)
        heads = [receiver for receiver in receivers if isinstance(receiver, Receiver)]
        left = {r: max(0, shape.n_layers - r.layer) / shape.n_layers for r in heads}
        read = n_tokens if self.of.everywhere else 1
        # Frozen, each position goes by itself: the logits need those alone that are read.
        rows = 2.0 + len(senders) / 3 * (1 if heads else read / n_tokens)
        if self.together:
            rows += len(senders) * max(left.values(), default=0.0)
        else:
            in_layer = Counter(sender.layer for sender in senders)
            below = [sum(in_layer[layer] for layer in range(top)) for top in range(shape.n_layers)]
            rows += sum(below[r.layer] * share for r, share in left.items() if share)
        # Both runs with their queries, keys and values, z and attn_out; and a row for each sender.
        held = 2 * shape.recorded(n_tokens, vectors=5)
        held += len(senders) * (n_tokens if heads else read) * shape.d_model
        if self.together:
            held += len(senders) * len(heads) * n_tokens * shape.d_model // shape.n_heads
            # All receivers are put into one run, whose activations stay whole behind the first.
            held += shape.activations(shape.rows_at_once(n_tokens), n_tokens)
        looks = not self.together and any(receiver.input != "v" for receiver in heads)
        patterns = looks or self.cuts_patterns
        held += shape.branches(len(senders) * shape.n_heads, n_tokens, patterns=patterns)
        # What the receivers read of a slice of senders, and where it is put.
        held += 2 * shape.rows_at_once(n_tokens) * n_tokens * shape.d_model if heads else 0
        held += shape.readout(read) if self.of.whole else 0
        paths = len(senders) * (1 if self.together else len(receivers))
        unembedded = paths * read * shape.unembedding if self.of.whole else 0.0
        return Cost(
            passes=rows * n_tokens + unembedded,
            numbers_held=held + 6 * paths,
            numbers_told=2 * paths + 3 * len(senders),
        )

    def script(self) -> Script:
        at = None if self.of.everywhere else self.position
        settings = constants(CORRUPT=self.corrupt, ANSWER=self.answer, FOIL=self.foil, POSITION=at)
        receivers = [
            (r.layer, r.head, r.input) if isinstance(r, Receiver) else r for r in self.receivers
        ]
        senders = [(sender.layer, sender.head) for sender in self.senders]
        return Script(
            path_script(self.ablations, self.of, senders, receivers, together=self.together),
            settings,
        )

    def steps(self, model: Model) -> Generator[object, None, Paths]:
        from attention_surgery.engine.preparation import check_head, plan

        pair = self.read_pair(model)
        sizes = model.n_layers, model.n_heads
        receivers, senders = self._all_receivers(*sizes), self._all_senders(*sizes)
        for site in (*senders, *receivers):
            if site != "logits":
                check_head(model, site.layer, site.head)
        if not any(self._leads(sender, receiver) for sender in senders for receiver in receivers):
            raise InvalidSetting(
                "No path leads from these senders to these receivers: a sender must be in a layer "
                "below the receiver's."
            )
        cuts = plan(model, self.ablations, len(pair.clean), self.prepend_bos)
        work = _Work(senders, receivers, self.together)
        return self._steps(model, pair, cuts, self.reading(model, pair), work)

    @staticmethod
    def _leads(sender: Sender, receiver: Receiver | Literal["logits"]) -> bool:
        return not isinstance(receiver, Receiver) or sender.layer < receiver.layer

    def _steps(
        self, model: Model, pair: Pair, plan: Plan, reading: TokenReading, work: _Work
    ) -> Generator[object, None, Paths]:
        from attention_surgery.engine.paths import PathEffects, record_for_paths

        cuts = yield from plan.prepare(model)
        of_both = pair.clean[: pair.read], pair.corrupt[: pair.read]
        base, other = yield from record_for_paths(model, *of_both, cuts)
        reading.start(model, base.final)
        (apart,) = yield from reading.effects(model, other.final)
        clean, corrupt = reading.base, reading.base + apart
        effects = np.zeros((work.n_rows, len(work.senders)))
        passes, done = 2.0, 0.0
        for step in work.steps(base, other, reading, pair.first):
            if isinstance(step, PathEffects):
                rows = work.rows_of(step)
                effects[rows] = step.values
                passes += step.passes
                done += len(rows) / work.n_rows
                told = step.values.tolist()
                yield PathsProgress(clean, corrupt, rows, told, min(done, 1.0))
            else:
                yield step
        enough = abs(clean - corrupt) >= LEAST_CONTRAST
        return Paths(
            model=model.name,
            provenance=self.provenance(model),
            warnings=[*plan.warnings, *too_close(clean, corrupt)],
            prompt_tokens=model.tokens(pair.clean),
            corrupt_tokens=model.tokens(pair.corrupt),
            differing=pair.differing,
            metric=self.metric,
            unit=self.of.unit,
            clean=clean,
            corrupt=corrupt,
            senders=work.senders,
            receivers=work.receivers,
            together=self.together,
            effects=effects.astype(np.float32),
            shares=(-effects / (clean - corrupt)).astype(np.float32) if enough else None,
            passes=Passes(passes, work.naive),
        )


@dataclass(frozen=True, slots=True)
class _Work:
    """Senders and receivers, and what is done with them."""

    senders: list[Sender]
    receivers: list[Receiver | Literal["logits"]]
    together: bool

    @property
    def n_rows(self) -> int:
        return 1 if self.together else len(self.receivers)

    @property
    def heads(self) -> list[Receiver]:
        return [receiver for receiver in self.receivers if isinstance(receiver, Receiver)]

    @property
    def naive(self) -> int:
        """One pass for a path to the logits, two for another, and the two runs."""
        of_heads = 1 if self.together else len(self.heads)
        return 2 + len(self.senders) * (2 * of_heads + ("logits" in self.receivers))

    def rows_of(self, found: PathEffects) -> list[int]:
        if self.together:
            return [0]
        if found.layer is None:
            return [self.receivers.index("logits")]
        heads = [row for row, r in enumerate(self.receivers) if isinstance(r, Receiver)]
        return [heads[index] for index in found.receivers]

    def steps(
        self, base: BaseRun, other: BaseRun, reading: TokenReading, first: int
    ) -> Iterator[object]:
        from attention_surgery.engine.paths import paths_to_heads, paths_to_logits, paths_to_set

        if first == base.n_tokens:  # the prompts are the same
            return
        if "logits" in self.receivers:
            yield from paths_to_logits(base, other, self.senders, reading, first)
        if self.together:
            yield from paths_to_set(base, other, self.senders, self.heads, reading, first)
        elif self.heads:
            yield from paths_to_heads(base, other, self.senders, self.heads, reading, first)


def _inputs(n_layers: int, n_heads: int) -> Iterator[Receiver]:
    for layer in range(1, n_layers):
        for head in range(n_heads):
            yield Receiver(layer, head, "q")
            yield Receiver(layer, head, "k")
            yield Receiver(layer, head, "v")


def paths(
    model: Model,
    prompt: str,
    corrupt: str,
    answer: str | None = None,
    foil: str | None = None,
    receivers: Any = ("logits",),
    **settings: Any,
) -> Paths:
    """Which head tells which what; see `PathsRequest`.

    Args:
        prompt, corrupt: of as many tokens.
        receivers: `"L9H9q"`, `"logits"`, `"all"`.
        settings: the other fields of `PathsRequest`: senders, together, metric, position,
            ablations, prepend_bos.

    Raises:
        InvalidPrompt, PromptTooLong, UnknownHead, InvalidSetting
    """
    return PathsRequest.ask(
        prompt=prompt,
        corrupt=corrupt,
        answer=answer,
        foil=foil,
        receivers=tuple(receivers),
        **settings,
    ).run(model)
