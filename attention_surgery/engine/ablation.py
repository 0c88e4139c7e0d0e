"""Surgery: replace attention patterns of chosen heads while a model runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, get_args

from jaxtyping import Bool, Float
from torch import Tensor
from transformer_lens import HookedTransformer

from attention_surgery.errors import DuplicateHead, InvalidSetting, UnknownHead

AblationMethod = Literal["zero", "mean", "previous"]
ABLATION_METHODS: tuple[AblationMethod, ...] = get_args(AblationMethod)


@dataclass(frozen=True, slots=True, order=True)
class HeadAblation:
    """Replace one head's attention pattern; zero-indexed as TransformerLens counts.

    `zero`: the head writes nothing. `mean`: it attends uniformly to what each query may see.
    `previous`: it uses the pattern that the same head of the layer before computed in this pass,
    before any surgery on it; layer 0 has none and stays as it is.
    """

    layer: int
    head: int
    method: AblationMethod = "zero"

    def __str__(self) -> str:
        return f"{head_name(self.layer, self.head)} {self.method}"


def head_name(layer: int, head: int) -> str:
    """The field's short name of a head, e.g. L9H6."""
    return f"L{layer}H{head}"


def check_ablations(
    ablations: Iterable[HeadAblation], n_layers: int, n_heads: int
) -> tuple[HeadAblation, ...]:
    """The ablations in order of layer and head, if they fit a model of this size.

    Raises:
        UnknownHead: a layer or head the model does not have.
        DuplicateHead: one head listed twice.
        InvalidSetting: an unknown method.
    """
    ordered = tuple(sorted(ablations))
    seen: set[tuple[int, int]] = set()
    for cut in ordered:
        check_head(cut.layer, cut.head, n_layers, n_heads)
        check_method(cut.method)
        if (cut.layer, cut.head) in seen:
            raise DuplicateHead(
                f"{head_name(cut.layer, cut.head)} is listed twice: give each head one method."
            )
        seen.add((cut.layer, cut.head))
    return ordered


def check_method(method: AblationMethod) -> None:
    """Raise InvalidSetting unless this is an ablation method."""
    if method not in ABLATION_METHODS:
        raise InvalidSetting(
            f"{method!r} is no ablation method: use {', '.join(ABLATION_METHODS)}."
        )


def check_head(layer: int, head: int, n_layers: int, n_heads: int) -> None:
    """Raise UnknownHead unless the model has this head."""
    if not (0 <= layer < n_layers and 0 <= head < n_heads):
        raise UnknownHead(
            f"There is no head {head_name(layer, head)}: this model has layers 0–{n_layers - 1} "
            f"and heads 0–{n_heads - 1}."
        )


def surgery_warnings(ablations: Iterable[HeadAblation]) -> list[str]:
    """What of a surgery changes nothing, in sentences."""
    return [
        f"{head_name(cut.layer, cut.head)} is unchanged: layer 0 has no previous layer whose "
        "pattern it could take."
        for cut in ablations
        if cut.method == "previous" and cut.layer == 0
    ]


@contextmanager
def surgery(
    model: HookedTransformer, ablations: Sequence[HeadAblation], rows: slice = slice(None)
) -> Iterator[None]:
    """Within this context, every forward pass of the model runs with the heads ablated.

    Works with and without key/value cache, batched and with left padding; `rows` restricts it to
    some rows of the batch. The hooks are gone when the context ends, however it ends, and hooks
    that were there before stay.

    Raises:
        UnknownHead, DuplicateHead, InvalidSetting: see `check_ablations`.
    """
    cuts = check_ablations(ablations, model.cfg.n_layers, model.cfg.n_heads)
    by_layer: dict[int, list[HeadAblation]] = defaultdict(list)
    for cut in cuts:
        by_layer[cut.layer].append(cut)
    observed: dict[int, Tensor] = {}  # layer → its pattern before surgery on it
    visible: dict[int, Tensor] = {}  # layer → which keys each query may see

    hooks: list[tuple[str, Any]] = []
    for layer in range(model.cfg.n_layers):
        methods = {cut.method for cut in by_layer[layer]}
        if "mean" in methods:
            hooks.append((f"blocks.{layer}.attn.hook_attn_scores", partial(_see, visible, layer)))
        if any(cut.method == "previous" for cut in by_layer[layer + 1]):
            hooks.append((f"blocks.{layer}.attn.hook_pattern", partial(_observe, observed, layer)))
        if methods:
            replace = partial(_replace, by_layer[layer], rows, observed, visible)
            hooks.append((f"blocks.{layer}.attn.hook_pattern", replace))
    # `model.hooks` would visit every hook point of the model when it ends: 0.8 ms a token.
    model.context_level += 1
    try:
        for name, hook in hooks:
            model.hook_dict[name].add_hook(hook, level=model.context_level)
        yield
    finally:
        for name, _ in hooks:
            model.hook_dict[name].remove_hooks(level=model.context_level)
        model.context_level -= 1


def _see(visible: dict[int, Tensor], layer: int, scores: Tensor, **_: object) -> None:
    visible[layer] = ~scores.isneginf()


def _observe(observed: dict[int, Tensor], layer: int, pattern: Tensor, **_: object) -> None:
    observed[layer] = pattern


def _replace(
    cuts: list[HeadAblation],
    rows: slice,
    observed: dict[int, Tensor],
    visible: dict[int, Tensor],
    pattern: Float[Tensor, "batch head query key"],
    **_: object,
) -> Float[Tensor, "batch head query key"]:
    pattern = pattern.clone()
    for cut in cuts:
        if cut.method == "zero":
            pattern[rows, cut.head] = 0.0
        elif cut.method == "mean":
            pattern[rows, cut.head] = uniform_pattern(visible[cut.layer][rows, cut.head])
        elif cut.layer > 0:
            pattern[rows, cut.head] = observed[cut.layer - 1][rows, cut.head]
    return pattern


def uniform_pattern(visible: Bool[Tensor, "*batch query key"]) -> Float[Tensor, "*batch query key"]:
    """Equal attention to every key a query may see; a query that sees none attends to none."""
    counts = visible.sum(-1, keepdim=True).clamp(min=1)
    return visible / counts
