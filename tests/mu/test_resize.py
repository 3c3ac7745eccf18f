"""A run that is given more or fewer workers while it goes on."""

from __future__ import annotations

from mu.schedule import Schedule, ScheduleSettings
from mu.schedule import decisions as d
from mu.schedule import events as e
from mu.task import Attempt
from tests.mu.simulation import chains


def of_kind(kind, decided):
    return [one for one in decided if isinstance(one, kind)]


def running(workers, tasks=6):
    """A schedule with that many workers, one attempt each."""
    schedule = Schedule(chains(tasks, 1), ScheduleSettings(workers=workers))
    schedule.handle(e.Tick(), 0.0)
    for number in range(workers):
        schedule.handle(e.WorkerJoined(f"w{number}"), 0.0)
    return schedule


def test_with_more_workers_the_missing_ones_are_started():
    schedule = running(2)
    started = of_kind(d.StartWorkers, schedule.handle(e.Resized(5), 1.0))
    assert [one.count for one in started] == [3]


def test_with_fewer_workers_the_late_ones_finish_and_go():
    schedule = running(3)
    assert not schedule.handle(e.Resized(1), 1.0)
    for number in (1, 2):
        done = e.AttemptDone(Attempt(f"{number}.0", 1))
        assert of_kind(d.QuitWorker, schedule.handle(done, 2.0))
        assert not of_kind(d.StartWorkers, schedule.handle(e.Tick(), 2.0))
    decided = schedule.handle(e.AttemptDone(Attempt("0.0", 1)), 3.0)
    assert of_kind(d.Assign, decided) == [d.Assign("w0", Attempt("3.0", 1))]


def test_after_a_change_to_and_fro_the_job_ends_all_the_same():
    schedule = running(3, tasks=4)
    schedule.handle(e.Resized(1), 1.0)
    schedule.handle(e.Resized(3), 1.0)
    for number in range(3):
        schedule.handle(e.AttemptDone(Attempt(f"{number}.0", 1)), 2.0)
    schedule.handle(e.WorkerJoined("w9"), 3.0)
    assert of_kind(d.JobDone, schedule.handle(e.AttemptDone(Attempt("3.0", 1)), 4.0))


def test_workers_of_an_earlier_coordinator_beyond_the_limit_finish_what_they_bring_and_go():
    schedule = Schedule(chains(6, 1), ScheduleSettings(workers=1, reunion_seconds=5))
    schedule.handle(e.Tick(), 0.0)
    for number in range(3):
        held = (e.Held(Attempt(f"{number}.0", 1)),)
        decided = schedule.handle(e.WorkerJoined(f"w{number}", held), 1.0)
        assert of_kind(d.Adopt, decided)
    for number in (1, 2):
        decided = schedule.handle(e.AttemptDone(Attempt(f"{number}.0", 1)), 2.0)
        assert of_kind(d.QuitWorker, decided)
    decided = schedule.handle(e.AttemptDone(Attempt("0.0", 1)), 3.0)
    assert of_kind(d.Assign, decided)


def test_a_run_that_may_have_no_workers_lets_those_that_it_finds_finish():
    schedule = Schedule(chains(6, 1), ScheduleSettings(workers=0, reunion_seconds=5))
    schedule.handle(e.Tick(), 0.0)
    held = (e.Held(Attempt("0.0", 1)),)
    assert of_kind(d.Adopt, schedule.handle(e.WorkerJoined("w0", held), 1.0))
    assert of_kind(d.QuitWorker, schedule.handle(e.WorkerJoined("w1"), 1.0))
    assert of_kind(d.QuitWorker, schedule.handle(e.AttemptDone(Attempt("0.0", 1)), 2.0))
    assert not schedule.ended


def test_launches_that_are_taken_back_are_neither_waited_for_nor_counted_as_failed():
    schedule = Schedule(chains(9, 1), ScheduleSettings(workers=8))
    schedule.handle(e.Tick(), 0.0)
    schedule.handle(e.Resized(2), 1.0)
    for _ in range(20):
        assert schedule.handle(e.LaunchesWithdrawn(6), 1.0) == []
        assert schedule.engaged == 2
        schedule.handle(e.Resized(8), 1.0)
        assert schedule.engaged == 8
        schedule.handle(e.Resized(2), 1.0)
    schedule.handle(e.LaunchesWithdrawn(6), 2.0)
    assert schedule.engaged == 2
    assert not schedule.ended
