"""Who is next, with a clock that only the test moves."""

from __future__ import annotations

import itertools

import pytest

from attention_surgery.analyses.cost import Urgency
from attention_surgery.errors import QueueFull
from attention_surgery.service.computation import Computation
from attention_surgery.service.queue import PATIENCE, Queue

from .jobs import computation, counting

VIEW, GENERATION, SWEEP, RUN = Urgency


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def queue(clock: Clock) -> Queue:
    return Queue(capacity=6, clock=clock)


def admitted(
    queue: Queue, urgency: Urgency = VIEW, client: str = "a", held: int = 0
) -> Computation:
    made, _ = computation(counting(3), urgency, client)
    made.held = held
    queue.reserve()
    queue.admit(made)
    return made


def finish(queue: Queue, made: Computation, seconds: float = 0.0) -> None:
    made.model_seconds = seconds
    queue.remove(made, learn=True)


def test_exactly_the_capacity_is_admitted(queue: Queue) -> None:
    for client in "aabbcc":
        admitted(queue, client=client)
    with pytest.raises(QueueFull, match="6 requests are waiting") as full:
        admitted(queue, client="d")
    assert full.value.retry_after >= 1
    assert len(queue) == 6


def test_a_place_being_prepared_is_taken_until_it_is_cancelled(queue: Queue) -> None:
    for _ in range(6):
        queue.reserve()
    with pytest.raises(QueueFull):
        queue.reserve()
    queue.cancel_reservation()
    admitted(queue)
    with pytest.raises(QueueFull):
        queue.reserve()


def test_short_work_comes_first(queue: Queue) -> None:
    sweep = admitted(queue, SWEEP)
    text = admitted(queue, GENERATION)
    view = admitted(queue, VIEW)
    order = []
    for _ in range(3):
        (chosen,) = queue.next()
        order.append(chosen)
        finish(queue, chosen)
    assert order == [view, text, sweep]
    assert queue.next() == []


def test_a_view_overtakes_a_sweep_between_two_steps(queue: Queue, clock: Clock) -> None:
    sweep = admitted(queue, SWEEP)
    assert queue.next() == [sweep]
    clock.now += 0.3
    view = admitted(queue, VIEW)
    assert queue.next() == [view]
    finish(queue, view)
    assert queue.next() == [sweep]


def test_a_sweep_is_served_however_many_views_come(queue: Queue, clock: Clock) -> None:
    sweep = admitted(queue, SWEEP)
    served = []
    for _ in range(60):
        if not any(member.urgency is VIEW for member in queue.members):
            admitted(queue, VIEW, "impatient")
        (chosen,) = queue.next()
        clock.now += 0.1
        if chosen is sweep:
            served.append(clock.now)
        else:
            finish(queue, chosen)
    assert len(served) >= 4
    gaps = [later - earlier for earlier, later in itertools.pairwise(served)]
    assert max(gaps) <= PATIENCE[SWEEP] + 0.25


def test_one_computation_of_an_urgency_is_under_way_at_a_time(queue: Queue) -> None:
    first = admitted(queue, GENERATION, "a")
    admitted(queue, GENERATION, "b")
    assert [queue.next() for _ in range(5)] == [[first]] * 5


@pytest.mark.parametrize(("urgency", "abreast"), [(VIEW, 2), (GENERATION, 2), (SWEEP, 1), (RUN, 1)])
def test_views_and_texts_go_side_by_side(clock: Clock, urgency: Urgency, abreast: int) -> None:
    queue = Queue(capacity=6, clock=clock, abreast=2)
    made = [admitted(queue, urgency, client) for client in "abc"]
    assert queue.next() == made[:abreast]
    finish(queue, made[0])
    assert queue.next() == made[1 : 1 + abreast]


def test_together_they_hold_what_one_may_and_a_large_one_goes_alone(clock: Clock) -> None:
    queue = Queue(capacity=6, clock=clock, abreast=4, held=100)
    sizes = {"a": 40, "b": 50, "c": 120, "d": 5}
    small, other, large, last = (admitted(queue, client=c, held=n) for c, n in sizes.items())
    assert queue.next() == [small, other], "nobody overtakes: the last would fit"
    finish(queue, small)
    assert queue.next() == [other]
    finish(queue, other)
    assert queue.next() == [large]
    finish(queue, large)
    assert queue.next() == [last]


def test_clients_take_turns(queue: Queue) -> None:
    mine = [admitted(queue, client="a") for _ in range(3)]
    theirs = [admitted(queue, client="b") for _ in range(2)]
    order = []
    while chosen := queue.next():
        order += chosen
        finish(queue, *chosen)
    assert order == [mine[0], theirs[0], mine[1], theirs[1], mine[2]]


def test_a_late_client_waits_for_one_turn_and_not_for_the_backlog(queue: Queue) -> None:
    backlog = [admitted(queue, client="a") for _ in range(4)]
    assert queue.next() == [backlog[0]]
    late = admitted(queue, client="b")
    finish(queue, backlog[0])
    assert queue.next() in ([backlog[1]], [late])
    assert queue.position(late) <= 1


def test_position_counts_what_comes_before(queue: Queue) -> None:
    sweep = admitted(queue, SWEEP, "a")
    text = admitted(queue, GENERATION, "a")
    view = admitted(queue, VIEW, "b")
    assert [queue.position(c) for c in (view, text, sweep)] == [0, 1, 2]


def test_retry_after_follows_the_measured_service_times(queue: Queue) -> None:
    for _ in range(40):
        slow = admitted(queue)
        assert queue.next() == [slow]
        finish(queue, slow, seconds=4.0)
    for client in "aaabbb":
        admitted(queue, client=client)
    with pytest.raises(QueueFull) as full:
        admitted(queue, client="c")
    assert full.value.retry_after == pytest.approx(24.0, rel=0.05)


def test_a_run_steps_only_when_nothing_else_has_work_or_it_has_waited_long(
    queue: Queue, clock: Clock
) -> None:
    run, view = admitted(queue, RUN), admitted(queue, VIEW)
    steps = []
    for _ in range(30):
        steps += queue.next()
        clock.now += 0.25
    assert steps.count(run) == 1
    assert steps.index(run) >= PATIENCE[RUN] / 0.25
    queue.remove(view, learn=False)
    assert queue.next() == [run]
