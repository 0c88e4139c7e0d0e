"""Commands on the model that is loaded already."""

from __future__ import annotations

from typing import Any

import pytest

from attention_surgery import Model, loading
from attention_surgery.settings import BUNDLED_MODEL, PREFIX

from .commands import Run


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, bundled: Model) -> Any:
    """Run a command in this process, on the model that is loaded already."""
    monkeypatch.setenv(f"{PREFIX}MODELS", BUNDLED_MODEL)
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setattr(loading, "load_source", lambda *_: bundled)
    return lambda *words: Run(capsys, monkeypatch, *words)
