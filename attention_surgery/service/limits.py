"""What a server allows one request: measured by what the work holds, not by how it looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attention_surgery.analyses.base import Analysis, Limit, Steps
from attention_surgery.analyses.cost import Cost
from attention_surgery.errors import InvalidSetting, PromptTooLong
from attention_surgery.settings import MIB, Settings

if TYPE_CHECKING:  # torch takes seconds to import; probes are answered meanwhile
    from attention_surgery.engine.model import Model

# No token of GPT-2 is longer, so that a text of more bytes has too many tokens for certain.
LONGEST_TOKEN = 128
FLOAT_BYTES = 4


def begin(request: Analysis[Any], model: Model, settings: Settings) -> tuple[Cost, Steps[Any]]:
    """Check everything that can be wrong, and return the cost and the generator of the work.

    Reads the texts' tokens, so it belongs on a thread of its own.

    Raises:
        InvalidRequest: beyond the limits of the server, or the engine's own reasons.
    """
    return check(request, model, settings), request.steps(model)


def check(request: Analysis[Any], model: Model, settings: Settings) -> Cost:
    """What it costs. Reads the texts' tokens.

    Raises:
        InvalidRequest: beyond the limits of the server.
    """
    _check_fields(request, settings)
    cost = request.cost(model.config, _count_tokens(request, model, settings))
    _check_cost(cost, settings)
    return cost


def _check_fields(request: Analysis[Any], settings: Settings) -> None:
    """Refuse numbers and lists beyond what the settings allow, naming the limit."""
    for name, field in type(request).model_fields.items():
        for limit in (each for each in field.metadata if isinstance(each, Limit)):
            value, most = getattr(request, name), getattr(settings, limit.setting)
            if isinstance(value, tuple):
                name, value = f"the number of {name}", len(value)
            if value is not None and value > most:
                raise InvalidSetting(f"{name} is {value}: this server allows at most {most}.")


def _count_tokens(request: Analysis[Any], model: Model, settings: Settings) -> int:
    """Tokens of the prompt; every text of the request has been measured."""
    most = settings.max_prompt_tokens * request.lengths_allowed
    continuation: tuple[int, ...] = getattr(request, "continuation", ())
    counts: dict[str, int] = {}
    for text in dict.fromkeys(request.texts()):
        size = len(text.encode("utf-8", "surrogatepass"))
        if size > most * LONGEST_TOKEN:
            raise PromptTooLong(
                f"The text has {size} bytes, which no {most} tokens can hold: this server reads at "
                f"most {most} tokens."
            )
        counts[text] = len(model.tokenize(text, request.prepend_bos))
        tokens = counts[text] + (len(continuation) if text == request.prompt else 0)
        if tokens > most:
            raise PromptTooLong(f"The text has {tokens} tokens: this server reads at most {most}.")
    return max(1, counts[request.prompt])


def _check_cost(cost: Cost, settings: Settings) -> None:
    if cost.numbers_told > settings.max_answer_numbers:
        raise InvalidSetting(
            f"The answer would hold about {cost.numbers_told} numbers: this server sends at most "
            f"{settings.max_answer_numbers}; ask for fewer positions, heads or candidates, or a "
            "shorter text."
        )
    held = FLOAT_BYTES * cost.numbers_held
    if held > settings.max_work_bytes:
        raise InvalidSetting(
            f"This would take about {held // MIB} MiB of memory: this server gives "
            f"{settings.max_work_bytes // MIB} MiB to one request; shorten the text, or ask for "
            "less at once."
        )
