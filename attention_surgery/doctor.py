"""`attention-surgery doctor`: what there is on this machine, and what is wrong with it."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import webbrowser
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

import typer

from attention_surgery import __version__, terminal
from attention_surgery.commands import JSON
from attention_surgery.errors import AttentionSurgeryError
from attention_surgery.loading import read_settings
from attention_surgery.settings import BUNDLED_MODEL, Settings, parse_model
from attention_surgery.tables.lists import show_findings

SHOWN = ("numpy", "transformer-lens", "transformers", "tokenizers", "fastapi")
GIB = 1024**3
CPU_TORCH = (
    "torch is a CUDA build of some gigabytes, and there is no GPU that it can use: `pip install "
    "torch=={version} --index-url https://download.pytorch.org/whl/cpu` replaces it (with uv: `uv "
    "pip install` and the same words; with pipx: `pipx runpip attention-surgery install` and the "
    "same words)."
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        wrong: what does not work, in a sentence.
        advice: what works, and could be better.
    """

    name: str
    state: str
    wrong: str | None = None
    advice: str | None = None


def doctor(json: Annotated[bool, JSON] = False) -> None:
    """What is installed here and whether it works: exits with 1 where something is wrong."""
    findings = list(examined())
    with terminal.piped():
        if json:
            terminal.write_json(findings)
        else:
            show_findings([(each.name, each.state, each.wrong, each.advice) for each in findings])
    if any(each.wrong for each in findings):
        raise typer.Exit(1)


def examined() -> Iterator[Finding]:
    """All findings; what fails in an unforeseen way is one too."""
    yield from _tried("Attention Surgery", versions)
    try:
        settings = read_settings()
    except AttentionSurgeryError as error:
        yield Finding("settings", "one cannot be read", str(error))
        return
    yield from _tried("torch", lambda: computing(settings))
    yield from _tried("models", lambda: models(settings))
    yield from _tried("model cache", cache)
    yield from _tried("database", lambda: database(settings))
    yield from _tried("page", lambda: page(settings))
    yield from _tried("port", lambda: port(settings))


def _tried(name: str, look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from look()
    except Exception as error:
        yield Finding(name, "it fails", f"{type(error).__name__}: {error}")


def versions() -> Iterator[Finding]:
    yield Finding("Attention Surgery", f"{__version__}, in {Path(__file__).parent}")
    yield Finding("Python", f"{platform.python_version()} on {platform.platform()}")
    for package in SHOWN:
        try:
            yield Finding(package, version(package))
        except PackageNotFoundError:
            yield Finding(
                package,
                "missing",
                f"{package} is not installed: run `pip install attention-surgery` again.",
            )


def computing(settings: Settings) -> Iterator[Finding]:
    import torch

    from attention_surgery.engine.cores import available_cpus
    from attention_surgery.engine.model import choose_device

    tested = version("torch").split("+")[0]
    built_for_gpu = bool(torch.version.cuda) and sys.platform == "linux"
    idle = built_for_gpu and not torch.cuda.is_available()
    build = f"CUDA {torch.version.cuda}" if torch.version.cuda else "CPU"
    yield Finding(
        "torch",
        f"{torch.__version__}, built for {build}",
        advice=CPU_TORCH.format(version=tested) if idle else None,
    )
    try:
        device = choose_device(settings.device)
        name = torch.cuda.get_device_name(device) if device.type == "cuda" else str(device)
        yield Finding("device", f"{name} ({settings.device})")
    except AttentionSurgeryError as error:
        yield Finding("device", settings.device, str(error))
    cpus, threads = available_cpus(), settings.threads or available_cpus()
    too_many = f"ATTENTION_SURGERY_THREADS is {threads}: more than the {cpus} CPUs is slower."
    yield Finding(
        "threads",
        f"{threads} of {cpus} that this process may use",
        advice=too_many if threads > cpus else None,
    )


def models(settings: Settings) -> Iterator[Finding]:
    """Each offered one; the bundled one has to give the answer that is documented of it."""
    from attention_surgery.engine.hub import cached

    for name, directory in map(parse_model, settings.models):
        if name == BUNDLED_MODEL:
            yield bundled()
        elif directory is not None:
            missing = [each for each in NEEDED if not (directory / each).is_file()]
            wrong = f"{directory} has no {' and no '.join(missing)}." if missing else None
            yield Finding(f"model {name}", str(directory), wrong)
        elif (found := cached(name)) is not None:
            yield Finding(f"model {name}", f"in the cache, revision {found.name[:12]}")
        else:
            offline = os.environ.get("HF_HUB_OFFLINE", "0") not in ("", "0")
            how = "not here, and HF_HUB_OFFLINE is set" if offline else "fetched at the first use"
            yield Finding(f"model {name}", how)


NEEDED = ("config.json", "tokenizer.json", "model.safetensors")
PROMPT = "When Mary and John went to the store, John gave a drink to"


def bundled() -> Finding:
    from attention_surgery.analyses import infer
    from attention_surgery.engine.model import load_model

    answer = infer(load_model(BUNDLED_MODEL), PROMPT, max_new_tokens=1).control.text
    wrong = None if answer == " Mary" else f"It says {answer!r} where it has to say ' Mary'."
    return Finding(f"model {BUNDLED_MODEL}", f"answers{answer}", wrong)


def cache() -> Iterator[Finding]:
    from huggingface_hub.constants import HF_HUB_CACHE

    folder = Path(HF_HUB_CACHE)
    existing = next(each for each in (folder, *folder.parents) if each.exists())
    free = shutil.disk_usage(existing).free / GIB
    locked = not os.access(existing, os.W_OK)
    yield Finding(
        "model cache",
        f"{folder}, {free:.1f} GiB free",
        f"{existing} cannot be written: set HF_HOME to a folder that can." if locked else None,
        "GPT-2 Small needs 0.6 GiB." if free < 1 else None,
    )


def database(settings: Settings) -> Iterator[Finding]:
    """Where experiments and runs are kept; one that is not there yet is not made."""
    from attention_surgery.store.database import Database

    place = settings.database.get_secret_value() if settings.database else None
    opened = Database(place)
    where = "PostgreSQL" if opened.file is None else str(opened.file)
    if opened.file is not None and not opened.file.exists():
        folder = next(each for each in opened.file.parents if each.exists())
        wrong = (
            None
            if os.access(folder, os.W_OK)
            else f"{folder} cannot be written: set ATTENTION_SURGERY_DATABASE to a file that can."
        )
        yield Finding("database", f"{where}, made at the first use", wrong)
        return
    try:
        revision = opened.revision()
        yield Finding("database", f"{where}, schema {revision or 'not made yet'}")
    except AttentionSurgeryError as error:
        yield Finding("database", where, str(error))
    finally:
        opened.close()


def page(settings: Settings) -> Iterator[Finding]:
    built = (settings.frontend / "index.html").is_file()
    missing = "There is no page, only the API: build it with `make run`, or install the wheel."
    where = str(settings.frontend) if built else "not built"
    yield Finding("page", where, advice=None if built else missing)
    try:
        yield Finding("browser", getattr(webbrowser.get(), "name", "this system's own"))
    except webbrowser.Error:
        yield Finding(
            "browser", "none", advice="`serve --open` has none to open: open the address by hand."
        )


def port(settings: Settings) -> Iterator[Finding]:
    from attention_surgery.api.server.start import CannotListen, listen

    try:
        for each in listen(settings.host, settings.port):
            each.close()
    except CannotListen as error:
        yield Finding("port", f"{settings.port} on {settings.host}", advice=str(error))
    else:
        yield Finding("port", f"{settings.port} on {settings.host} is free")
