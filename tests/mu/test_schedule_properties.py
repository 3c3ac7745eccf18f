"""What the schedule promises, shown on random graphs in a world where everything goes wrong."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from mu.schedule import Schedule, ScheduleSettings
from mu.schedule import decisions as d
from mu.schedule import events as e
from mu.task import TaskGraph
from tests.mu.simulation import Faults, World, chains, graphs

PATIENT = 1000  # a back-off limit that no bounded number of faults can exhaust
RATES = st.sampled_from([0.0, 0.0, 0.1, 0.5])

faults = st.builds(
    Faults,
    lose_worker=RATES,
    fail=RATES,
    silence=RATES,
    restart=RATES,
    lose_attempt=RATES,
    failed_launch=RATES,
    postponed_launch=RATES,
    lose_messages=st.sampled_from([0.0, 0.0, 0.05]),
    restore_fails=RATES,
    slow=st.sampled_from([0.0, 0.1]),
    budget=st.integers(0, 20),
)


def patient(workers: int, per_worker: int, surplus: int = 0) -> ScheduleSettings:
    return ScheduleSettings(
        workers=workers,
        surplus=surplus,
        attempts_per_worker=per_worker,
        backoff_limit=PATIENT,
        fruitless_limit=PATIENT,
        retry_seconds=0.5,
        retry_seconds_max=2.0,
        grace_seconds=5.0,
        straggler_seconds=5.0,
    )


@given(
    graphs(), st.integers(1, 6), st.integers(1, 3), st.integers(0, 2), faults, st.integers(0, 2**32)
)
@settings(max_examples=400, deadline=None)
def test_a_job_ends_whatever_the_graph_the_workers_and_the_faults(
    tasks, workers, per_worker, surplus, faults, seed
):
    world = World(tasks, patient(workers, per_worker, surplus), faults, seed).run()
    assert world.failed is None, "\n".join(world.log[-30:])
    assert sorted(world.finished) == sorted(task.name for task in tasks)


@given(st.integers(1, 4), st.integers(1, 8), st.integers(1, 12), faults, st.integers(0, 2**32))
@settings(max_examples=200, deadline=None)
def test_chains_end_with_any_number_of_workers(number, length, workers, faults, seed):
    world = World(chains(number, length), patient(workers, 3), faults, seed).run()
    assert world.failed is None
    assert len(world.finished) == number * length


@given(graphs(), st.data(), st.integers(1, 4), faults, st.integers(0, 2**32))
@settings(max_examples=300, deadline=None)
def test_a_job_goes_on_from_what_an_earlier_run_has_done(tasks, data, workers, faults, seed):
    names = [task.name for task in tasks]
    done = tuple(data.draw(st.lists(st.sampled_from(names), unique=True)))
    world = World(tasks, patient(workers, 2), faults, seed, done).run()
    assert world.failed is None
    assert sorted(world.finished) == sorted(set(names) - set(done))


@given(graphs(tasks=24), st.data(), st.integers(1, 4), faults, st.integers(0, 2**32))
@settings(max_examples=200, deadline=None)
def test_a_job_whose_tasks_are_told_in_instalments_ends_with_all_of_them(
    tasks, data, workers, faults, seed
):
    ranked = sorted(tasks, key=lambda task: TaskGraph(tasks).rank[task.name])
    cuts = data.draw(st.lists(st.integers(1, len(ranked)), max_size=3).map(sorted))
    first, *later = (ranked[begin:end] for begin, end in pairwise([0, *cuts, len(ranked)]))
    world = World(first, patient(workers, 2), faults, seed, later=tuple(later)).run()
    assert world.failed is None
    assert sorted(world.finished) == sorted(task.name for task in tasks)


@given(graphs(), st.integers(1, 4), st.integers(0, 2**32))
@settings(max_examples=100, deadline=None)
def test_the_same_history_leads_to_the_same_decisions(tasks, workers, seed):
    def play():
        faults = Faults(lose_worker=0.3, fail=0.1, silence=0.2)
        return World(tasks, patient(workers, 2), faults, seed).run().log

    assert play() == play()


@given(graphs(), st.integers(1, 4), st.integers(0, 3), st.integers(0, 2**32))
@settings(max_examples=100, deadline=None)
def test_a_job_that_only_fails_ends_within_its_limits(tasks, workers, limit, seed):
    bounds = ScheduleSettings(workers=workers, backoff_limit=limit, retry_seconds=0.1)
    world = World(tasks, bounds, Faults(fail=1.0, budget=10**6), seed).run()
    assert world.failed is not None
    assert world.failed.task is not None
    assert world.failed.task.attempts == limit + 1


@given(st.integers(1, 3), st.integers(2, 6), st.integers(0, 2), st.integers(0, 2**32))
@settings(max_examples=300, deadline=None)
def test_workers_that_begin_anew_with_several_attempts_near_the_limit_end_a_job_in_order(
    number, length, limit, seed
):
    bounds = ScheduleSettings(workers=3, backoff_limit=limit, grace_seconds=5.0)
    faults = Faults(lose_worker=0.5, restart=0.2, budget=40)
    world = World(chains(number, length), bounds, faults, seed).run()
    if world.failed is None:
        assert len(world.finished) == number * length
    else:
        assert world.failed.task is not None
        assert world.failed.task.attempts == limit + 1


@given(graphs(), st.integers(1, 4), st.integers(0, 2**32))
@settings(max_examples=50, deadline=None)
def test_a_job_whose_workers_never_come_fails(tasks, workers, seed):
    faults = Faults(failed_launch=1.0, budget=10**6)
    world = World(tasks, ScheduleSettings(workers=workers), faults, seed).run()
    assert world.failed is not None
    assert "the launch failed" in world.failed.message


@given(graphs(), st.integers(1, 4), st.integers(0, 2), st.integers(1, 60), st.integers(0, 2**32))
@settings(max_examples=100, deadline=None)
def test_a_job_outlasts_any_number_of_refusals_that_are_for_now(
    tasks, workers, surplus, refusals, seed
):
    bounds = ScheduleSettings(workers=workers, surplus=surplus, fruitless_limit=0)
    faults = Faults(postponed_launch=1.0, budget=refusals)
    world = World(tasks, bounds, faults, seed).run()
    assert world.failed is None
    assert faults.budget == 0
    assert sorted(world.finished) == sorted(task.name for task in tasks)


@given(
    st.integers(1, 50),
    st.integers(0, 5),
    st.integers(1, 60),
    st.floats(0.1, 5.0),
    st.floats(5.0, 60.0),
    st.lists(st.floats(0.0, 1.0), min_size=300, max_size=300),
)
@settings(max_examples=100, deadline=None)
def test_what_is_refused_for_now_is_tried_less_and_less_often_but_for_ever(
    tasks, surplus, workers, first, longest, steps
):
    bounds = ScheduleSettings(
        workers=workers,
        surplus=surplus,
        postponed_seconds=first,
        postponed_seconds_max=longest,
    )
    schedule = Schedule(chains(1, tasks), bounds)
    now, starts = 0.0, []
    for step in steps:
        now += step
        for decision in schedule.handle(e.Tick(), now):
            assert isinstance(decision, d.StartWorkers)
            starts.append((now, decision.count))
            assert schedule.handle(e.LaunchesPostponed(decision.count), now) == []
    assert {count for _, count in starts} == {min(tasks, workers) + surplus}
    waits = [later - earlier for (earlier, _), (later, _) in pairwise(starts)]
    for number, wait in enumerate(waits):
        due = min(longest, first * 2**number)
        assert due - 1e-6 <= wait <= due + max(steps) + 1e-6
    assert now - starts[-1][0] <= longest + max(steps) + 1e-6
