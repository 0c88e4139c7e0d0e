"""What can be asked of a model, and how each kind of work is begun, limited and told."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from attention_surgery.errors import InvalidSetting, PromptTooLong
from attention_surgery.service.computation import Event, Steps, Urgency
from attention_surgery.service.encoding import encode
from attention_surgery.settings import Settings

if TYPE_CHECKING:  # torch takes seconds to import; probes are answered meanwhile
    from attention_surgery.engine.model import Model

Arguments = dict[str, Any]


@dataclass(frozen=True)
class Work:
    """A request to a model: the kind of work, its arguments, and the model asked for."""

    kind: str
    arguments: Arguments
    model: str | None = None

    @property
    def urgency(self) -> Urgency:
        if self.kind == "importance":
            return Urgency.SWEEP if self.arguments["method"] == "kl" else Urgency.GENERATION
        if self.kind == "infer" and self.arguments["max_new_tokens"]:
            return Urgency.GENERATION
        return Urgency.VIEW

    @property
    def key(self) -> Hashable:
        """Equal for equal answers; None where chance decides and no seed was given."""
        if self.arguments.get("temperature") and self.arguments.get("seed") is None:
            return None
        return self.kind, json.dumps(self.arguments, sort_keys=True)

    def begin(self, model: Model, settings: Settings) -> Steps:
        """Check everything that can be wrong, and return the generator that does the work.

        Raises:
            InvalidRequest: limits of the server, or the engine's own reasons.
        """
        check_limits(self.arguments, settings)
        check_size(self.kind, self.arguments, model, settings)
        return _BEGIN[self.kind](model, self.arguments)

    def translate(self, progress: Any) -> Event | None:
        """The event for what the generator yields."""
        match type(progress).__name__:
            case "PromptRead":
                return Event("prompt", encode(progress))
            case "TokenStep":
                tokens = (progress.control is not None) + (progress.ablated is not None)
                return Event("token", encode(progress), tokens=tokens)
            case "SweepProgress":
                return Event("progress", encode(progress), latest=True)
            case _:
                return None

    def conclude(self, model_name: str, result: Any) -> list[Event]:
        """The closing events for what the generator returns."""
        done = Event("done", encode(result, model=model_name))
        if self.kind != "infer":
            return [done]
        return [Event("metrics", encode(result.metrics)), done]


def check_limits(arguments: Mapping[str, Any], settings: Settings) -> None:
    """Refuse numbers beyond what this server allows, in a sentence that names the limit."""
    asked = {
        "max_new_tokens": (arguments.get("max_new_tokens"), settings.max_new_tokens),
        "top_k": (arguments.get("top_k"), settings.max_top_k),
        "alternatives": (arguments.get("alternatives"), settings.max_top_k),
        "the number of ablations": (len(arguments.get("ablations", ())), settings.max_ablations),
    }
    for name, (value, limit) in asked.items():
        if value is not None and value > limit:
            raise InvalidSetting(f"{name} is {value}: this server allows at most {limit}.")


def check_size(kind: str, arguments: Mapping[str, Any], model: Model, settings: Settings) -> None:
    """Refuse texts and answers that are larger than this server allows."""
    ids = model.tokenize(arguments["prompt"], arguments["prepend_bos"])
    tokens = len(ids) + len(arguments.get("continuation", ()))
    if tokens > settings.max_prompt_tokens:
        raise PromptTooLong(
            f"The text has {tokens} tokens: this server reads at most {settings.max_prompt_tokens}."
        )
    numbers = _numbers_in_answer(kind, arguments, model, tokens)
    if numbers > settings.max_answer_numbers:
        raise InvalidSetting(
            f"The answer would hold about {numbers} numbers: this server sends at most "
            f"{settings.max_answer_numbers}; ask for fewer positions, a smaller top_k or a "
            "shorter text."
        )


def _numbers_in_answer(kind: str, arguments: Mapping[str, Any], model: Model, tokens: int) -> int:
    if kind == "attention":
        return 2 * tokens * tokens
    if kind == "logit_lens":
        wanted = arguments["positions"]
        positions: int = tokens if wanted is None else len(wanted)
        per_readout = 2 * int(arguments["top_k"]) + 12
        return 2 * (model.n_layers + 1) * positions * per_readout
    return 0


def _cuts(arguments: Arguments) -> Arguments:
    """The arguments with heads to cut as the engine has them."""
    from attention_surgery.engine.ablation import HeadAblation

    return arguments | {"ablations": tuple(HeadAblation(**cut) for cut in arguments["ablations"])}


def _begin_infer(model: Model, arguments: Arguments) -> Steps:
    from attention_surgery.engine.generation import infer_steps

    return infer_steps(model, **_cuts(arguments))


def _begin_importance(model: Model, arguments: Arguments) -> Steps:
    from attention_surgery.engine.importance import importance_steps

    return importance_steps(model, **arguments)


def _begin_logit_lens(model: Model, arguments: Arguments) -> Steps:
    from attention_surgery.engine.logit_lens import logit_lens_steps

    return logit_lens_steps(model, **_cuts(arguments))


def _begin_attention(model: Model, arguments: Arguments) -> Steps:
    from attention_surgery.engine.attention import attention_steps

    return attention_steps(model, **_cuts(arguments))


_BEGIN: dict[str, Callable[[Model, Arguments], Steps]] = {
    "infer": _begin_infer,
    "importance": _begin_importance,
    "logit_lens": _begin_logit_lens,
    "attention": _begin_attention,
}
