"""Fetch GPT-2 from the Hugging Face hub, or find it in the cache without asking the network."""

from __future__ import annotations

import errno
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from huggingface_hub import get_session, hf_hub_url, snapshot_download
from huggingface_hub.errors import LocalEntryNotFoundError
from tqdm.auto import tqdm

from attention_surgery.engine.hub_models import HUB_MODELS
from attention_surgery.errors import ModelLoadError

FILES = ["config.json", "tokenizer.json", "model.safetensors"]
REACHABLE_WITHIN_SECONDS = 5.0


def cached(name: str) -> Path | None:
    """The directory of a model that is complete in the local cache, else None.

    The pinned commit before any other that is there: offline, an older one is better than none,
    and `Model.revision` says which it is.
    """
    return next((path for path in _snapshots(name) if _is_complete(path)), None)


def fetch(name: str, on_progress: Callable[[int, int], None] | None = None) -> Path:
    """The directory of a model, its pinned commit downloaded if the cache has none.

    Raises:
        ModelLoadError: the hub cannot be reached, or the download failed.
    """
    if (path := cached(name)) is not None:
        return path
    model = HUB_MODELS[name]
    try:
        _reach(hf_hub_url(model.repository, "config.json", revision=model.commit))
        path = Path(
            snapshot_download(
                model.repository,
                revision=model.commit,
                allow_patterns=FILES,
                tqdm_class=_reporting_bar(on_progress),
            )
        )
    except Exception as error:  # the hub's client raises what its HTTP library of the day does
        raise ModelLoadError(_sentence(name, error)) from error
    if not _is_complete(path):
        raise ModelLoadError(
            f"The download of {name} from the Hugging Face hub is not complete: connect to the "
            "network and retry, or use another model."
        )
    return path


def _snapshots(name: str) -> Iterator[Path]:
    repositories = HUB_MODELS[name].repository, name  # older caches have the short names
    for revision in (HUB_MODELS[name].commit, None):
        for repository in repositories:
            try:
                yield Path(
                    snapshot_download(
                        repository, revision=revision, allow_patterns=FILES, local_files_only=True
                    )
                )
            except LocalEntryNotFoundError:
                continue


def _is_complete(snapshot: Path) -> bool:
    return all((snapshot / name).is_file() for name in FILES)


def _reach(url: str) -> None:
    """Fail at once where the hub is out of reach; a download would try again and again."""
    answer = get_session().head(url, timeout=REACHABLE_WITHIN_SECONDS, follow_redirects=True)
    answer.raise_for_status()


def _sentence(name: str, error: Exception) -> str:
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return f"The disk is too full to download {name}: free some space and retry."
    return (
        f"{name} is not in the local cache and cannot be fetched from the Hugging Face hub "
        f"({type(error).__name__}): connect to the network and retry, or use another model."
    )


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
