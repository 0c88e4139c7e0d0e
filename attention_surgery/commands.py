"""One command for each analysis, its options made from the request's fields."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import orjson
import typer
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from rich.markup import escape

from attention_surgery import tables, terminal
from attention_surgery.analyses import analyses
from attention_surgery.analyses.base import Analysis
from attention_surgery.analyses.short import InShort
from attention_surgery.cutting import Given
from attention_surgery.errors import (
    InvalidPrompt,
    InvalidRequest,
    InvalidSetting,
)
from attention_surgery.interventions import method_named
from attention_surgery.loading import load, origin_of
from attention_surgery.reading import (
    decoded,
    lines_of,
    named_values,
    standard_input,
    text_of,
)
from attention_surgery.settings import BUNDLED_MODEL, HUB_MODELS
from attention_surgery.tasks import format_of, read_items

# What is spelled otherwise than the analysis or the field it stands for.
NAMES = {
    "logit_lens": "lens",
    "attribution": "attribute",
    "self_repair": "repair",
    "patching": "patch",
    "circuit": "circuit test",
    "circuit_search": "circuit search",
}
GROUPS = {"circuit": "Test a circuit on a task, or search for one."}
SPELLINGS = {
    ("infer", "max_new_tokens"): ("--new-tokens", "-n"),
    ("logit_lens", "positions"): ("--position", "-p"),
    ("paths", "receivers"): ("--to",),
    ("paths", "senders"): ("--from",),
}
DEFAULTS: dict[tuple[str, str], Any] = {("logit_lens", "positions"): [-1]}

# The methods by which an analysis that has several cuts each head in turn.
SWEEPING = ("ablation", "kl")

PROMPT = typer.Argument(
    help="The text the model reads; - reads it from standard input. With --lines: a file with a "
    "prompt a line; standard input when absent."
)
CUT = typer.Option(
    "--cut",
    "-c",
    metavar="SITE",
    help="What to cut, e.g. L9H6, L9H6:mean, or in short L9H6m*0.5@10-14; M9 is an MLP; "
    "repeatable.",
)
WITH = typer.Option(
    "--with",
    metavar="NAME=VALUE",
    help="A parameter of the ablation methods, e.g. source='Another prompt' or "
    "references=@prompts.txt (a prompt a line); repeatable.",
)
OF_TASK = typer.Option(
    "--with",
    metavar="NAME=VALUE",
    help="A parameter of the task, e.g. corruption=abc; lists as JSON; repeatable.",
)
ITEMS = typer.Option(
    "--items",
    metavar="FILE",
    help="Items of your own instead of a task's, .jsonl or .csv: prompt, answer, foil, corrupt.",
)
MODEL = typer.Option(
    "--model",
    "-m",
    help=f"{', '.join((*HUB_MODELS, BUNDLED_MODEL))}, or a directory in Hugging Face layout. "
    "Default: GPT-2 Small, or the bundled model where it cannot be had.",
)
BOS = typer.Option("--bos/--no-bos", help="Put the beginning-of-text token in front.")
LINES = typer.Option(
    "--lines",
    help="A prompt, or a request in JSON, a line; writes a result in JSON a line, and loads the "
    "model once.",
)
JSON = typer.Option("--json", help="Write the result as JSON, as the REST API does.")
CSV = typer.Option("--csv", help="Write the numbers as CSV, a row for each thing measured.")

CODE = typer.Option(
    "--code", help="Write a TransformerLens script that gives the numbers, instead of running."
)


def add_commands(app: typer.Typer) -> None:
    """A command for every analysis that is registered by now."""
    groups: dict[str, typer.Typer] = {}
    for analysis in analyses():
        *above, last = name_of(analysis).split()
        if above and above[0] not in groups:
            groups[above[0]] = _group(app, above[0])
        group = groups[above[0]] if above else app
        group.command(last, help=escape(analysis.meaning()))(command_of(analysis))


def name_of(analysis: type[Analysis[Any]]) -> str:
    """What the command of an analysis is called; two words where it stands below another."""
    return NAMES.get(analysis.name, analysis.name.replace("_", "-"))


def _group(app: typer.Typer, name: str) -> typer.Typer:
    """Commands under one name, as `circuit test` and `circuit search`."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")
    app.add_typer(group, name=name, help=GROUPS[name])
    return group


def command_of(analysis: type[Analysis[Any]]) -> Callable[..., None]:
    """The command's function, with the parameters that typer reads options from."""

    def command(**given: Any) -> None:
        fields = dict(_fields(analysis, given))
        shown = {name: given[name] for name in tables.options_of(analysis.result)}
        if given["csv"] and (given["json"] or given["code"] or given["lines"]):
            raise InvalidSetting(
                "CSV has the rows of one result: leave --csv out, or --json, --code and --lines."
            )
        with terminal.piped():
            if given["lines"]:
                _answer_lines(analysis, fields, given)
                return
            request = analysis.ask(**fields, **_prompt(analysis, given.get("prompt")))
            if given["code"]:
                _write_code(request, given)
            else:
                _answer(request, given, shown)

    parameters = list(_parameters(analysis))
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {each.name: each.annotation for each in parameters}
    return command


def _answer(request: Analysis[Any], given: dict[str, Any], shown: dict[str, Any]) -> None:
    model = load(given["model"])
    result = terminal.follow(request.steps(model), request.name.replace("_", " "))
    if given["json"]:
        terminal.write_json(result)
    else:
        if given["csv"]:
            terminal.write_csv(result.table())
        else:
            tables.show(result, **shown)
        for warning in result.warnings:
            terminal.note(warning)
    if result.failed:
        raise typer.Exit(1)


