"""The inference thread, driven by jobs that the test holds."""

from __future__ import annotations

import ctypes
import gc
import threading
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from attention_surgery.analyses.base import Steps
from attention_surgery.analyses.cost import Urgency
from attention_surgery.errors import InvalidSetting, QueueFull, ShuttingDown
from attention_surgery.service.computation import Computation
from attention_surgery.service.worker import InternalError, Worker

from .jobs import PATIENT, Held, Step, Watcher, computation, counting, submit, told

MakeWorker = Callable[..., Worker]


def names(made: Computation) -> list[str]:
    return [name for name, _ in told(made.log)]


def test_a_computation_tells_its_steps_and_its_result(make_worker: MakeWorker) -> None:
    made, reader = computation(counting(3))
    submit(make_worker(), made)
    assert reader.wait_for_end(made) is None
    steps = [("step", f'{{"number":{number}}}') for number in range(3)]
    assert told(made.log) == [*steps, ("done", "3")]


def test_a_view_is_answered_while_a_sweep_runs(make_worker: MakeWorker) -> None:
    worker, sweep = make_worker(), Held(steps=3)
    long, long_reader = computation(sweep.run(), Urgency.SWEEP, "a")
    submit(worker, long)
    sweep.wait_until_entered()
    short, short_reader = computation(counting(2), Urgency.VIEW, "b")
    submit(worker, short)
    sweep.go.release()
    assert short_reader.wait_for_end(short) is None
    assert not long.log.finished
    sweep.go.release(2)
    assert long_reader.wait_for_end(long) is None


def test_with_the_worker_held_exactly_the_queue_is_admitted(make_worker: MakeWorker) -> None:
    worker, hold = make_worker(capacity=4), Held(steps=1)
    jobs = [computation(hold.run())] + [computation(counting(2)) for _ in range(3)]
    for made, _ in jobs:
        submit(worker, made)
    for _ in range(5):
        with pytest.raises(QueueFull):
            submit(worker, computation(counting(1))[0])
    hold.go.release()
    for made, reader in jobs:
        assert reader.wait_for_end(made) is None
        assert names(made)[-1] == "done"


def test_an_abandoned_queued_computation_never_runs(
    make_worker: MakeWorker, watcher: Watcher
) -> None:
    worker, hold = make_worker(), Held(steps=1)
    first, first_reader = computation(hold.run())
    submit(worker, first)
    hold.wait_until_entered()
    ran: list[str] = []
    queued, reader = computation(counting(1, ran, "queued"), analysis="queued")
    submit(worker, queued)
    queued.log.leave(reader)
    assert worker.waiting == 1, "its slot is free at once"
    hold.go.release()
    first_reader.wait_for_end(first)
    last, last_reader = computation(counting(1))
    submit(worker, last)
    last_reader.wait_for_end(last)
    assert ran == []
    assert ("queued", "abandoned") in watcher.outcomes


def test_an_abandoned_running_computation_ends_before_its_next_step(
    make_worker: MakeWorker,
) -> None:
    worker, running = make_worker(), Held(steps=100)
    made, reader = computation(running.run())
    submit(worker, made)
    running.wait_until_entered()
    made.log.leave(reader)
    running.go.release()
    assert running.closed.wait(PATIENT)
    assert running.ran == 1
    after, after_reader = computation(counting(1))
    submit(worker, after)
    assert after_reader.wait_for_end(after) is None
    assert worker.waiting == 0


def failing(error: BaseException) -> Steps[Any]:
    yield Step(1)
    raise error


def test_a_refusal_reaches_the_reader_as_it_is(make_worker: MakeWorker) -> None:
    made, reader = computation(failing(InvalidSetting("too much")))
    submit(make_worker(), made)
    error = reader.wait_for_end(made)
    assert isinstance(error, InvalidSetting)
    assert str(error) == "too much"


