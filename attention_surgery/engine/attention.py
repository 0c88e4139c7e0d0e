"""The attention pattern of one head, in the control run and as the surgery leaves it."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from attention_surgery.engine.ablation import (
    AblationMethod,
    HeadAblation,
    check_ablations,
    check_head,
    surgery,
    surgery_warnings,
)
from attention_surgery.engine.forward import embed, hooked_pattern, queries_keys_values, run_block
from attention_surgery.engine.model import Model
from attention_surgery.engine.prompt import read_prompt
from attention_surgery.engine.steps import drain
from attention_surgery.engine.tokens import Token


@dataclass(frozen=True, slots=True)
class AttentionPatterns:
    """Patterns [query][key] of one head; `method` is its own ablation, None when it is uncut."""

    prompt_tokens: list[Token]
    layer: int
    head: int
    method: AblationMethod | None
    control: list[list[float]]
    ablated: list[list[float]]
    warnings: list[str]


def attention(
    model: Model,
    prompt: str,
    layer: int,
    head: int,
    ablations: Sequence[HeadAblation] = (),
    *,
    continuation: Sequence[int] = (),
    prepend_bos: bool = True,
) -> AttentionPatterns:
    """How one head attends: rows sum to 1 (to 0 under `zero`), nothing looks ahead.

    Raises:
        InvalidPrompt, PromptTooLong, UnknownHead, DuplicateHead, InvalidSetting
    """
    return drain(
        attention_steps(
            model,
            prompt,
            layer,
            head,
            ablations,
            continuation=continuation,
            prepend_bos=prepend_bos,
        )
    )


def attention_steps(
    model: Model,
    prompt: str,
    layer: int,
    head: int,
    ablations: Sequence[HeadAblation] = (),
    *,
    continuation: Sequence[int] = (),
    prepend_bos: bool = True,
) -> Generator[int, None, AttentionPatterns]:
    """`attention` as a job of one step; see `infer_steps`."""
    ids = read_prompt(model, prompt, prepend_bos, continuation)
    cuts = check_ablations(ablations, model.n_layers, model.n_heads)
    check_head(layer, head, model.n_layers, model.n_heads)
    return _run(model, ids, layer, head, cuts)


def _run(
    model: Model, ids: list[int], layer: int, head: int, cuts: tuple[HeadAblation, ...]
) -> Generator[int, None, AttentionPatterns]:
    yield 0
    patterns = _patterns(model, ids, layer, cuts)[:, head]
    return AttentionPatterns(
        prompt_tokens=model.tokens(ids),
        layer=layer,
        head=head,
        method=next((c.method for c in cuts if (c.layer, c.head) == (layer, head)), None),
        control=patterns[0].tolist(),
        ablated=patterns[-1].tolist(),
        warnings=surgery_warnings(cuts),
    )


@torch.inference_mode()
def _patterns(model: Model, ids: list[int], layer: int, cuts: tuple[HeadAblation, ...]) -> Tensor:
    device = model.weights.embed.device
    resid = embed(model, torch.tensor([ids], device=device)).expand(2 if cuts else 1, -1, -1)
    with surgery(model.hooked, cuts, slice(1, None)):
        for earlier in range(layer):
            resid = run_block(model, earlier, resid)
        q, k, _ = queries_keys_values(model, layer, resid)
        return hooked_pattern(model, layer, q, k)
