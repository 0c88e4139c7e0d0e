"""The notebook way of the causal analyses: a hooked pass of the stock model for each number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from attention_surgery.engine.sites import Receiver
from benchmarks.peers import Head, HookedTransformer, zero_head
from benchmarks.subjects import Subjects

N_TOKENS = 16
ANSWER, FOIL = " the", " of"
Hooks = list[tuple[str, Callable[..., Any]]]


def texts(s: Subjects, first: int, n_tokens: int = N_TOKENS) -> tuple[str, str]:
    """A clean and a corrupt prompt of so many tokens that differ at one position."""
    corrupt = " the" * (first - 1) + " of" + " the" * (n_tokens - first - 1)
    clean = s.prompt(n_tokens)
    pairs = zip(*(s.model.tokenize(text) for text in (clean, corrupt)), strict=True)
    assert [place for place, (a, b) in enumerate(pairs) if a != b] == [first]
    return clean, corrupt


class Loop:
    """Passes over the corrupt prompt under hooks, or over the clean one."""

    def __init__(self, s: Subjects, first: int) -> None:
        self._model: HookedTransformer = s.stock
        ids = [torch.tensor([s.model.tokenize(text)]) for text in texts(s, first)]
        self._clean_ids, self._corrupt_ids = ids
        with torch.inference_mode():
            _, self._clean = s.stock.run_with_cache(self._clean_ids)
            _, self._corrupt = s.stock.run_with_cache(self._corrupt_ids)

    def _pass(self, ids: Tensor, hooks: Hooks) -> None:
        self._model.run_with_hooks(ids, fwd_hooks=hooks)

    @torch.inference_mode()
    def patches(self, component: str, heads: Iterable[Head]) -> None:
        """The corrupt run with one head's activation of the clean one."""

        def patch(value: Tensor, hook: Any, head: int) -> Tensor:
            place = (slice(None), head) if component == "pattern" else (..., head, slice(None))
            value[place] = self._clean[hook.name][place]
            return value

        for layer, head in heads:
            name = f"blocks.{layer}.attn.hook_{component}"
            self._pass(self._corrupt_ids, [(name, partial(patch, head=head))])

    @torch.inference_mode()
    def cuts(self, sets: Iterable[Sequence[Head]]) -> None:
        """The clean run with some heads cut at once."""
        for heads in sets:
            hooks = [
                (f"blocks.{layer}.attn.hook_pattern", zero_head(head)) for layer, head in heads
            ]
            self._pass(self._clean_ids, hooks)

    @torch.inference_mode()
    def repairs(self, heads: Iterable[Head]) -> None:
        """The clean run with a head cut, and what everyone writes then."""
        kept = ("hook_z", "hook_mlp_out", "ln_final.hook_scale")
        for layer, head in heads:
            cut = (f"blocks.{layer}.attn.hook_pattern", zero_head(head))
            with self._model.hooks(fwd_hooks=[cut]):
                self._model.run_with_cache(
                    self._clean_ids, names_filter=lambda name: name.endswith(kept)
                )

    @torch.inference_mode()
    def paths(self, paths: Iterable[tuple[Head, Receiver | None]]) -> None:
        """From each sender to a receiver, or to the logits."""
        for sender, receiver in paths:
            self._path(sender, receiver)

    def _path(self, sender: Head, receiver: Receiver | None) -> None:
        seen: dict[str, Tensor] = {}

        def freeze(z: Tensor, hook: Any) -> Tensor:
            z[:] = self._clean[hook.name]
            if hook.layer() == sender[0]:
                z[:, :, sender[1]] = self._corrupt[hook.name][:, :, sender[1]]
            return z

        def keep(value: Tensor, hook: Any) -> None:
            seen[hook.name] = value

        def put(value: Tensor, hook: Any, head: int) -> Tensor:
            value[:, :, head] = seen[hook.name][:, :, head]
            return value

        points = [f"blocks.{layer}.attn.hook_z" for layer in range(self._model.cfg.n_layers)]
        hooks: Hooks = [(point, freeze) for point in points]
        if receiver is None:
            return self._pass(self._clean_ids, hooks)
        name = f"blocks.{receiver.layer}.attn.hook_{receiver.input}"
        self._pass(self._clean_ids, [*hooks, (name, keep)])
        return self._pass(self._clean_ids, [(name, partial(put, head=receiver.head))])
