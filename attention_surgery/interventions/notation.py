"""Interventions in short: `L9H6z`, `L9H6z*0.5`, `L9H6z@10-14,-1`, `M9z` for an MLP.

A method's own parameters are not written; `L9H6:mean`, with the name, is read as well.
"""

from __future__ import annotations

import re
from decimal import Decimal

from pydantic import ValidationError

from attention_surgery.errors import InvalidSetting
from attention_surgery.interventions.base import Intervention
from attention_surgery.interventions.refusals import what_is_wrong
from attention_surgery.interventions.registry import method_named, method_of_letter

SHORT = re.compile(
    r"""(?:L(?P<layer>\d{1,7})H(?P<head>\d{1,7})|M(?P<mlp>\d{1,7}))
        (?:(?P<letter>[a-z])|:(?P<name>[a-z-]+))?
        (?:\*(?P<strength>-?\d+(?:\.\d+)?))?
        (?:@(?P<positions>-?\d+(?:-\d+)?(?:,-?\d+(?:-\d+)?)*))?""",
    re.VERBOSE | re.IGNORECASE,
)
SPAN = re.compile(r"(-?\d+)(?:-(\d+))?")
MOST_POSITIONS = 1024


def parse(text: str, **parameters: object) -> Intervention:
    """The intervention a short text stands for; `zero` where it names no method.

    Args:
        parameters: the method's own, e.g. `source` of `resample`.

    Raises:
        InvalidSetting: it is not written like that, or not complete.
    """
    match = _matched(text)
    method = _method(match)
    site = (
        {"layer": int(match["mlp"])}
        if match["mlp"]
        else {"layer": int(match["layer"]), "head": int(match["head"])}
    )
    strength = float(match["strength"]) if match["strength"] else 1.0
    positions = _positions(match["positions"]) if match["positions"] else None
    try:
        return method(**site, strength=strength, positions=positions, **parameters)  # type: ignore[arg-type]
    except ValidationError as error:
        raise InvalidSetting(f"{text[:40]!r}: {what_is_wrong(error.errors()[0])}.") from None


def method_in(text: str) -> type[Intervention]:
    """The method that a short text names.

    Raises:
        InvalidSetting: it is not written like that, or there is no such method.
    """
    return _method(_matched(text))


def _matched(text: str) -> re.Match[str]:
    match = SHORT.fullmatch(text.strip()) if len(text) < 10_000 else None
    if match is None:
        raise InvalidSetting(
            f"{text[:40]!r} names no head: write L9H6, L9H6:mean, L9H6z*0.5@10-14, or M9 for an "
            "MLP."
        )
    return match


def _method(match: re.Match[str]) -> type[Intervention]:
    if match["letter"]:
        return method_of_letter(match["letter"].lower())
    return method_named((match["name"] or "zero").lower())


def _positions(text: str) -> tuple[int, ...]:
    positions: list[int] = []
    for span in text.split(","):
        match = SPAN.fullmatch(span)
        assert match is not None  # SHORT has let it through
        first = int(match[1])
        last = int(match[2]) if match[2] else first
        if last < first:
            raise InvalidSetting(f"{span!r} is no span of positions: write the smaller one first.")
        if len(positions) + last - first >= MOST_POSITIONS:
            raise InvalidSetting(
                f"{text[:40]!r} names more than {MOST_POSITIONS} positions: leave them out for all."
            )
        positions.extend(range(first, last + 1))
    return tuple(positions)


def write(intervention: Intervention) -> str:
    """The short text of an intervention, without the method's own parameters."""
    text = intervention.site + intervention.letter
    if intervention.strength != 1:
        text += f"*{Decimal(repr(intervention.strength)):f}".removesuffix(".0")
    if intervention.positions is not None:
        text += "@" + ",".join(_spans(intervention.positions))
    return text


def _spans(positions: tuple[int, ...]) -> list[str]:
    spans: list[list[int]] = []
    for position in positions:
        if spans and position == spans[-1][-1] + 1 and spans[-1][0] >= 0:
            spans[-1].append(position)
        else:
            spans.append([position])
    return [f"{span[0]}-{span[-1]}" if len(span) > 1 else f"{span[0]}" for span in spans]
