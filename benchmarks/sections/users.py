"""Many users at once: their rows in one batch, against one request after the other."""

from __future__ import annotations

from collections.abc import Iterator

from attention_surgery.settings import BUNDLED_MODEL
from benchmarks import side_by_side
from benchmarks.concurrency import Load, measure_users
from benchmarks.measure import duration, table
from benchmarks.subjects import Subjects

TITLE = "Many users"

NOTE = (
    "Busy users of one server, over HTTP, each with a prompt of its own of some 16 tokens and one "
    "cut. *Side by side*: up to 16 requests go through the model as rows of one batch "
    "(`engine/joint.py`); *one at a time*: the same server with "
    "`ATTENTION_SURGERY_ABREAST=1`. Goals: 8 users' views at least 2 times, with p95 at most 2 "
    "times p50; 16 users' texts at least 5 times; the slowest user gets at least half the mean."
)
WITHIN = (
    "The same without HTTP and queue; from its first cut on a text has two rows, three once it has "
    "parted. *Products*: those of side by side, made again by themselves; *at most*: the ratio if "
    "nothing else took time."
)

HEADER = ["what", "users", "one at a time", "side by side", "ratio", "p50", "p95", "slowest ÷ mean"]
WORK = {"next-token views": (0, 3.0), "texts of 50 tokens": (50, 6.0)}
USERS = (1, 2, 4, 8, 16, 32)


def measured(s: Subjects) -> str:
    lines = []
    for name, model in (("bundled", BUNDLED_MODEL), ("GPT-2 size", f"random={s.directory}")):
        for what, (new, seconds) in WORK.items():
            for line in _lines(f"{what}, {name}", model, new, seconds):
                lines.append(line)
                print(" | ".join(line), flush=True)
    models = {"bundled": s.bundled, "GPT-2 size": s.model}
    return f"{table(HEADER, lines)}\n\n{WITHIN}\n\n{side_by_side.measured(models)}"


def _lines(what: str, model: str, new: int, seconds: float) -> Iterator[list[str]]:
    def loads(abreast: int) -> list[Load]:
        return measure_users(
            USERS, models=model, seconds=seconds, max_new_tokens=new, ABREAST=str(abreast)
        )

    for one, many in zip(loads(1), loads(16), strict=True):
        yield [
            what,
            str(many.users),
            f"{one.per_second:.1f}/s",
            f"{many.per_second:.1f}/s",
            f"{many.per_second / one.per_second:.1f}",
            duration(many.p50),
            duration(many.p95),
            f"{many.slowest_share:.2f}",
        ]
