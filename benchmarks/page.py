"""How smoothly the page draws and how soon it answers; a section of docs/performance.md.

A real browser and the server on one machine: `frontend/scripts/measure-stream.mjs` at the page
that `make run` builds.
"""

from __future__ import annotations

from attention_surgery.settings import BUNDLED_MODEL
from benchmarks.browser import figures
from benchmarks.measure import describe_machine, duration, table
from benchmarks.subjects import Subjects

GPT2 = "GPT-2 Small's shape"
TOKENS = {"bundled": 250, GPT2: 60}
CLICK = {"bundled": "≤ 90 ms", GPT2: "≤ 150 ms"}
SMOOTH = "≥ 50"
HEAD = ["model", "tokens", "frames a second", "goal", "longest frame"]
HEAD += ["from a click to its next token", "goal", "the answer is there after"]


def measured(s: Subjects) -> str:
    models = {"bundled": BUNDLED_MODEL, GPT2: f"gpt2-random={s.directory}"}
    rows = []
    for name, model in models.items():
        of = figures("measure-stream.mjs", model, str(TOKENS[name]))
        counts = [f"{of['tokens']:.0f}", f"{of['framesASecond']:.0f}", SMOOTH]
        longest, click, answer = (
            duration(of[each] / 1000) for each in ("longestFrame", "click", "answered")
        )
        rows.append([name, *counts, longest, click, CLICK[name], answer])
        print(" | ".join(rows[-1]), flush=True)
    return _told(table(HEAD, rows), describe_machine(s.machine))


def _told(found: str, machine: str) -> str:
    return f"""Chromium at 1440 × 900 and the server on one machine. Frames: while both texts are
written, of which 250 tokens fill the bundled model's context of 256 with the prompt's six; median
of three runs. A click: on a head, until the bars of the next token that it changes are drawn;
median of 15 clicks.

{found}

What follows the answer is the page's. Before it the model works, on the cores on which the browser
draws the cut meanwhile: what is missing to a goal is missing there.

{machine}"""
