"""On how many threads a step runs, judged from times that the test makes up."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import pytest
import torch

from attention_surgery.engine import cores
from attention_surgery.engine.cores import FIRST_REST, WINDOW, Crowding, use_threads
from attention_surgery.engine.steps import drain


@dataclass
class Machine:
    """Two cores, of which another program has so much of the second."""

    taken: float = 0.0
    now: float = 0.0
    had: float = 0.0

    def crowding(self) -> Crowding:
        return Crowding(2, lambda: self.now, lambda: self.had)

    def step(self, crowding: Crowding, seconds: float = WINDOW) -> int:
        threads = crowding.threads
        with crowding.judged():
            self.now += seconds
            self.had += seconds * (threads - self.taken if threads > 1 else 1)
        return threads


def test_alone_every_step_has_all_threads() -> None:
    machine = Machine()
    crowding = machine.crowding()
    assert {machine.step(crowding, seconds) for seconds in (0.001, 0.02, 1, 3) * 20} == {2}


@pytest.mark.parametrize("seconds", [WINDOW, WINDOW / 6], ids=["long", "short"])
def test_beside_another_program_one_thread_goes_on_and_all_are_tried_ever_more_rarely(
    seconds: float,
) -> None:
    machine = Machine(taken=0.9)
    crowding = machine.crowding()
    threads = [machine.step(crowding, seconds) for _ in range(round(60 / seconds))]
    assert threads.count(2) * seconds < 20 * WINDOW
    assert threads[-round(FIRST_REST / seconds) :].count(2) * seconds <= 2 * WINDOW


def test_when_it_has_gone_all_threads_come_back_and_the_next_rest_is_short() -> None:
    machine = Machine(taken=0.9)
    crowding = machine.crowding()
    for _ in range(20):
        machine.step(crowding)
    machine.taken = 0.0
    while machine.step(crowding) == 1:
        assert machine.now < 60
    assert {machine.step(crowding) for _ in range(20)} == {2}
    machine.taken = 0.9
    while machine.step(crowding) == 2:
        assert machine.now < 60
    stopped = machine.now
    while machine.step(crowding) == 1:
        assert machine.now < stopped + FIRST_REST + 2 * WINDOW


def test_each_step_of_a_job_runs_on_the_threads_judged_best(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And who names a number of threads has that number."""
    before = torch.get_num_threads()
    try:
        monkeypatch.setattr(cores, "available_cpus", lambda: 2)
        use_threads()
        assert cores._crowding is not None
        for threads in (1, 2):
            monkeypatch.setattr(Crowding, "threads", threads)
            assert drain(_seen()) == threads
        use_threads(2)
        monkeypatch.setattr(Crowding, "threads", 1)
        assert drain(_seen()) == 2
    finally:
        monkeypatch.undo()
        use_threads(before)


def _seen() -> Generator[None, None, int]:
    yield
    return torch.get_num_threads()
