"""The report of the benchmarks is made of sections, each a module, each measured alone."""

from __future__ import annotations

import inspect

import pytest

from benchmarks import report
from benchmarks.sections import NAMES, section


@pytest.mark.parametrize("name", NAMES)
def test_a_section_has_a_title_and_is_measured(name: str) -> None:
    assert section(name).TITLE
    assert list(inspect.signature(section(name).measured).parameters)


def test_no_two_sections_have_one_title() -> None:
    assert len({section(name).TITLE for name in NAMES}) == len(NAMES)


def test_a_section_measured_anew_leaves_the_others_as_they_are() -> None:
    order = ["Exact sweeps", "Views"]
    before = report.write({"Views": "| a |\n\nThen.", "Exact sweeps": "| b |"}, order)
    known = report.read(before)
    assert list(known) == order
    after = report.write(known | {"Exact sweeps": "| c |"}, order)
    assert report.read(after) == {"Exact sweeps": "| c |", "Views": "| a |\n\nThen."}
    assert report.write(known, order) == before


def test_results_hold_known_sections_alone() -> None:
    """A section that was renamed leaves no old figures behind."""
    text = report.RESULTS.read_text()
    titles = [section(name).TITLE for name in NAMES]
    assert set(report.read(text)) <= set(titles)
    assert report.write(report.read(text), titles) == text
