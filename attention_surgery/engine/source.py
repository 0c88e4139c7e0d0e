"""Where a model's files lie, and which version of them that is."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from attention_surgery.engine.hub_models import HUB_MODELS
from attention_surgery.engine.origin import SourceKind
from attention_surgery.errors import ModelLoadError

BUNDLED_NAME = "gpt2-mini-12x12"


@dataclass(frozen=True, slots=True)
class Source:
    """The files of one model.

    Attributes:
        directory: in Hugging Face layout.
        name: what the model is called where its user gives no name.
    """

    kind: SourceKind
    directory: Path
    name: str

    def revision(self) -> str:
        """The hub's commit, else the first 16 hex digits of the files' SHA-256.

        Hashing takes a third of a second for GPT-2 Small.
        """
        if self.kind == "hub":
            return self.directory.name
        digest = hashlib.sha256()
        for path in _content(self.directory):
            with path.open("rb") as file:
                digest.update(path.name.encode() + hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()[:16]


def find_source(
    source: str | Path, on_progress: Callable[[int, int], None] | None = None
) -> Source:
    """The files of a model by its name (fetched if need be), or of a directory.

    Raises:
        ModelLoadError: there is no such model or directory, or it cannot be fetched.
    """
    if isinstance(source, Path) or "/" in source or os.sep in source:
        return _directory_source(Path(source).expanduser())
    if source == BUNDLED_NAME:
        return Source("bundled", bundled_directory(), source)
    if source in HUB_MODELS:
        # Only here: the hub's client takes a quarter of a second to import.
        from attention_surgery.engine.hub import fetch

        return Source("hub", fetch(source, on_progress), source)
    raise ModelLoadError(
        f"There is no model {source!r}: use {BUNDLED_NAME}, {', '.join(HUB_MODELS)}, or "
        f"Path({source!r}) for a directory."
    )


def bundled_directory() -> Path:
    """Where the bundled model's files lie."""
    return Path(str(resources.files("attention_surgery"))) / "bundled"


def _directory_source(directory: Path) -> Source:
    if not directory.is_dir():
        raise ModelLoadError(
            f"{directory} is not a directory: give a Path to one with config.json, "
            f"model.safetensors and tokenizer.json, or one of {', '.join(HUB_MODELS)}."
        )
    return Source("directory", directory, directory.resolve().name)


def _content(directory: Path) -> list[Path]:
    """The files that decide what a model computes."""
    weights = [path for path in sorted(directory.glob("*.safetensors")) if path.is_file()]
    weights = weights or [directory / "pytorch_model.bin"]
    return [directory / "config.json", directory / "tokenizer.json", *weights]
