"""The command line: the same work from a shell.

Torch is imported by the commands that need it, so that `--help` answers at once. Results go to
standard output, everything else to standard error; exit code 2 is a request that cannot be
honoured, 1 anything else that went wrong.
"""

from __future__ import annotations

import re
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from attention_surgery import terminal
from attention_surgery.errors import (
    AttentionSurgeryError,
    InvalidRequest,
    InvalidSetting,
    ModelLoadError,
    UnknownModel,
)
from attention_surgery.settings import (
    BUNDLED_MODEL,
    HUB_MODELS,
    Settings,
    parse_model,
    what_is_wrong,
)

if TYPE_CHECKING:
    from attention_surgery.engine.ablation import HeadAblation
    from attention_surgery.engine.model import Model

HEAD = re.compile(r"L(\d+)H(\d+)(?::(zero|mean|previous))?", re.IGNORECASE)

app = typer.Typer(
    help="Cut the attention heads of GPT-2 and see what changes.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Method(StrEnum):
    gradient, attribution, l2, kl = "gradient", "attribution", "l2", "kl"


class Ablation(StrEnum):
    zero, mean, previous = "zero", "mean", "previous"


class Over(StrEnum):
    all, last = "all", "last"


PromptArgument = Annotated[
    str, typer.Argument(help="The text the model reads; - reads it from standard input.")
]
CutOption = Annotated[
    list[str] | None,
    typer.Option(
        "--cut",
        "-c",
        metavar="HEAD[:METHOD]",
        help="Head to cut, e.g. L9H6 or L9H6:mean (zero, mean, previous); repeatable.",
    ),
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        "-m",
        help=f"{', '.join((*HUB_MODELS, BUNDLED_MODEL))}, or a directory in Hugging Face layout. "
        "Default: GPT-2 Small, or the bundled model where it cannot be had.",
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Write the result as JSON, as the REST API does.")
]
BosOption = Annotated[
    bool,
    typer.Option("--bos/--no-bos", help="Put the beginning-of-text token in front."),
]


@app.command()
def infer(
    prompt: PromptArgument,
    cut: CutOption = None,
    max_new_tokens: Annotated[
        int, typer.Option("--new-tokens", "-n", min=0, help="Tokens to generate.")
    ] = 20,
    temperature: Annotated[float, typer.Option(min=0, help="0 is greedy.")] = 0.0,
    top_k: Annotated[int | None, typer.Option(min=1, help="Sample among so many tokens.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Same seed, same texts.")] = None,
    model: ModelOption = None,
    bos: BosOption = True,
    json: JsonOption = False,
) -> None:
    """Continue a prompt with and without the cut heads, and compare."""
    text, cuts, loaded = read_prompt(prompt), parse_cuts(cut), load(model)
    from attention_surgery.engine.generation import infer_steps

    steps = infer_steps(
        loaded,
        text,
        cuts,
        max_new_tokens=max_new_tokens,
        temperature=temperature,
        top_k=top_k,
        seed=seed,
        prepend_bos=bos,
    )
    result = terminal.follow(steps, "Decoding", max_new_tokens + 1)
    show(result, loaded, json, terminal.show_inference)


@app.command()
def importance(
    prompt: PromptArgument,
    method: Annotated[Method, typer.Option(help="How to score a head.")] = Method.gradient,
    ablation_method: Annotated[
        Ablation | None, typer.Option(help="Only for kl: what a cut head's pattern becomes.")
    ] = None,
    positions: Annotated[
        Over, typer.Option(help="Only for kl: all positions or the last.")
    ] = Over.all,
    top: Annotated[int, typer.Option(min=0, help="Heads to list below the grid.")] = 10,
    model: ModelOption = None,
    bos: BosOption = True,
    json: JsonOption = False,
) -> None:
    """Score every head by how much it matters for a prompt."""
    text, loaded = read_prompt(prompt), load(model)
    from attention_surgery.engine.importance import importance_steps

    steps = importance_steps(
        loaded,
        text,
        method.value,
        ablation_method=ablation_method.value if ablation_method else None,
        positions=positions.value,
        prepend_bos=bos,
    )
    result = terminal.follow(
        steps, "Scoring heads", loaded.n_layers, lambda progress: len(progress.layers_done)
    )
    show(result, loaded, json, lambda scores: terminal.show_scores(scores, top))


@app.command()
def lens(
    prompt: PromptArgument,
    cut: CutOption = None,
    position: Annotated[
        int, typer.Option("--position", "-p", help="Token position; -1 is the last.")
    ] = -1,
    top_k: Annotated[int, typer.Option(min=1, help="Tokens to show per layer.")] = 5,
    model: ModelOption = None,
    bos: BosOption = True,
    json: JsonOption = False,
) -> None:
    """What every layer would predict at one position, with and without the cut heads."""
    text, cuts, loaded = read_prompt(prompt), parse_cuts(cut), load(model)
    from attention_surgery.engine.logit_lens import logit_lens_steps

    steps = logit_lens_steps(loaded, text, cuts, top_k=top_k, positions=[position], prepend_bos=bos)
    result = terminal.follow(steps, "Reading layers", loaded.n_layers + 1)
    show(result, loaded, json, terminal.show_lens)


@app.command()
def models(json: JsonOption = False) -> None:
    """The models that can be used here without a download, and those that need one."""
    from attention_surgery.engine.hub import cached

    offered = [(BUNDLED_MODEL, "bundled")]
    offered += [(name, "in the cache" if cached(name) else "to download") for name in HUB_MODELS]
    if json:
        from attention_surgery.service.encoding import encode

        typer.echo(encode([{"name": name, "where": where} for name, where in offered]))
    else:
        terminal.show_models(offered)


@app.command()
def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; 0.0.0.0 opens it to others.")
    ] = None,
    port: Annotated[int | None, typer.Option("--port", "-p", help="Port to listen on.")] = None,
    model: Annotated[
        list[str] | None,
        typer.Option("--model", "-m", help="Model to offer, best first; repeatable."),
    ] = None,
) -> None:
    """Serve the REST API and, when it is built, the page."""
    from attention_surgery.api.server.start import serve as start

    given = {"host": host, "port": port, "models": tuple(model) if model else None}
    settings = read_settings(**{name: value for name, value in given.items() if value is not None})
    start(settings)


