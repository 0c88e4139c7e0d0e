"""The wheel, built from the sdist, in an environment that holds just what it asks for."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.install.linked import environment

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def build(folder: Path, target: str, to: Path) -> Path:
    """A wheel or an sdist of the project in a folder."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(to)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = to.glob("*.whl" if target == "wheel" else "*.tar.gz")
    return built


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist, unpacked."""
    folder = tmp_path_factory.mktemp("sdist")
    with tarfile.open(build(ROOT, "sdist", folder)) as archive:
        archive.extractall(folder, filter="data")
    (unpacked,) = (path for path in folder.iterdir() if path.is_dir())
    return unpacked


@pytest.fixture(scope="session")
def wheel(unpacked: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from the sdist: that one is complete then."""
    return build(unpacked, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of an environment as the image has it, less what its Dockerfile takes away."""
    runtime = [Requirement(line) for line in PROJECT["dependencies"]]
    runtime += [Requirement(line) for line in PROJECT["optional-dependencies"]["postgres"]]
    folder = tmp_path_factory.mktemp("environment") / "venv"
    found = environment(folder, wheel, runtime)
    (place,) = folder.glob("lib/python*/site-packages")
    dockerfile = (ROOT / "Dockerfile").read_text().replace("\\\n", "")
    (less,) = re.findall(r"^RUN cd /venv/\S+ && (.*)$", dockerfile, re.MULTILINE)
    subprocess.run(["sh", "-ec", less], cwd=place, check=True)
    return found


@pytest.fixture
def served(programs: Path, tmp_path: Path) -> Iterator[str]:
    """The address of `attention-surgery serve`, with no other program to be found."""
    alone = {"PATH": str(programs), "HOME": str(tmp_path), "HF_HUB_OFFLINE": "1"}
    threads = {k: v for k, v in os.environ.items() if k.startswith(("OPENBLAS", "OMP", "MKL"))}
    with subprocess.Popen(
        [programs / "attention-surgery", "serve", "--port", "0"],
        cwd=tmp_path,
        env=alone | threads,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stderr is not None
        said = []
        for line in server.stderr:
            said.append(line)
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                yield found[0]
                break
        else:
            pytest.fail("".join(said))
        server.terminate()
        server.stderr.read()
