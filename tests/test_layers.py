"""Imports point one way: api → service → store; analyses → scripts → engine → interventions."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import attention_surgery
from attention_surgery.errors import InvalidRequest, ModelLoadError

PACKAGE = Path(attention_surgery.__file__).parent
ALLOWED: dict[str, set[str]] = {
    "errors": set(),
    "settings": {"store"},
    "store": {"errors"},
    "interventions": {"errors"},
    "metrics": {"errors"},
    "statistics": {"errors"},
    "tasks": {"interventions", "errors"},
    "scripts": {"engine", "interventions", "metrics", "errors"},
    "engine": {"interventions", "metrics", "errors"},
    "analyses": {
        "engine",
        "scripts",
        "statistics",
        "tasks",
        "interventions",
        "metrics",
        "errors",
        "__version__",
    },
    "runs": {
        "tasks",
        "analyses",
        "statistics",
        "store",
        "engine",
        "interventions",
        "metrics",
        "errors",
        "__version__",
    },
    "service": {
        "cluster",
        "runs",
        "tasks",
        "store",
        "analyses",
        "interventions",
        "engine",
        "errors",
        "settings",
    },
    "api": {
        "service",
        "cluster",
        "runs",
        "tasks",
        "store",
        "analyses",
        "interventions",
        "errors",
        "settings",
        "__version__",
    },
    "terminal": {"analyses"},
    "tables": {"terminal", "analyses"},
    "reading": {"errors"},
    "cutting": {"reading", "interventions", "errors"},
    "loading": {"terminal", "engine", "errors", "settings"},
    "commands": {
        "tables",
        "terminal",
        "loading",
        "cutting",
        "reading",
        "tasks",
        "analyses",
        "interventions",
        "errors",
        "settings",
    },
    "notebook": {"analyses", "interventions", "metrics", "engine", "errors", "settings"},
    "cluster": {"runs", "engine", "errors", "__version__"},
    "running": {
        "cluster",
        "runs",
        "tasks",
        "store",
        "commands",
        "terminal",
        "loading",
        "engine",
        "errors",
        "settings",
    },
    "tasks_command": {
        "tables",
        "terminal",
        "loading",
        "commands",
        "reading",
        "tasks",
        "analyses",
    },
    "doctor": {
        "api",
        "store",
        "commands",
        "tables",
        "terminal",
        "loading",
        "engine",
        "analyses",
        "errors",
        "settings",
        "__version__",
    },
    "cli": {
        "running",
        "doctor",
        "tasks_command",
        "commands",
        "tables",
        "terminal",
        "loading",
        "api",
        "engine",
        "errors",
        "settings",
        "__version__",
    },
    "__init__": {"analyses", "engine", "interventions", "errors"},
    "__main__": {"cli"},
}
NOT_IN_ENGINE = {
    "fastapi",
    "starlette",
    "uvicorn",
    "pydantic_settings",
    "asyncio",
    "typer",
}

# What is not installed with the package.
BESIDE_THE_PACKAGE = {"benchmarks", "tests", "training"}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_one_way(path: Path) -> None:
    part = part_of(path)
    for name in imports(path):
        top, *rest = name.split(".")
        if top == "attention_surgery" and rest:
            assert rest[0] == part or rest[0] in ALLOWED[part], f"{part} imports {name}"
        assert top not in BESIDE_THE_PACKAGE, f"{part} imports {name}"
        assert not (part == "engine" and top in NOT_IN_ENGINE), f"the engine imports {name}"
        assert not (part != "api" and part != "cli" and top in {"fastapi", "starlette"}), name


def test_every_part_of_the_package_has_a_place() -> None:
    assert {part_of(path) for path in modules()} <= set(ALLOWED)


def test_requests_and_interventions_do_not_import_torch() -> None:
    """In a process of its own, because this one has torch already."""
    wanted = "attention_surgery.analyses, attention_surgery.tasks"
    code = f"import sys, {wanted}\nprint('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_what_needs_no_database_does_not_import_one() -> None:
    code = (
        "import sys, attention_surgery, attention_surgery.cli, attention_surgery.api.factory\n"
        "print({'sqlalchemy', 'alembic', 'psycopg'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_the_public_api_is_what_it_lists() -> None:
    for name in attention_surgery.__all__:
        assert getattr(attention_surgery, name) is not None
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        attention_surgery.nothing_of_the_kind  # noqa: B018


def test_what_an_analysis_may_raise_can_be_caught_by_its_name() -> None:
    raised = [InvalidRequest, *InvalidRequest.__subclasses__(), ModelLoadError]
    assert {error.__name__ for error in raised} <= set(attention_surgery.__all__)
