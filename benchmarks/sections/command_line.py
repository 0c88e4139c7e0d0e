"""The command line from its start to its end, a process each time."""

from __future__ import annotations

import os
import subprocess
import sys

from attention_surgery.engine.model import BUNDLED_NAME
from benchmarks.measure import duration, seconds, table
from benchmarks.subjects import Subjects

TITLE = "The command line"
NOTE = (
    "Least wall time of whole processes in turns. The floor is a process that imports torch and "
    "does nothing else."
)
RUNS = 5
PROMPT = "When Mary and John went to the store, John gave a drink to"
COMMANDS = {
    "--help": ("--help",),
    "infer, 20 new tokens, bundled model": ("infer", PROMPT, "-c", "L9H6", "-m", BUNDLED_NAME),
}
FLOOR = (sys.executable, "-c", "import torch")


def measured(_: Subjects) -> str:
    least = {name: float("inf") for name in ("floor", *COMMANDS)}
    for _run in range(RUNS):
        least["floor"] = min(least["floor"], seconds(_process, *FLOOR))
        for name, words in COMMANDS.items():
            ours = seconds(_process, sys.executable, "-m", "attention_surgery", *words)
            least[name] = min(least[name], ours)
    floor = least.pop("floor")
    return table(
        ["command", "ours", "import torch", "ours ÷ floor"],
        [
            [name, duration(ours), duration(floor), f"{ours / floor:.2f}"]
            for name, ours in least.items()
        ],
    )


def _process(*words: str) -> None:
    """As it is installed: with its modules compiled, which the first run sees to."""
    compiled = {n: v for n, v in os.environ.items() if n != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(words, check=True, capture_output=True, env=compiled)
