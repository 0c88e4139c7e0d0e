"""The definitions of all interventions, written out as plain hooks on a stock model.

Nothing here uses ours: what an intervention is, is read from its fields alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import torch
from torch import Tensor
from transformer_lens import HookedTransformer

from attention_surgery.interventions import Intervention

References = Callable[[str], list[int]]
SITES = {"pattern": "attn.hook_pattern", "z": "attn.hook_z", "mlp_out": "hook_mlp_out"}


def naive_hooks(
    stock: HookedTransformer,
    cuts: Sequence[Intervention],
    n_prompt: int,
    tokenize: References | None = None,
) -> list[tuple[str, Callable[..., Tensor]]]:
    """Hooks that make these cuts in uncached passes over whole, unpadded texts."""
    naive = _Naive(stock, n_prompt, tokenize or (lambda _: []))
    hooks: list[tuple[str, Callable[..., Tensor]]] = [
        (f"blocks.{layer}.attn.hook_pattern", naive.remember)
        for layer in {cut.layer - 1 for cut in cuts if cut.method == "previous"} - {-1}
    ]
    for cut in cuts:
        naive.read_references(cut)
        component = "mlp_out" if cut.head is None else naive.component(cut)
        hooks.append((f"blocks.{cut.layer}.{SITES[component]}", naive.cutting(cut)))
    return hooks


def naive_logits(
    stock: HookedTransformer,
    ids: Sequence[int],
    cuts: Sequence[Intervention] = (),
    n_prompt: int | None = None,
    tokenize: References | None = None,
) -> Tensor:
    """Logits [pos, d_vocab] of one text under these cuts."""
    hooks = naive_hooks(stock, cuts, len(ids) if n_prompt is None else n_prompt, tokenize)
    with torch.inference_mode():
        logits: Tensor = stock.run_with_hooks(torch.tensor([list(ids)]), fwd_hooks=hooks)
    return logits[0]


# TransformerLens names each hook by its repr.
@dataclass(repr=False)
class _Naive:
    stock: HookedTransformer
    n_prompt: int
    tokenize: References
    patterns: dict[int, Tensor] = field(default_factory=dict)
    references: dict[Intervention, list[Tensor]] = field(default_factory=dict)

    def component(self, cut: Intervention) -> str:
        keeps_bias = getattr(cut, "value_bias", "remove") == "keep"
        on_z = keeps_bias or cut.method in ("dataset-mean", "resample")
        return "z" if on_z else "pattern"

    def remember(self, pattern: Tensor, hook: object) -> Tensor:
        self.patterns[int(hook.name.split(".")[1])] = pattern.clone()  # type: ignore[attr-defined]
        return pattern

    def cutting(self, cut: Intervention) -> Callable[..., Tensor]:
        def hook(value: Tensor, hook: object) -> Tensor:
            n = value.shape[1] if value.dim() < 4 or self.component(cut) == "z" else value.shape[2]
            old = self._part(value, cut).clone()
            new = old + cut.strength * (self._replacement(cut, old, n) - old)
            where = range(n) if cut.positions is None else self._positions(cut.positions)
            for position in where:
                if position < n:
                    self._part(value, cut)[position] = new[position]
            return value

        return hook

    def _part(self, value: Tensor, cut: Intervention) -> Tensor:
        if cut.head is None:
            return value[0]
        return value[0, :, cut.head] if self.component(cut) == "z" else value[0, cut.head]

    def _positions(self, positions: Sequence[int]) -> list[int]:
        return [p if p >= 0 else self.n_prompt + p for p in positions]

    def _replacement(self, cut: Intervention, old: Tensor, n: int) -> Tensor:
        match cut.method:
            case "zero" if self.component(cut) == "z" and cut.head is not None:
                block = self.stock.blocks[cut.layer]
                bias = block.ln1.b @ block.attn.W_V[cut.head] + block.attn.b_V[cut.head]
                return bias.expand_as(old)
            case "zero":
                return torch.zeros_like(old)
            case "mean":
                return torch.ones(n, n).tril() / torch.arange(1, n + 1)[:, None]
            case "previous":
                below = cut.layer - 1
                return old if cut.layer == 0 else self.patterns[below][0, cut.head]
            case "dataset-mean":
                others = self.references[cut]
                everywhere = torch.cat(others).mean(0)
                new = everywhere.expand(n, -1).clone()
                if all(len(other) == self.n_prompt for other in others):
                    new[: self.n_prompt] = torch.stack(others).mean(0)[:n]
                return new
            case "resample":
                new = old.clone()
                new[: self.n_prompt] = self.references[cut][0][:n]
                return new
        raise AssertionError(f"write the definition of {cut.method} here")

    def read_references(self, cut: Intervention) -> None:
        texts = [cut.source] if cut.method == "resample" else getattr(cut, "references", [])  # type: ignore[attr-defined]
        component = "mlp_out" if cut.head is None else self.component(cut)
        name = f"blocks.{cut.layer}.{SITES[component]}"
        self.references[cut] = []
        for text in texts:
            seen = _seen(self.stock, name, self.tokenize(text))
            self.references[cut].append(seen if cut.head is None else seen[:, cut.head])


_SEEN: WeakKeyDictionary[HookedTransformer, dict[object, Tensor]] = WeakKeyDictionary()


def _seen(stock: HookedTransformer, name: str, ids: list[int]) -> Tensor:
    """What is at a hook point while a text is read; of one model it is read once."""
    written = sum(parameter._version for parameter in stock.parameters())
    known = _SEEN.setdefault(stock, {})
    if (place := (name, *ids, written)) not in known:
        with torch.inference_mode():
            _, cache = stock.run_with_cache(torch.tensor([ids]), names_filter=name)
        known[place] = cache[name][0]
    return known[place]
