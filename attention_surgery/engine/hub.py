"""Fetch GPT-2 from the Hugging Face hub, or find it in the cache without asking the network."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
from tqdm.auto import tqdm

from attention_surgery.errors import ModelLoadError

# Older caches hold the models under their short names.
HUB_MODELS = {
    "gpt2": ("openai-community/gpt2", "gpt2"),
    "gpt2-medium": ("openai-community/gpt2-medium", "gpt2-medium"),
    "gpt2-large": ("openai-community/gpt2-large", "gpt2-large"),
    "gpt2-xl": ("openai-community/gpt2-xl", "gpt2-xl"),
}
FILES = ["config.json", "tokenizer.json", "model.safetensors", "model.safetensors.index.json"]
REACHABLE_WITHIN_SECONDS = 5.0


def cached(name: str) -> Path | None:
    """The directory of a model that is complete in the local cache, else None."""
    for repository in HUB_MODELS[name]:
        try:
            path = Path(snapshot_download(repository, allow_patterns=FILES, local_files_only=True))
        except LocalEntryNotFoundError:
            continue
        if (path / "model.safetensors").is_file() and (path / "tokenizer.json").is_file():
            return path
    return None


def fetch(name: str, on_progress: Callable[[int, int], None] | None = None) -> Path:
    """The directory of a model, downloaded if the cache does not have it.

    Raises:
        ModelLoadError: the hub cannot be reached, or the download failed.
    """
    if (path := cached(name)) is not None:
        return path
    repository = HUB_MODELS[name][0]
    try:
        httpx.head(
            f"https://huggingface.co/{repository}/resolve/main/config.json",
            timeout=REACHABLE_WITHIN_SECONDS,
            follow_redirects=True,
        ).raise_for_status()
        return Path(
            snapshot_download(
                repository, allow_patterns=FILES, tqdm_class=_reporting_bar(on_progress)
            )
        )
    except (httpx.HTTPError, HfHubHTTPError, OSError) as error:
        raise ModelLoadError(
            f"{name} is not in the local cache and cannot be fetched from the Hugging Face hub "
            f"({type(error).__name__}): connect to the network and retry, or use another model."
        ) from error


def _reporting_bar(on_progress: Callable[[int, int], None] | None) -> type[tqdm[Any]]:
    """A silent progress bar that adds up the bytes of all files and reports them."""
    lock = threading.Lock()
    bars: list[ReportingBar] = []

    class ReportingBar(tqdm):  # type: ignore[type-arg]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            self.bytes_expected = (kwargs.get("total") or 0) if kwargs.get("unit") == "B" else 0
            self.bytes_done = 0
            kwargs.pop("name", None)  # tqdm knows no such argument, the hub passes it
            super().__init__(*args, **(kwargs | {"disable": True}))
            with lock:
                bars.append(self)

        def update(self, n: float | None = 1) -> bool | None:
            self.bytes_done += int(n or 0)
            total = sum(int(bar.bytes_expected) for bar in bars)
            if on_progress is not None and self.bytes_expected:
                on_progress(sum(bar.bytes_done for bar in bars if bar.bytes_expected), total)
            return None

    return ReportingBar
