"""`--cut L9H6r --with source=…` as interventions."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from attention_surgery.errors import InvalidSetting
from attention_surgery.interventions import Intervention, parse
from attention_surgery.interventions.notation import method_in
from attention_surgery.interventions.parameters import parameters
from attention_surgery.reading import decoded, lines_of


class Given:
    """The values of `--with`, each for whichever method has a parameter of that name."""

    def __init__(self, settings: Iterable[str]) -> None:
        """
        Raises:
            InvalidSetting: one is not written `NAME=VALUE`.
        """
        self._values = _values(settings)
        self._taken: set[str] = set()

    def cuts(self, texts: Iterable[str]) -> tuple[Intervention, ...]:
        """The interventions, each with those parameters that its method has.

        Raises:
            InvalidSetting: one is not written like that, or lacks a parameter.
        """
        return tuple(parse(text, **self.parameters_of(method_in(text))) for text in texts)

    def parameters_of(self, method: type[Intervention], *, complete: bool = True) -> dict[str, Any]:
        """The parameters that the method has, of those given.

        Raises:
            InvalidSetting: one that it needs is not given though they are to be complete, or names
                a file that cannot be read.
        """
        own = parameters(method)
        for each in own:
            if complete and each.default is None and each.name not in self._values:
                raise InvalidSetting(
                    f"{method.name()} needs its {each.name}: give --with {each.name}=VALUE."
                )
        found = {each.name: each.kind for each in own if each.name in self._values}
        self._taken |= found.keys()
        return {name: _value(kind, self._values[name]) for name, kind in found.items()}

    def refuse_the_rest(self) -> None:
        """
        Raises:
            InvalidSetting: there is a value that no method has taken.
        """
        for name in self._values.keys() - self._taken:
            raise InvalidSetting(
                f"No cut takes the parameter {name[:40]!r}: leave --with {name[:40]} out."
            )


def _values(settings: Iterable[str]) -> dict[str, list[str]]:
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
