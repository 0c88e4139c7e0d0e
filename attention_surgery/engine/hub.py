"""Fetch GPT-2 from the Hugging Face hub, or find it in the cache without asking the network."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from huggingface_hub import constants, snapshot_download
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
            f"{constants.ENDPOINT}/{repository}/resolve/main/config.json",
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
    """A bar that shows nothing and reports bytes.

    The hub keeps two bars of bytes, received and written: two views of one download.
    """
    bars: list[ReportingBar] = []

    class ReportingBar(tqdm):  # type: ignore[type-arg]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **(kwargs | {"file": _Silence()}))
            if self.unit == "B":
                bars.append(self)

        def update(self, n: float | None = 1) -> bool | None:
            shown = super().update(n)
            if on_progress is not None and self in bars:
                done, total = (
                    max(int(getattr(bar, k) or 0) for bar in bars) for k in ("n", "total")
                )
                on_progress(done, total)
            return shown

    return ReportingBar


class _Silence(io.StringIO):
    def write(self, text: str, /) -> int:
        return len(text)
