"""The settings of a server."""

from __future__ import annotations

from attention_surgery.settings import markdown_table
from manual.markdown import page
from manual.pictures import picture


def text() -> str:
    return page(
        "# Settings",
        "Environment variables, read when a server starts; a wrong one is told in a sentence, and "
        "nothing starts. `attention-surgery serve --help` lists the most used ones as options. The "
        "commands read those of the model (`MODELS`, `DEVICE`, `PRECISION`, `THREADS`) and of the "
        "database.",
        picture("doctor", "attention-surgery doctor: what they came to on this machine", up=1),
        markdown_table(),
    )
