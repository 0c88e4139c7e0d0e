"""The README tells the truth: its code runs and prints what it says."""

from __future__ import annotations

import contextlib
import io
import os
import re
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from attention_surgery.cli import make_app
from attention_surgery.settings import markdown_table
from manual.reference import pages

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
PAGES += sorted((ROOT / "docs").rglob("*.md"))


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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_names_is_there(page: Path) -> None:
    """Links to files, and to headings of files; paths of this repository in code spans."""
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, heading = link.partition("#")
        if "://" in link:
            continue
        target = page.parent / path if path else page
        if made(target):
            continue
        assert target.exists(), link
        if heading and target.suffix == ".md":
            assert heading in headings(target), link
    for path in re.findall(
        r"`((?:attention_surgery|frontend|tests|docs|\.github)/[\w./-]+)`", text
    ):
        assert (ROOT / path).exists() or path == "frontend/dist", path


def made(target: Path) -> bool:
    """Whether it is a page that the manual's build makes; the build checks its headings."""
    address = os.path.relpath(target, ROOT / "docs")
    return address in pages()


def headings(page: Path) -> set[str]:
    """Their anchors, as hosts of Markdown make them."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}


def test_every_command_is_told() -> None:
    told = set(re.findall(r"attention-surgery ([a-z][a-z-]*)", README))
    registered = {command.name or "" for command in get_command(make_app()).commands.values()}  # type: ignore[attr-defined]
    assert told <= registered | {"run", "runs"}, told - registered
    assert {"doctor", "verify", "serve", "infer", "importance", "run", "runs", "tasks"} <= told
