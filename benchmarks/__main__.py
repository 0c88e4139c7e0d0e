"""Compare with the peers, and print how the cost grows; `python -m benchmarks --help`."""

from __future__ import annotations

import argparse
import warnings

from attention_surgery.engine.cores import use_threads
from benchmarks import causes, page, patch_page, report
from benchmarks.measure import describe_machine
from benchmarks.performance import CAUSAL, ON_PAGE, ON_PATCH_PAGE, put
from benchmarks.sections import NAMES, section
from benchmarks.subjects import Subjects

CAUSES, GROWTH, PAGE, PATCH_PAGE = "causes", "growth", "page", "patch_page"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "parts",
        nargs="*",
        metavar="part",
        help=f"a section of RESULTS.md ({', '.join(NAMES)}), or of docs/performance.md: {CAUSES}, "
        f"the causal analyses with the prompt, {PAGE} and {PATCH_PAGE}, the page in a browser, and "
        f"{GROWTH}, cost against prompt length, pairs, model size, items and users; all when none "
        "is named",
    )
    every = (*NAMES, CAUSES, PAGE, PATCH_PAGE, GROWTH)
    parts = parser.parse_args().parts or every
    if unknown := set(parts) - {*every}:
        parser.error(f"there is no part {min(unknown)}: use {', '.join(every)}")
    use_threads()
    warnings.simplefilter("ignore")
    with Subjects.made() as subjects:
        for name in parts:
            if name in NAMES:
                measure(name, subjects)
        if CAUSES in parts:
            put({CAUSAL: causes.measured(subjects)})
        if PAGE in parts:
            put({ON_PAGE: page.measured(subjects)})
        if PATCH_PAGE in parts:
            put({ON_PATCH_PAGE: patch_page.measured(subjects)})
        if GROWTH in parts:
            from benchmarks.growth import write_performance_page

            write_performance_page(subjects.directory)


def measure(name: str, subjects: Subjects) -> None:
    """Measure a section and put it in its place in RESULTS.md."""
    about = section(name)
    paragraphs = [about.measured(subjects), describe_machine(subjects.machine)]
    if note := getattr(about, "NOTE", None):
        paragraphs.insert(0, note)
    known = report.read(report.RESULTS.read_text())
    known[about.TITLE] = "\n\n".join(paragraphs)
    report.RESULTS.write_text(report.write(known, [section(each).TITLE for each in NAMES]))
    print(f"{about.TITLE}: written to {report.RESULTS.name}", flush=True)


if __name__ == "__main__":
    main()