def _write_code(request: Analysis[Any], given: dict[str, Any]) -> None:
    code = request.code(origin_of(given["model"]))
    if given["json"]:
        terminal.write_json({"code": code})
    else:
        terminal.write_text(code)


def _answer_lines(
    analysis: type[Analysis[Any]], fields: dict[str, Any], given: dict[str, Any]
) -> None:
    """A line of JSON for each line read; one that fails says why and does not stop the others."""
    if given["code"]:
        raise InvalidSetting("A script answers one prompt: leave --lines or --code out.")
    model = load(given["model"])
    failed = False
    for line in lines_of(given.get("prompt")):
        try:
            request = analysis.ask(**fields | _request(line))
            if request.model not in (None, model.name):
                raise InvalidSetting(
                    f"All lines are answered by {model.name}: leave model out of them."
                )
            terminal.write_json(request.run(model))
        except InvalidRequest as error:
            failed = True
            terminal.write_json({"detail": str(error), "error": type(error).__name__})
    if failed:
        raise typer.Exit(2)


def _request(line: bytes) -> dict[str, Any]:
    """The fields of one line: those of a JSON object, else the prompt alone."""
    text = decoded(line, "A line")
    if not text.startswith("{"):
        return {"prompt": text}
    try:
        fields: dict[str, Any] = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidSetting(f"A line begins with {{ and is no JSON object ({error}).") from None
    return fields


def _prompt(analysis: type[Analysis[Any]], given: str | None) -> dict[str, str]:
    """The field prompt; nothing where none is given and none is needed."""
    if given is None:
        if not analysis.model_fields["prompt"].is_required():
            return {}
        raise InvalidPrompt("There is no prompt: give one, or - to read it from standard input.")
    text = standard_input().removesuffix("\n") if given == "-" else decoded(given, "The prompt")
    return {"prompt": text}


def _fields(analysis: type[Analysis[Any]], given: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The request's fields that the options fill."""
    parameters = Given(given.get("parameters") or ())
    for name in analysis.model_fields:
        if name == "ablations":
            yield name, parameters.cuts(given["cut"] or ())
        elif name == "ablation_parameters" and given.get("method", "ablation") in SWEEPING:
            swept = method_named(given["ablation_method"] or "zero")
            # A line of `--lines` may bring what is missing.
            yield name, parameters.parameters_of(swept, complete=not given["lines"])
        elif name == "task_parameters":
            yield name, named_values(given[name] or ())
        elif name == "items" and given[name] is not None:
            yield name, read_items(text_of(given[name]), format_of(given[name]))
        elif name not in ("prompt", "model") and given.get(name) is not None:
            yield name, given[name]
    parameters.refuse_the_rest()


def _parameters(analysis: type[Analysis[Any]]) -> Iterator[inspect.Parameter]:
    if analysis.reads_prompt:
        yield _parameter("prompt", Annotated[str | None, PROMPT], None)
    for name, field in analysis.model_fields.items():
        if name == "ablations":
            yield _parameter("cut", Annotated[list[str] | None, CUT], None)
            yield _parameter("parameters", Annotated[list[str] | None, WITH], None)
        elif name == "task_parameters":
            yield _parameter(name, Annotated[list[str] | None, OF_TASK], None)
        elif name == "items":
            yield _parameter(name, Annotated[str | None, ITEMS], None)
        elif name not in ("prompt", "model", "prepend_bos"):
            yield from _option(analysis, name, field)
    for name, (kind, meaning, default) in tables.options_of(analysis.result).items():
        yield _parameter(name, Annotated[kind, typer.Option(help=meaning)], default)
    yield _parameter("model", Annotated[str | None, MODEL], None)
    yield _parameter("prepend_bos", Annotated[bool, BOS], True)
    yield _parameter("lines", Annotated[bool, LINES], False)
    yield _parameter("json", Annotated[bool, JSON], False)
    yield _parameter("csv", Annotated[bool, CSV], False)
    yield _parameter("code", Annotated[bool, CODE], False)


def _option(
    analysis: type[Analysis[Any]], name: str, field: FieldInfo
) -> Iterator[inspect.Parameter]:
    """The option of a field; none for what has no form on a command line."""
    kind, choices = _kind(field.annotation)
    if kind is None:
        return
    key = analysis.name, name
    default = DEFAULTS.get(key)
    known = default if default is not None else field.get_default(call_default_factory=False)
    flags = SPELLINGS.get(key, ("--" + name.replace("_", "-"),))
    option = typer.Option(
        *flags,
        help=field.description,
        metavar=f"[{'|'.join(choices)}]" if choices else None,
        show_default=_written(known),
    )
    yield _parameter(name, Annotated[kind | None, option], default)


def _written(default: Any) -> str | Literal[False]:
    """A default as help shows it; False where there is none."""
    if isinstance(default, list | tuple):
        return ", ".join(map(str, default)) or False
    return False if default in (None, PydanticUndefined) else str(default)


def _kind(annotation: Any) -> tuple[Any, Iterable[str]]:
    """How the command line reads a type, and the words it may be; None where it cannot."""
    if get_origin(annotation) in (Union, UnionType):
        (annotation,) = [each for each in get_args(annotation) if each is not NoneType] or [None]
    if get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        if any(isinstance(each, InShort) for each in metadata):
            return str, ()
        return _kind(inner)
    if get_origin(annotation) is Literal:
        return str, get_args(annotation)
    if annotation in (int, float, str, bool):
        return annotation, ()
    if get_origin(annotation) is tuple:
        kind, choices = _kind(get_args(annotation)[0])
        return {int: list[int], float: list[float], str: list[str]}.get(kind), choices
    return None, ()


def _parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
    )
