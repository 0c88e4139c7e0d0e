"""Checks that every job makes before it touches the model."""

from __future__ import annotations

from collections.abc import Sequence

from attention_surgery.engine.hook_points import refuse_unseen_hooks
from attention_surgery.engine.model import Model
from attention_surgery.errors import InvalidPrompt, InvalidSetting, PromptTooLong


def read_prompt(
    model: Model, prompt: str, prepend_bos: bool, continuation: Sequence[int] = ()
) -> list[int]:
    """Token ids of prompt and continuation, if there are any and the model can read them.

    Raises:
        InvalidPrompt: no token at all, invalid Unicode, or a continuation of unknown tokens.
        PromptTooLong: more tokens than the context holds.
        AlteredModel: see `Model.reread`.
        InvalidSetting: see `refuse_unseen_hooks`.
    """
    model.reread()
    refuse_unseen_hooks(model)
    unknown = [token for token in continuation if not 0 <= token < model.d_vocab]
    if unknown:
        raise InvalidPrompt(
            f"The continuation has the token id {unknown[0]}: {model.name} has ids "
            f"0–{model.d_vocab - 1}."
        )
    ids = [*model.tokenize(prompt, prepend_bos), *continuation]
    if not ids:
        raise InvalidPrompt(
            "The prompt is empty and no beginning-of-text token is put in front: write some text, "
            "or set prepend_bos."
        )
    if len(ids) > model.n_ctx:
        raise PromptTooLong(
            f"The prompt has {len(ids)} tokens and {model.name} can read {model.n_ctx}: shorten it."
        )
    return ids


def check_count(name: str, value: int, most: int) -> None:
    """Raise InvalidSetting unless 1 ≤ value ≤ most."""
    if not 1 <= value <= most:
        raise InvalidSetting(f"{name} is {value}: it must be 1 to {most}.")
