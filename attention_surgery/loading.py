"""The model that a command works on."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attention_surgery import terminal
from attention_surgery.engine.origin import KnownOrigin
from attention_surgery.errors import InvalidSetting, ModelLoadError, UnknownModel
from attention_surgery.settings import (
    BUNDLED_MODEL,
    HUB_MODELS,
    Settings,
    parse_model,
    what_is_wrong,
)

if TYPE_CHECKING:
    from attention_surgery.engine.model import Model


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


def origin_of(name: str | None) -> KnownOrigin:
    """Where the weights of the model that `load` takes come from, without loading any."""
    from attention_surgery.engine.hub import cached

    if name is not None:
        return _known(*parse_source(name))
    offered = list(map(parse_model, read_settings().models))
    for candidate, directory in offered:
        if directory is not None or candidate not in HUB_MODELS or cached(candidate):
            return _known(candidate, directory)
    return _known(*offered[0])


def _known(name: str, directory: Path | None) -> KnownOrigin:
    if directory is not None:
        return KnownOrigin(str(directory), "directory")
    return KnownOrigin(name, "hub" if name in HUB_MODELS else "bundled")


def load_source(name: str, directory: Path | None, settings: Settings) -> Model:
    with _here_to_stay():
        from attention_surgery.engine.cores import use_threads
        from attention_surgery.engine.model import load_model

    use_threads(settings.threads)
    with terminal.download(f"Loading {name}") as on_progress:
        return load_model(
            directory or name,
            device=settings.device,
            precision=settings.precision,
            packed=settings.packed,
            name=name,
            on_progress=on_progress,
        )


@contextmanager
def _here_to_stay() -> Iterator[None]:
    """Import within what lasts as long as the process: garbage is not looked for in it.

    It takes a third of the time that torch needs from its import to the exit.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


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
