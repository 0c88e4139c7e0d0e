"""What is imported is declared, and what is pinned is what is declared."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUNTIME = [Requirement(line) for line in PROJECT["project"]["dependencies"]]
EXTRAS = [
    Requirement(line)
    for lines in PROJECT["project"].get("optional-dependencies", {}).values()
    for line in lines
]
DEV = [
    Requirement(line)
    for lines in PROJECT["dependency-groups"].values()
    for line in lines
    if isinstance(line, str)
]
OURS = {"attention_surgery", "benchmarks", "manual", "tests", "training"}


def pinned(file: str) -> dict[str, str]:
    lines = (ROOT / file).read_text().splitlines()
    pins = [re.split(r"==|\s;", line) for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version, *_ in pins}


def names(requirements: list[Requirement]) -> set[str]:
    return {canonicalize_name(requirement.name) for requirement in requirements}


def imported(folder: str) -> Iterator[tuple[str, str]]:
    """File and top-level name of each import, those of this repository and of Python left out."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            found = []
            if isinstance(node, ast.Import):
                found = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                found = [node.module or ""]
            for name in {each.split(".")[0] for each in found} - OURS - sys.stdlib_module_names:
                yield str(path.relative_to(ROOT)), name


distributions_of = cache(packages_distributions)


def undeclared(folder: str, declared: set[str]) -> list[str]:
    distributions = distributions_of()
    return [
        f"{file} imports {name}"
        for file, name in imported(folder)
        if not declared & {canonicalize_name(each) for each in distributions.get(name, [name])}
    ]


def test_the_package_imports_only_what_its_users_get_or_can_ask_for() -> None:
    assert undeclared("attention_surgery", names(RUNTIME + EXTRAS)) == []


@pytest.mark.parametrize("folder", ["tests", "training", "benchmarks", "manual"])
def test_what_is_beside_the_package_imports_only_what_developers_get(folder: str) -> None:
    declared = names(RUNTIME + EXTRAS + DEV) | pinned_extras(folder)
    assert undeclared(folder, declared) == []


def pinned_extras(folder: str) -> set[str]:
    """What `make bench` and `make circuits` install on top."""
    file = f"{folder}/requirements.txt"
    if not (ROOT / file).exists():
        return set()
    lines = (ROOT / file).read_text().splitlines()
    return names([Requirement(line) for line in lines if line and not line.startswith(("#", "-"))])


def test_each_declared_package_is_pinned_to_a_version_that_is_allowed() -> None:
    pins = pinned("requirements.txt")
    for requirement in RUNTIME + DEV:
        version = pins[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), f"{requirement} and {version}"


def test_pins_are_plain() -> None:
    """No address, no hash, no local version: pip installs them from any index."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    plain = re.compile(r'[\w.-]+==[\w.]+( ; sys_platform != "win32")?')
    assert [line for line in lines if not line.startswith("#") and not plain.fullmatch(line)] == []


def test_private_operations_of_torch_have_an_upper_bound() -> None:
    (torch,) = (requirement for requirement in RUNTIME if requirement.name == "torch")
    assert not torch.specifier.contains("2.14.0")
