"""How soon the Patch page answers a key or a press; a section of docs/performance.md.

A real browser and the server on one machine: `frontend/scripts/measure-patching.mjs` at the page
that `make run` builds.
"""

from __future__ import annotations

from typing import Any

from attention_surgery.analyses import patching
from attention_surgery.engine.model import Model, load_model
from attention_surgery.settings import BUNDLED_MODEL
from benchmarks.browser import figures
from benchmarks.measure import describe_machine, duration, products_alone, seconds, table
from benchmarks.subjects import Subjects

ASKED = {
    "prompt": "When Mary and John went to the store, John gave a drink to",
    "corrupt": "When John and Mary went to the store, Mary gave a book to",
    "answer": " Mary",
    "foil": " John",
}
COMPONENTS = ("z", "q", "k", "v", "pattern")
GOALS = {"one component": 0.15, "five components": 0.4, "by position": 0.8}
HEAD = ["what", "on the screen", "from", "to", "goal", "the model alone", "its products alone"]


def measured(s: Subjects) -> str:
    alone = _alone(load_model(BUNDLED_MODEL))
    rows = []
    for name, times in figures("measure-patching.mjs", BUNDLED_MODEL).items():
        goal = f"≤ {duration(GOALS[name])}" if name in GOALS else ""
        least, median, most = (duration(times[each]) for each in ("least", "median", "most"))
        own = [duration(each) for each in alone[name]] if name in alone else ["", ""]
        rows.append([name, median, least, most, goal, *own])
        print(" | ".join(rows[-1]), flush=True)
    return _told(table(HEAD, rows), describe_machine(s.machine))


def _alone(model: Model) -> dict[str, tuple[float, float]]:
    """Seconds that the model needs for what the page asks, with nothing beside it, and of them
    those of the matrix products.
    """

    def best(**fields: Any) -> tuple[float, float]:
        def work() -> object:
            return patching(model, **ASKED, **fields)

        whole = min(seconds(work) for _ in range(5))
        return whole, min(products_alone(work) for _ in range(3))

    of_each = {each: best(component=each, estimate=True) for each in COMPONENTS}
    wholes, products = zip(*of_each.values(), strict=True)
    return {
        "one component": of_each["z"],
        "five components": (sum(wholes), sum(products)),
        "by position": best(each_position=True, heads=["L6H6"]),
    }


def _told(found: str, machine: str) -> str:
    return f"""Chromium at 1440 × 900 and the server on one machine, the bundled model, prompts of
15 tokens that differ from the third on. *One component*: from the last letter of the corrupt prompt
until all 144 numbers are drawn; *five components*: from the same letter until the answers of all
five are in the page, which asks for the other four by itself once the first stands;
*another component*: from the press on it then; *by position*: from the press on a head until its
strip over the tokens is drawn. Median, least and most. *The model alone* is the engine's time for
the same requests, estimates included, with no browser on its cores; *its products alone* are the
matrix products in it, which no code could do without.

{found}

{machine}"""
