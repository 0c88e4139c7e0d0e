"""The manual tells the truth: its commands and its code run, its reference leaves nothing out."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shlex
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest
from matplotlib import pyplot
from typer.main import get_command

import attention_surgery as surgeon
from attention_surgery import Model, loading
from attention_surgery.analyses import analyses
from attention_surgery.cli import make_app
from attention_surgery.interventions.registry import methods, unregister
from attention_surgery.metrics import metrics
from attention_surgery.settings import BUNDLED_MODEL, PREFIX
from attention_surgery.tasks import task_kinds
from manual.mathml import drawn
from manual.names import breakable
from manual.reference import pages
from manual.schema import document

from .cli.commands import Run, typed

DOCS = Path(__file__).parents[1] / "docs"
PAGES = sorted(
    [DOCS / "index.md", DOCS / "causal-analyses.md"]
    + [
        page
        for folder in ("tutorials", "how-to", "explanation")
        for page in (DOCS / folder).glob("*.md")
    ]
)
FENCE = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```', re.MULTILINE | re.DOTALL)
# What does not end, names what a reader has, or takes minutes; tests/cli has shorter ones of these.
LEFT_OUT = (
    "serve",
    "head.example",
    " ID",
    "interactions",
    "--with order=abba",
    "--circuit ioi --json",
)
# What takes more than a moment: a run of each head, or of each item.
SLOW = (
    "circuit",
    "interactions",
    "--cluster",
    "verify",
    "run ",
    "runs",
    "paths",
    "repair",
    "doctor",
)
SLOW += ("doctor", "patch", "importance", "head-types")
SLOW_CODE = ("importance(", "patching(", "HeadGrid(")


def blocks(page: Path, *languages: str) -> list[str]:
    """Code that is no file."""
    found = FENCE.findall(page.read_text())
    return [text for language, title, text in found if language in languages and not title]


def commands(page: Path) -> list[str]:
    lines = "".join(blocks(page, "sh")).replace("\\\n", " ").splitlines()
    lines = [re.sub(r"\s+# .*", "", line) for line in lines]
    known = re.compile(r"(\w+=|attention-surgery |.*\| attention-surgery )")
    return [each for each in lines if known.match(each) and not any(w in each for w in LEFT_OUT)]


def cases() -> list[Any]:
    """Each page with its quick commands, and once more with all where some are slow."""
    found = []
    for page in PAGES:
        told = commands(page)
        quick = [each for each in told if not any(word in each for word in SLOW)]
        name = f"{page.parent.name}/{page.stem}"
        if any("attention-surgery" in each for each in quick):
            found.append(pytest.param(page, quick, id=name))
        if quick != told:
            marks = [pytest.mark.long]
            if any("--cluster" in each for each in told):
                marks.append(pytest.mark.cluster)
            found.append(pytest.param(page, told, id=f"{name}-all", marks=marks))
    return found


@pytest.fixture
def shell(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    bundled: Model,
) -> Any:
    """Runs a line of a page's commands in this process, in an empty folder."""
    monkeypatch.setenv(f"{PREFIX}MODELS", BUNDLED_MODEL)
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(loading, "load_source", lambda *_: bundled)
    monkeypatch.chdir(tmp_path)
    variables: dict[str, str] = {}

    def execute(line: str) -> None:
        for name, value in variables.items():
            line = line.replace(f'"${name}"', shlex.quote(value))
        words = shlex.split(line)
        if re.fullmatch(r"\w+=.*", words[0]):
            name, _, variables[name] = words[0].partition("=")
            return
        if words[0] == "echo":
            typed(monkeypatch, f"{words[1]}\n".encode())
            words = words[words.index("|") + 1 :]
        words, file = (words[:-2], Path(words[-1])) if ">" in words else (words, None)
        assert words[0] == "attention-surgery", line
        shown = Run(capsys, monkeypatch, *words[1:])
        assert shown.code == 0, f"{line}: {shown.err}"
        assert shown.out.strip(), line
        if file is not None:
            file.write_text(shown.out)

    return execute


