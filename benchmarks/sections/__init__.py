"""The sections of RESULTS.md: one module each, found by being in this folder.

A section has a `TITLE`, a function `measured(subjects)` that gives its table in Markdown, and, if
there is something to explain, a `NOTE`. `python -m benchmarks NAME` measures one anew.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

NAMES = tuple(sorted(found.name for found in iter_modules(__path__)))


def section(name: str) -> Any:
    """The module of a section; imported when it is asked for, as are its peers."""
    return import_module(f"{__name__}.{name}")
