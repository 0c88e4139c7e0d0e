"""An environment that holds one wheel and just what it asks for, made in a second.

The files of what it asks for are links to those that are installed here: the pinned versions, and
no other distribution is importable.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def needed(requirements: list[Requirement]) -> dict[str, Distribution]:
    """What they need, and what that needs."""
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [(each, "") for each in requirements]
    while waiting:
        requirement, extra = waiting.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        installed = found.setdefault(name, distribution(name))
        for wanted in ["", *requirement.extras]:
            if (name, wanted) not in seen:
                seen.add((name, wanted))
                waiting += [(Requirement(line), wanted) for line in installed.requires or ()]
    return found


def environment(folder: Path, wheel: Path, requirements: list[Requirement]) -> Path:
    """Make it; the folder of its programs."""
    venv.create(folder, symlinks=True)
    (place,) = folder.glob("lib/python*/site-packages")
    for installed in needed(requirements).values():
        for file in installed.files or ():
            link, target = place / file, Path(str(installed.locate_file(file)))
            if ".." not in file.parts and target.is_file() and not link.exists():
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(target)
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python")]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", str(wheel)], check=True)
    subprocess.run([*pip, "check"], check=True, stdout=subprocess.DEVNULL)
    return folder / "bin"