def test_an_unexpected_error_becomes_a_sentence_and_work_goes_on(
    make_worker: MakeWorker, watcher: Watcher
) -> None:
    worker = make_worker()
    made, reader = computation(failing(RuntimeError("secret: /etc/passwd")))
    submit(worker, made)
    error = reader.wait_for_end(made)
    assert isinstance(error, InternalError)
    assert "secret" not in str(error)
    assert [type(e) for e in watcher.crashes] == [RuntimeError]
    healthy, healthy_reader = computation(counting(1))
    submit(worker, healthy)
    assert healthy_reader.wait_for_end(healthy) is None


def test_a_failed_computation_keeps_no_frame_alive(make_worker: MakeWorker) -> None:
    class Tensor:
        pass

    alive: list[weakref.ref[Tensor]] = []

    def job() -> Steps[Any]:
        tensor = Tensor()
        alive.append(weakref.ref(tensor))
        yield Step(1)
        raise InvalidSetting("no")

    made, reader = computation(job())
    submit(make_worker(), made)
    reader.wait_for_end(made)
    gc.collect()
    assert alive[0]() is None


@pytest.mark.parametrize("error", [SystemExit(), KeyboardInterrupt(), GeneratorExit()])
def test_a_thread_that_dies_is_replaced(
    make_worker: MakeWorker, watcher: Watcher, error: BaseException
) -> None:
    worker = make_worker()
    before = worker.thread_id
    made, reader = computation(failing(error))
    submit(worker, made)
    assert isinstance(reader.wait_for_end(made), InternalError)
    healthy, healthy_reader = computation(counting(2))
    submit(worker, healthy)
    assert healthy_reader.wait_for_end(healthy) is None
    assert worker.thread_id != before
    assert len(watcher.crashes) == 1


def test_a_thread_killed_from_outside_loses_one_computation_and_no_other(
    make_worker: MakeWorker,
) -> None:
    worker, victim = make_worker(), Held(steps=2)
    made, reader = computation(victim.run())
    waiting, waiting_reader = computation(counting(2))
    submit(worker, made)
    submit(worker, waiting)
    victim.wait_until_entered()
    kill = ctypes.pythonapi.PyThreadState_SetAsyncExc
    assert worker.thread_id is not None
    assert kill(ctypes.c_ulong(worker.thread_id), ctypes.py_object(SystemExit)) == 1
    victim.go.release()
    assert isinstance(reader.wait_for_end(made), InternalError)
    assert waiting_reader.wait_for_end(waiting) is None
    assert worker.waiting == 0


def test_stopping_ends_everything_with_a_sentence(make_worker: MakeWorker) -> None:
    worker, running = make_worker(), Held(steps=50)
    first, first_reader = computation(running.run())
    second, second_reader = computation(counting(1))
    submit(worker, first)
    submit(worker, second)
    running.wait_until_entered()
    worker.refuse_all("The server stopped.")
    assert isinstance(first_reader.wait_for_end(first), ShuttingDown)
    assert isinstance(second_reader.wait_for_end(second), ShuttingDown)
    running.go.release()
    assert running.closed.wait(PATIENT)
    assert worker.stop(PATIENT)
    with pytest.raises(ShuttingDown):
        submit(worker, computation(counting(1))[0])


def test_waiting_computations_are_told_their_position(make_worker: MakeWorker) -> None:
    worker, hold = make_worker(), Held(steps=1)
    submit(worker, computation(hold.run())[0])
    hold.wait_until_entered()
    second, _ = computation(counting(1))
    third, third_reader = computation(counting(1))
    submit(worker, second)
    submit(worker, third)
    assert ("queued", '{"position":2}') in told(third.log)
    hold.go.release()
    third_reader.wait_for_end(third)
    assert "queued" not in names(third), "who reads a finished computation waits for nobody"


def test_one_thread_runs_everything(make_worker: MakeWorker) -> None:
    worker, threads = make_worker(), []

    def job() -> Steps[Any]:
        threads.append(threading.get_ident())
        yield Step(1)
        threads.append(threading.get_ident())

    jobs = [computation(job(), urgency) for urgency in Urgency]
    for made, _ in jobs:
        submit(worker, made)
    for made, reader in jobs:
        reader.wait_for_end(made)
    assert set(threads) == {worker.thread_id}
