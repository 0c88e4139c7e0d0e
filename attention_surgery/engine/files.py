"""Reading a file of a model without waiting for what is no file."""

from __future__ import annotations

from pathlib import Path

from attention_surgery.errors import ModelLoadError


def regular(path: Path) -> Path:
    """The path itself, if an ordinary file lies there.

    Raises:
        ModelLoadError: nothing does, or a directory, a pipe or a device, which may never end.
    """
    if path.is_file():
        return path
    what = "is no ordinary file" if path.exists() else "is not there"
    raise ModelLoadError(
        f"{path.parent.name} has no readable {path.name} (it {what}): name a directory in Hugging "
        "Face layout, with config.json, tokenizer.json and model.safetensors."
    )
