"""`--cut L9H6r --with source=…` as interventions."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from attention_surgery.errors import InvalidSetting
from attention_surgery.interventions import Intervention, parse
from attention_surgery.interventions.notation import method_in
from attention_surgery.interventions.parameters import parameters
from attention_surgery.reading import decoded, lines_of


def cuts_of(texts: Iterable[str], settings: Iterable[str]) -> tuple[Intervention, ...]:
    """The interventions, each with those parameters that its method has.

    Raises:
        InvalidSetting: one is not written like that, or no cut takes a parameter.
    """
    given = _given(settings)
    cuts, taken = [], set()
    for text in texts:
        own = {each.name: each.kind for each in parameters(method_in(text))}
        values = {name: _value(kind, given[name]) for name, kind in own.items() if name in given}
        taken |= set(values)
        cuts.append(parse(text, **values))
    for name in given.keys() - taken:
        raise InvalidSetting(
            f"No cut takes the parameter {name[:40]!r}: leave --with {name[:40]} out."
        )
    return tuple(cuts)


def _given(settings: Iterable[str]) -> dict[str, list[str]]:
    """The values of each parameter in order."""
    given: dict[str, list[str]] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals:
            raise InvalidSetting(f"--with {setting[:40]!r} gives no value: write NAME=VALUE.")
        given.setdefault(name, []).append(decoded(value, "A value"))
    return given


def _value(kind: str, texts: list[str]) -> str | tuple[str, ...]:
    """`@file` stands for the file's text, or for its lines where several texts are asked for."""
    if kind == "prompts":
        return tuple(line for text in texts for line in _lines(text))
    text = texts[-1]
    return "\n".join(_lines(text)) if text.startswith("@") else text


def _lines(text: str) -> list[str]:
    if not text.startswith("@"):
        return [text]
    return [decoded(line, f"{Path(text[1:]).name}") for line in lines_of(text[1:])]
