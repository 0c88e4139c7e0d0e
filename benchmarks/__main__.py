"""Compare with the peers, and print how the cost grows; `python -m benchmarks --help`."""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

from attention_surgery.engine.kernels import use_threads
from benchmarks.measure import describe_machine, duration, table
from benchmarks.random_gpt2 import save_random_gpt2
from benchmarks.rows import Row, Subjects, rows

RESULTS = Path(__file__).parent / "RESULTS.md"
HEADER = [
    "what",
    "ours",
    "peer",
    "",
    "ratio",
    "target",
    "floor",
    "ours ÷ floor",
    "memory ours / peer",
]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "part",
        nargs="?",
        choices=["all", "peers", "precision", "growth"],
        default="all",
        help="peers: the table of RESULTS.md; precision: bfloat16 against float32; "
        "growth: cost against prompt length, model size and users, for docs/performance.md",
    )
    part = parser.parse_args().part
    use_threads()
    warnings.simplefilter("ignore")
    with TemporaryDirectory() as folder:
        directory = save_random_gpt2(Path(folder) / "gpt2-random")
        if part in ("all", "peers", "precision"):
            _results(directory, with_peers=part != "precision")
        if part in ("all", "growth"):
            from benchmarks.growth import write_performance_page

            write_performance_page(directory)


def _results(directory: Path, *, with_peers: bool) -> None:
    from benchmarks.precision import precision_table

    if not with_peers:
        print(precision_table(directory))
        return
    subjects = Subjects.load(directory)
    machine = describe_machine(subjects.machine)
    print(machine, flush=True)
    lines = []
    for row in rows(subjects):
        lines.append(cells(row))
        print(" | ".join(lines[-1]), flush=True)
    RESULTS.write_text(
        f"""# Side by side

Written by `make bench`. GPT-2 Small's shape, random weights, float32. {machine}

Each row: median of alternating runs of both sides in one process, both warmed up. The floor is what
this machine needs at the least: bytes of weights ÷ bandwidth for decoding, FLOPs ÷ product rate for
the rest. Memory is what a run adds to the resident memory of the loaded models. The peers' loops
over heads are timed on every eighth head, times eight.

{table(HEADER, lines)}

## bfloat16

`precision="bfloat16"` against float32 on the same weights:

{precision_table(directory)}
"""
    )
    print(f"written to {RESULTS.name}")


def cells(row: Row) -> list[str]:
    result = row.result
    in_megabytes = "MB" in row.name
    show = (lambda v: f"{v:.0f} MB") if in_megabytes else duration
    return [
        row.name,
        show(result.ours),
        show(result.peer),
        row.peer,
        f"{result.ratio:.1f}",
        row.target,
        duration(row.floor) if row.floor else "",
        f"{result.ours / row.floor:.1f}" if row.floor else "",
        f"{result.ours_megabytes:.0f} / {result.peer_megabytes:.0f} MB",
    ]


if __name__ == "__main__":
    main()