@pytest.mark.parametrize(("page", "lines"), cases())
def test_the_commands_of_a_page_work(page: Path, lines: list[str], shell: Any) -> None:
    for _, title, text in FENCE.findall(page.read_text()):
        if title:
            Path(title).write_text(text)
    for line in lines:
        shell(line)


def pages_with_code() -> list[Any]:
    found = []
    for page in PAGES:
        code = "".join(blocks(page, "python"))
        long = [pytest.mark.long] * any(word in code for word in SLOW_CODE)
        if code:
            found.append(pytest.param(page, id=page.stem, marks=long))
    return found


@pytest.mark.parametrize("page", pages_with_code())
def test_the_code_of_a_page_prints_what_its_comments_say(
    page: Path, monkeypatch: pytest.MonkeyPatch, bundled: Model, tmp_path: Path
) -> None:
    mpl.use("agg")
    monkeypatch.setattr(surgeon, "load_model", lambda _: bundled, raising=False)
    monkeypatch.chdir(tmp_path)
    code, known = "\n".join(blocks(page, "python")), methods()
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(code, str(page), "exec", dont_inherit=True), {"__name__": "manual"})
    finally:
        pyplot.close("all")
        for method in set(methods()) - set(known):
            unregister(method)
    said = [line.strip() for line in printed.getvalue().splitlines()]
    assert said == re.findall(r"print\(.*\)  # (.*)", code)


def test_the_requests_of_the_manual_are_answered(bundled: Model) -> None:
    by_path = {each.path(): each for each in analyses()}
    told = "".join(text for page in PAGES for text in blocks(page, "sh"))
    asked = re.findall(r"localhost:8000(/\S+) .*?-d '(.*?)'", told, re.DOTALL)
    assert asked
    for path, body in asked:
        by_path[path].ask(**json.loads(body)).run(bundled)


def test_the_reference_leaves_nothing_out() -> None:
    made = {address: text() for address, text in pages().items()}
    for each in methods():
        assert f"{{ #{each.name()} }}" in made["reference/methods.md"]
    for metric in metrics():
        assert f"{{ #{metric.name} }}" in made["reference/metrics.md"]
    for kind in task_kinds():
        assert f"{{ #{kind.name} }}" in made["reference/tasks.md"]
    for path, operations in document()["paths"].items():
        for method in operations:
            told = f"`{method.upper()} {path}`"
            twin = path.endswith(("/stream", "/code"))
            assert twin or told in made["reference/rest.md"]
    for name, command in get_command(make_app()).commands.items():  # type: ignore[attr-defined]
        assert f"attention-surgery {name}" in made["reference/cli.md"]
        for parameter in command.params:
            option = parameter.opts[0] if parameter.opts[0].startswith("-") else "[PROMPT]"
            assert f"`{option}" in made["reference/cli.md"]
    for analysis in analyses():
        address = f"reference/analyses/{analysis.path().strip('/').replace('/', '-')}.md"
        for field in analysis.model_fields:
            assert f"`{field}`" in made[address] or not analysis.reads_prompt
    for name in surgeon.__all__:
        thing = getattr(surgeon, name)
        if callable(thing) and not isinstance(thing, type):
            assert f".{name}\n" in made["reference/python.md"], name


@pytest.mark.parametrize("thing", [*methods(), *metrics()], ids=lambda thing: thing.title)
def test_every_formula_can_be_drawn(thing: Any) -> None:
    shown = drawn(f'<div class="arithmatex">\\[{thing.formula}\\]</div>')
    assert shown.startswith("<math")
    assert "merror" not in shown


def test_names_break_in_tables_alone() -> None:
    name = "<code>ATTENTION_SURGERY_THREADS</code>"
    cell = breakable(f"<td>{name} a_b</td>{name}")
    assert cell.replace("<wbr>", "") == f"<td>{name} a_b</td>{name}"
    assert cell.split("<wbr>") == [
        "<td><code>ATTENTION_",
        "SURGERY_",
        f"THREADS</code> a_b</td>{name}",
    ]
