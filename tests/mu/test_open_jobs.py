"""Jobs that turn out to have more tasks when those that are known are done."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from mu.errors import InvalidTasks
from mu.schedule import Schedule, ScheduleSettings
from mu.schedule import decisions as d
from mu.schedule import events as e
from mu.task import Attempt, Task
from tests.mu.simulation import MACHINE


def opened(*names: str, workers: int = 2) -> Schedule:
    """An open schedule of independent tasks, with two workers that are at the first of them."""
    schedule = Schedule(map(task, names), ScheduleSettings(workers=workers), open_=True)
    schedule.handle(e.WorkerJoined("v"), 0.0)
    schedule.handle(e.WorkerJoined("w"), 0.0)
    return schedule


def task(name: str, *needs: str) -> Task:
    return Task(name, MACHINE, needs)


def forget(worker: str, name: str) -> d.Forget:
    return d.Forget(worker, Attempt(name, 1), "the task is done")


def done(name: str) -> e.AttemptDone:
    return e.AttemptDone(Attempt(name, 1))


def added(
    schedule: Schedule, *tasks: Task, done: Collection[str] = (), last: bool = False
) -> list[d.Decision]:
    """What follows when these come in, besides that they are in."""
    entered, *rest = schedule.handle(e.TasksAdded(tasks, frozenset(done), last), 60.0)
    assert entered == d.TasksEntered(tasks)
    return rest


def test_workers_stay_while_it_is_found_out_what_else_there_is_to_do() -> None:
    schedule = opened("a", "b")
    schedule.handle(done("a"), 1.0)
    decided = schedule.handle(done("b"), 1.0)
    assert decided == [d.TaskDone(Attempt("b", 1)), forget("w", "b"), d.AllDone()]
    assert schedule.handle(e.Tick(), 60.0) == [], "it is asked once"
    more = added(schedule, task("c"), task("d", "c"))
    assert more == [d.Assign("v", Attempt("c", 1)), d.Assign("w", Attempt("d", 1))]


def test_a_worker_that_comes_while_there_is_nothing_to_do_is_kept_within_the_limit() -> None:
    schedule = opened("a", workers=3)
    schedule.handle(done("a"), 1.0)
    assert schedule.handle(e.WorkerJoined("x"), 2.0) == []
    (sent_away,) = schedule.handle(e.WorkerJoined("y"), 2.0)
    assert isinstance(sent_away, d.QuitWorker)


def test_no_worker_is_started_for_what_is_not_known() -> None:
    schedule = opened("a", workers=5)
    assert not [one for one in schedule.handle(e.Tick(), 1.0) if isinstance(one, d.StartWorkers)]
    schedule.handle(done("a"), 2.0)
    assert d.StartWorkers(3) in added(schedule, *map(task, "bcdefg"))


def test_it_ends_when_there_is_nothing_more() -> None:
    schedule = opened("a")
    schedule.handle(done("a"), 1.0)
    assert schedule.handle(e.NoMoreTasks(), 2.0) == [d.JobDone()]
    assert schedule.ended


def test_behind_what_comes_last_workers_go_as_there_is_less_to_do_and_nobody_is_asked() -> None:
    schedule = opened("a", workers=4)
    schedule.handle(e.WorkerJoined("x"), 1.0)
    schedule.handle(e.WorkerJoined("y"), 1.0)
    schedule.handle(done("a"), 1.0)
    decided = added(schedule, task("b"), task("c"), last=True)
    assigned = {one.worker for one in decided if isinstance(one, d.Assign)}
    (sent_away,) = [one.worker for one in decided if isinstance(one, d.QuitWorker)]
    assert len(assigned) == 2, "and one may be idle, should another fail"
    assert sent_away not in assigned
    schedule.handle(done("b"), 61.0)
    assert d.JobDone() in schedule.handle(done("c"), 61.0)


def test_tasks_that_were_finished_earlier_are_not_done_again() -> None:
    schedule = opened("a")
    schedule.handle(done("a"), 1.0)
    decided = added(schedule, task("b"), task("c"), done=["b"])
    assert decided == [d.Assign("w", Attempt("c", 1))], "v has come back later"
    decided = added(schedule, task("d"), done=["d"])
    assert d.AllDone() not in decided, "c is under way"
    assert d.AllDone() in schedule.handle(done("c"), 61.0)


def test_what_is_added_finished_altogether_is_asked_about_at_once() -> None:
    schedule = opened("a")
    schedule.handle(done("a"), 1.0)
    assert added(schedule, task("b"), done=["b"]) == [d.AllDone()]


def test_a_name_is_given_once() -> None:
    schedule = opened("a")
    schedule.handle(done("a"), 1.0)
    with pytest.raises(InvalidTasks, match="the same name"):
        schedule.handle(e.TasksAdded((task("a"),)), 2.0)
