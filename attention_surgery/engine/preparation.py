"""From the interventions of a request to a surgery on one prompt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor

from attention_surgery.engine.model import Model
from attention_surgery.engine.prompt import read_prompt
from attention_surgery.engine.ready import Ready
from attention_surgery.engine.run import embedded, run
from attention_surgery.engine.steps import drain
from attention_surgery.engine.surgery import Surgery
from attention_surgery.errors import DuplicateHead, InvalidSetting, UnknownHead
from attention_surgery.interventions import Intervention, head_name
from attention_surgery.interventions.registry import interventions_from


@dataclass(frozen=True, slots=True)
class Plan:
    """Interventions that fit a model and a prompt, with the tokens of their reference prompts."""

    cuts: tuple[Intervention, ...]
    n_tokens: int
    references: dict[str, list[int]]

    @property
    def warnings(self) -> list[str]:
        """What of it changes nothing, in sentences."""
        return [warning for cut in self.cuts for warning in cut.warnings]

    def prepare(self, model: Model) -> Generator[object, None, tuple[Ready, ...]]:
        """Run the reference prompts, one after the other, and make all interventions ready."""
        seen: dict[tuple[str, int, str], Tensor] = {}
        for text, sites in self._sites_by_reference().items():
            found = yield from _activations(model, self.references[text], sites)
            seen |= {(text, layer, hook): value for (layer, hook), value in found.items()}
        return tuple(self._ready(model, cut, seen) for cut in self.cuts)

    def _sites_by_reference(self) -> dict[str, set[tuple[int, str]]]:
        sites: dict[str, set[tuple[int, str]]] = defaultdict(set)
        for cut in self.cuts:
            for text in cut.reference_prompts:
                sites[text].add((cut.layer, cut.hook))
        return sites

    def _ready(
        self, model: Model, cut: Intervention, seen: dict[tuple[str, int, str], Tensor]
    ) -> Ready:
        device = model.weights.embed.device
        positions = None
        if cut.positions is not None:
            absolute = [p if p >= 0 else self.n_tokens + p for p in cut.positions]
            positions = torch.tensor(absolute, device=device)
        values = [seen[text, cut.layer, cut.hook] for text in cut.reference_prompts]
        if cut.head is not None:
            values = [value[:, cut.head] for value in values]
        reference = cut.combine(values, self.n_tokens) if values else None
        return Ready(cut, positions, reference)


def plan(
    model: Model, cuts: Iterable[Intervention], n_tokens: int, prepend_bos: bool = True
) -> Plan:
    """Check interventions against a model and a prompt of so many tokens, before any pass.

    Raises:
        UnknownHead: a layer or head the model does not have.
        DuplicateHead: one site listed twice.
        InvalidSetting: positions outside the text, or reference prompts that do not fit.
        InvalidPrompt, PromptTooLong: a reference prompt that cannot be read.
    """
    ordered = tuple(sorted(cuts, key=_place))
    references: dict[str, list[int]] = {}
    for index, cut in enumerate(ordered):
        check_site(model, cut)
        if index and _place(ordered[index - 1]) == _place(cut):
            raise DuplicateHead(f"{cut.site} is listed twice: give each site one method.")
        _check_positions(model, cut, n_tokens)
        for text in cut.reference_prompts:
            if text not in references:
                references[text] = read_prompt(model, text, prepend_bos)
        cut.check(n_tokens, [len(references[text]) for text in cut.reference_prompts])
    return Plan(ordered, n_tokens, references)


def check_site(model: Model, cut: Intervention) -> None:
    """Raise UnknownHead unless the model has this site."""
    if cut.head is not None:
        check_head(model, cut.layer, cut.head)
    elif cut.layer >= model.n_layers:
        raise UnknownHead(
            f"There is no MLP {cut.site}: this model has layers 0–{model.n_layers - 1}."
        )


def check_head(model: Model, layer: int, head: int) -> None:
    """Raise UnknownHead unless the model has this head."""
    if not (0 <= layer < model.n_layers and 0 <= head < model.n_heads):
        raise UnknownHead(
            f"There is no head {head_name(layer, head)}: this model has layers "
            f"0–{model.n_layers - 1} and heads 0–{model.n_heads - 1}."
        )


@contextmanager
def surgery(
    model: Model,
    ablations: Iterable[object] = (),
    rows: slice = slice(None),
    *,
    n_tokens: int | None = None,
) -> Iterator[None]:
    """Within this context, every forward pass of `model.hooked` runs with the cuts made.

    Works with and without key/value cache, batched and with padding on either side. The hooks are
    gone when the context ends, however it ends; hooks that were there before stay.

    Args:
        ablations: interventions, or what stands for them: `"L9H6"`, `"L9H6m*0.5"`, `(9, 6)`.
        rows: of the batch, those that are cut.
        n_tokens: tokens in the prompt, which negative positions and reference prompts count from.

    Raises:
        UnknownHead, DuplicateHead, InvalidSetting: see `plan`.
    """
    if not isinstance(model, Model):
        raise InvalidSetting(
            "surgery works on the Model that load_model returns: give that; inside, run its "
            "`hooked` as you like."
        )
    cuts = interventions_from(tuple(ablations))
    if n_tokens is None:
        _refuse_what_counts_from_the_prompt(cuts)
    ready = drain(plan(model, cuts, n_tokens or model.n_ctx).prepare(model))
    whole = Surgery(model, [(rows, ready)])
    _ = model.hooked  # whoever enters will run it: hooks go there, not on its skeleton
    with ExitStack() as stack:
        for layer in range(model.n_layers):
            stack.enter_context(whole.at(layer))
        yield


def _refuse_what_counts_from_the_prompt(cuts: Sequence[Intervention]) -> None:
    for cut in cuts:
        if cut.reference_prompts or any(position < 0 for position in cut.positions or ()):
            raise InvalidSetting(
                f"{cut} counts from the prompt's end: say how many tokens the prompt has, "
                "surgery(…, n_tokens=…)."
            )


def _place(cut: Intervention) -> tuple[int, int]:
    return cut.layer, -1 if cut.head is None else cut.head


def _check_positions(model: Model, cut: Intervention, n_tokens: int) -> None:
    for position in cut.positions or ():
        if not -n_tokens <= position < model.n_ctx:
            raise InvalidSetting(
                f"{cut.site} cannot be cut at position {position}: the prompt has {n_tokens} "
                f"tokens and the model reads {model.n_ctx}."
            )


def _activations(
    model: Model, ids: list[int], sites: set[tuple[int, str]]
) -> Generator[object, None, dict[tuple[int, str], Tensor]]:
    """What some hook points show on one prompt: layer and hook → [pos, …]."""
    found: dict[tuple[int, str], Tensor] = {}

    def keep(hook: str, layer: int, value: Tensor) -> None:
        if (layer, hook) in sites:
            found[layer, hook] = value[0]

    watch = {hook: lambda layer, value, hook=hook: keep(hook, layer, value) for _, hook in sites}
    last = max(layer for layer, _ in sites)
    yield from run(model, embedded(model, [ids]), layers=range(last + 1), watch=watch)
    return found
