"""docs/notebook.md tells the truth: its code runs, and prints what it says."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot

PAGE = (Path(__file__).parents[2] / "docs" / "notebook.md").read_text()


def test_the_examples_print_what_their_comments_say() -> None:
    mpl.use("agg")
    code = "\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, {})
    pyplot.close("all")
    promised = re.findall(r"print\(.*\)  # (.*)", code)
    assert printed.getvalue().splitlines() == promised