def read_prompt(prompt: str) -> str:
    """The prompt itself, or standard input without its last line break."""
    return sys.stdin.read().removesuffix("\n") if prompt == "-" else prompt


def parse_cuts(texts: list[str] | None) -> tuple[HeadAblation, ...]:
    """`L9H6:mean` as the engine has it.

    Raises:
        InvalidSetting: it is not written like that.
    """
    matches = {text: HEAD.fullmatch(text) for text in texts or ()}
    for text, match in matches.items():
        if match is None:
            raise InvalidSetting(
                f"{text!r} names no head: write L9H6, or L9H6:mean with zero, mean or previous."
            )
    if len(matches) < len(texts or ()):
        raise InvalidSetting("One head is cut twice: name each head once.")
    from attention_surgery.engine.ablation import HeadAblation

    return tuple(
        HeadAblation(int(match[1]), int(match[2]), (match[3] or "zero").lower())  # type: ignore[arg-type]
        for match in matches.values()
        if match
    )


def load(name: str | None) -> Model:
    """The model of that name or directory, or the best that can be had."""
    settings = read_settings()
    if name is not None:
        return load_source(*parse_source(name), settings)
    *preferred, last = map(parse_model, settings.models)
    for candidate in preferred:
        try:
            return load_source(*candidate, settings)
        except ModelLoadError as error:
            terminal.note(f"{error} Using {last[0]} instead.")
    return load_source(*last, settings)


def load_source(name: str, directory: Path | None, settings: Settings) -> Model:
    from attention_surgery.engine.kernels import use_threads
    from attention_surgery.engine.model import load_model

    use_threads(settings.threads)
    with terminal.download(f"Loading {name}") as on_progress:
        return load_model(
            directory or name,
            device=settings.device,
            precision=settings.precision,
            name=name,
            on_progress=on_progress,
        )


def parse_source(name: str) -> tuple[str, Path | None]:
    """A known name, or a directory."""
    if name in (*HUB_MODELS, BUNDLED_MODEL):
        return name, None
    if Path(name).is_dir():
        return Path(name).resolve().name, Path(name)
    raise UnknownModel(
        f"{name!r} is neither a directory nor one of {', '.join((*HUB_MODELS, BUNDLED_MODEL))}."
    )


def read_settings(**given: Any) -> Settings:
    """The settings, with a sentence where the environment holds a wrong one."""
    from pydantic import ValidationError

    try:
        return Settings(**given)
    except ValidationError as error:
        raise InvalidSetting(what_is_wrong(error)) from None


def show(result: Any, model: Model, as_json: bool, table: Any) -> None:
    if as_json:
        from attention_surgery.service.encoding import encode

        typer.echo(encode(result, model=model.name))
        return
    table(result)
    for warning in result.warnings:
        terminal.note(warning)


def main() -> None:
    try:
        app()
    except AttentionSurgeryError as error:
        terminal.note(str(error))
        sys.exit(2 if isinstance(error, InvalidRequest | UnknownModel) else 1)
