"""The commands and their options, as `--help` has them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from attention_surgery.cli import make_app
from manual.markdown import cell, page, prose, table
from manual.pictures import picture

# Its own page has what an analysis means.
FIRST_PARAGRAPH = re.compile(r"\A(.*?)(?:\n\s*\n|\Z)", re.DOTALL)


def text() -> str:
    commands = list(_commands(get_command(make_app()), ()))
    return page(
        "# Commands",
        "`attention-surgery COMMAND --help` says the same. Results go to standard output, all else "
        "to standard error; the exit code is 2 where something was refused, 1 where something else "
        "failed. With `--json`, results are what REST answers and failures "
        '`{"detail", "error"}`.',
        picture("help", "attention-surgery --help", up=1),
        table(
            ("command", "what it does"),
            [
                (f"[`{name}`](#{_anchor(name)})", cell(_first(command)))
                for name, command in commands
            ],
        ),
        *(_command(name, command) for name, command in commands),
    )


def _commands(group: Any, above: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        words = (*above, name)
        if getattr(command, "commands", None):
            if command.invoke_without_command:
                yield " ".join(words), command
            yield from _commands(command, words)
        else:
            yield " ".join(words), command


def _anchor(name: str) -> str:
    return name.replace(" ", "-")


def _help(command: Any) -> str:
    return (command.help or "").replace("\\[", "[")


def _first(command: Any) -> str:
    found = FIRST_PARAGRAPH.match(_help(command))
    return found[1] if found else ""


def _command(name: str, command: Any) -> str:
    rows = [
        (_names(parameter), cell((parameter.help or "").replace("\\[", "[")), _default(parameter))
        for parameter in command.params
        if parameter.name != "help"
    ]
    return page(
        f"## {name} {{ #{_anchor(name)} }}",
        prose(_first(command)),
        f"`attention-surgery {name}{''.join(map(_argument, command.params))} [OPTIONS]`",
        table(("option", "meaning", "when absent"), rows) if rows else "",
    ).strip()


def _is_argument(parameter: Any) -> bool:
    return bool(parameter.param_type_name == "argument")


def _argument(parameter: Any) -> str:
    if not _is_argument(parameter):
        return ""
    shown = _metavar(parameter)
    return f" {shown}"


def _metavar(parameter: Any) -> str:
    shown = parameter.metavar or parameter.name.upper()
    return shown if parameter.required or shown.startswith("[") else f"[{shown}]"


def _names(parameter: Any) -> str:
    if _is_argument(parameter):
        return f"`{_metavar(parameter)}`"
    names = [*parameter.opts, *parameter.secondary_opts]
    value = "" if parameter.is_flag else f" {parameter.metavar or _type(parameter)}"
    return ", ".join(f"`{each}`" for each in names) + (
        f" `{value.strip()}`".replace("|", "\\|") if value else ""
    )


def _type(parameter: Any) -> str:
    return {"str": "TEXT", "file": "FILE"}.get(str(parameter.type.name), "NUMBER")


def _default(parameter: Any) -> str:
    if isinstance(parameter.show_default, str):
        return f"`{parameter.show_default}`"
    if parameter.is_flag if not _is_argument(parameter) else True:
        return ""
    return "" if parameter.default in (None, ()) else f"`{parameter.default}`"
