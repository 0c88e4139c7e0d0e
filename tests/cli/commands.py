"""A command as a shell runs it, in this process."""

from __future__ import annotations

import io
import json
import sys
from typing import Any

import pytest

from attention_surgery.cli import main

PROMPT = "When Mary and John went to the store, John gave a drink to"
OTHER = "When Anna and Paul went to the park, Paul gave a drink to"


class Run:
    """Exit code, output and error output of one command."""

    def __init__(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str
    ) -> None:
        monkeypatch.setattr(sys, "argv", ["attention-surgery", *words])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        self.code = end.value.code or 0
        self.out, self.err = capsys.readouterr()

    def json(self) -> Any:
        assert self.code == 0, self.err
        return json.loads(self.out)


def typed(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    """Let the command read this from standard input."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
