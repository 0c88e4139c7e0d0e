"""The command line: the same work from a shell.

Torch is imported by the commands that need it, so that `--help` answers at once. Results go to
standard output, everything else to standard error: sentences, or with `--json` one object
`{"detail", "error"}`. Exit code 2 is a request that cannot be honoured, 1 anything else that went
wrong; a reader that has seen enough (`| head`) is no failure.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from attention_surgery import __version__, terminal
from attention_surgery.commands import JSON, add_commands
from attention_surgery.doctor import doctor
from attention_surgery.errors import AttentionSurgeryError, InvalidRequest, UnknownModel
from attention_surgery.loading import read_settings
from attention_surgery.running import commands as running
from attention_surgery.settings import BUNDLED_MODEL, HUB_MODELS
from attention_surgery.tables.lists import show_models
from attention_surgery.tasks_command import tasks


def make_app() -> typer.Typer:
    """The commands, with one for every analysis that is registered by now."""
    app = typer.Typer(
        help="Cut the attention heads of GPT-2 and see what changes.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_with_version)
    add_commands(app)
    app.command()(running.run)
    app.add_typer(running.runs_app, name="runs")
    app.command()(doctor)
    app.command()(models)
    app.command()(tasks)
    app.command()(serve)
    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


def _with_version(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Options of the program itself."""


def models(json: Annotated[bool, JSON] = False) -> None:
    """The models that can be used here without a download, and those that need one."""
    from attention_surgery.engine.hub import cached

    offered = [(BUNDLED_MODEL, "bundled")]
    offered += [(name, "in the cache" if cached(name) else "to download") for name in HUB_MODELS]
    with terminal.piped():
        if json:
            terminal.write_json([{"name": name, "where": where} for name, where in offered])
        else:
            show_models(offered)


def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; 0.0.0.0 opens it to others.")
    ] = None,
    port: Annotated[int | None, typer.Option("--port", "-p", help="Port to listen on.")] = None,
    model: Annotated[
        list[str] | None,
        typer.Option("--model", "-m", help="Model to offer, best first; repeatable."),
    ] = None,
    replicas: Annotated[
        int | None,
        typer.Option(min=1, help="Processes that answer, each with its models and queue."),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", help="Ray cluster that has them: auto, or host:port of its head."
        ),
    ] = None,
    open_browser: Annotated[
        bool, typer.Option("--open", help="Open the page in a browser.")
    ] = False,
) -> None:
    """Serve the REST API and, when it is built, the page."""
    from attention_surgery.api.server.start import serve as start

    given = {"host": host, "port": port, "models": tuple(model) if model else None}
    given |= {"replicas": replicas, "cluster": cluster}
    settings = read_settings(**{name: value for name, value in given.items() if value is not None})
    start(settings, open_browser=open_browser)


def main() -> None:
    terminal.replace_letters()
    try:
        make_app()()
    except AttentionSurgeryError as error:
        if "--json" in sys.argv:
            terminal.write_json({"detail": str(error), "error": type(error).__name__}, sys.stderr)
        else:
            terminal.note(str(error))
        sys.exit(2 if isinstance(error, InvalidRequest | UnknownModel) else 1)
