"""Give freed memory back to the system.

glibc keeps what a long prompt needed for minutes after it is freed; on a small host that is the
difference between two models and one.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from functools import cache


def give_back() -> None:
    """Return free pages, where the C library can."""
    _trim()()


@cache
def _trim() -> Callable[[], object]:
    if not sys.platform.startswith("linux"):
        return lambda: None
    library = ctypes.CDLL(None)
    if not hasattr(library, "malloc_trim"):  # musl
        return lambda: None
    return lambda: library.malloc_trim(0)
