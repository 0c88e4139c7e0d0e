"""Import TransformerLens without what a server never uses of it.

TransformerLens imports `datasets` and `pandas`, and with them pyarrow, for helpers that fetch
training data and label plots: a fifth of the memory of a small server and two seconds of its
start. In the process of a server, and only there, stand-ins take their place during that import.
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType

LEFT_OUT = (
    "datasets",
    "datasets.arrow_dataset",
    "datasets.iterable_dataset",
    "datasets.load",
    "pandas",
)


class _StandIn(ModuleType):
    """A module whose every public name is an empty class."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__spec__ = ModuleSpec(name, None)
        self.__path__: list[str] = []

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


def import_transformer_lens() -> None:
    """Import it leanly, unless it or what is left out has been imported already."""
    if any(name in sys.modules for name in ("transformer_lens", *LEFT_OUT)):
        return
    sys.modules.update({name: _StandIn(name) for name in LEFT_OUT})
    try:
        import transformer_lens  # noqa: F401
    finally:
        for name in LEFT_OUT:
            sys.modules.pop(name, None)
