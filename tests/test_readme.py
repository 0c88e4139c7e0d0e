"""The README tells the truth: its code runs and prints what it says."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

from typer.testing import CliRunner

from attention_surgery.cli import make_app
from attention_surgery.settings import markdown_table

README = (Path(__file__).parent.parent / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_settings_table_is_current() -> None:
    # Refresh it with the output of `python -m attention_surgery.settings`.
    written = README.split("<!-- settings -->\n")[1].split("\n<!-- /settings -->")[0]
    assert written == markdown_table()


def test_the_python_example_prints_what_its_comments_say() -> None:
    (code,) = blocks("python")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, {})
    promised = re.findall(r"print\(.*\)  # (.*)", code)
    for line, promise in zip(printed.getvalue().splitlines(), promised, strict=True):
        pattern = re.escape(promise).replace("…", r"\d*").replace(r"\ ", r"\s+")
        assert re.fullmatch(pattern, line.strip()), (line, promise)


def test_the_console_example_shows_real_output() -> None:
    (console,) = blocks("console")
    command, *output = console.replace("\\\n", "").strip().splitlines()
    words = re.findall(r'"[^"]*"|\S+', command.removeprefix("$ attention-surgery "))
    words = [word.strip('"') for word in words]
    result = CliRunner().invoke(make_app(), words, env={"COLUMNS": "100"})
    assert result.exit_code == 0
    shown = [line.rstrip() for line in result.stdout.splitlines()]
    assert shown[: len(output)] == [line.rstrip() for line in output]
