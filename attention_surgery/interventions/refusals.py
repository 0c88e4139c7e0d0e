"""What pydantic finds wrong with a request, as a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attention_surgery.interventions.registry import methods


def validation_sentence(problems: Sequence[Mapping[str, Any]]) -> str:
    """Name the first field that is wrong, the problem, and what would be right."""
    found = what_is_wrong(problems[0])
    sentence = found if field_name(problems[0]["loc"]) else found[:1].upper() + found[1:]
    more = len(problems) - 1
    rest = f"; {more} more field{'s' * (more > 1)} to correct" if more else ""
    return f"{sentence}{rest}."


def what_is_wrong(found: Mapping[str, Any]) -> str:
    """`field: problem`, or the problem alone where it is not of one field."""
    field = field_name(found["loc"])
    return f"{field}: {problem(found)}" if field else problem(found)


def field_name(location: Sequence[str | int]) -> str:
    """`('ablations', 0, 'zero', 'layer')` is `ablations[0].layer`; a method's tag is no field."""
    tags = {method.name() for method in methods()}
    name = ""
    for part, before in zip(location, [None, *location], strict=False):
        if isinstance(part, int):
            name += f"[{part}]"
        elif not ((before is None or isinstance(before, int)) and part in tags):
            name += f".{part}"
    return quotable(name.removeprefix("."))


def problem(found: Mapping[str, Any]) -> str:
    """What is wrong with one field, and what would be right."""
    match found["type"]:
        case "extra_forbidden":
            return "no such field exists here; leave it out or correct its name"
        case "missing":
            return "this field is required"
        case "union_tag_invalid":
            names = ", ".join(method.name() for method in methods())
            return f"{quotable(found['ctx']['tag'], 40)!r} is no ablation method: use {names}"
        case "too_long" | "too_short" | "string_too_long" | "string_too_short" as kind:
            return _wrong_length(kind, found["ctx"])
        case "value_error":
            return quotable(str(found["msg"]).removeprefix("Value error, "), 400)
        case _:
            return quotable(str(found["msg"])).replace("Input should", "the value should")


def _wrong_length(kind: str, ctx: Mapping[str, Any]) -> str:
    """A list, an object or a text of more or less than may be sent, and what to do then."""
    one, many = ("character", "characters") if "string" in kind else ("entry", "entries")
    bound = ctx.get("max_length", ctx.get("min_length"))
    limit = f"{bound} {one if bound == 1 else many}"
    # A text's own length is not told.
    held = ctx.get("actual_length")
    here = "" if held is None else f", and here {'is' if held == 1 else 'are'} {held or 'none'}"
    if kind.endswith("too_short"):
        return f"at least {limit} must be given{here}"
    if bound == 0:
        return "this must be empty here"
    return f"at most {limit} can be taken{here}; send fewer"


def quotable(text: str, longest: int = 200) -> str:
    """Names come from the client: bounded, and without characters that have no UTF-8 form."""
    return text.encode("utf-8", "replace").decode()[:longest]
