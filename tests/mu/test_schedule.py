"""The schedule's policies, one at a time: what happens, and what is decided."""

from __future__ import annotations

import time

import pytest

from mu.errors import InvalidTasks
from mu.schedule import Schedule, ScheduleSettings
from mu.schedule import decisions as d
from mu.schedule import events as e
from mu.task import Attempt, Task
from tests.mu.simulation import MACHINE, chains

ALL = frozenset({""})
"""The partition of tasks that name none."""


def task(name, *needs, after=(), order=(), restore=None, stage="task", partition=""):
    return Task(name, MACHINE, needs, tuple(after), order, restore, stage, partition)


class Play:
    """A schedule and its clock."""

    def __init__(self, tasks, done=(), sent=(), **settings) -> None:
        bounds = ScheduleSettings(**{"workers": 2, "spares": 9, **settings})
        self.schedule = Schedule(tasks, bounds, done, sent)
        self.now = 0.0

    def tell(self, *events, after=0.0):
        """The decisions that follow, those about starting workers left out."""
        return [
            one for one in self.all(*events, after=after) if not isinstance(one, d.StartWorkers)
        ]

    def all(self, *events, after=0.0):
        self.now += after
        return [one for event in events for one in self.schedule.handle(event, self.now)]

    def joined(self, *names):
        return self.tell(*(e.WorkerJoined(name) for name in names))


def a(task, number=1):
    return Attempt(task, number)


def test_tasks_are_assigned_in_their_order():
    play = Play([task("x", order=(1,)), task("y", order=(0,)), task("z", order=(0,))])
    assert play.joined("v", "w") == [d.Assign("v", a("y")), d.Assign("w", a("z"))]


def test_a_worker_goes_on_with_the_partition_that_it_worked_on_last():
    a_and_b = [
        task(f"{partition}{n}", order=(n, partition == "b"), partition=partition)
        for partition in "ab"
        for n in range(3)
    ]
    play = Play(a_and_b)
    assert play.joined("v", "w") == [d.Assign("v", a("a0")), d.Assign("w", a("b0"))]
    for n in (1, 2):
        assert d.Assign("w", a(f"b{n}")) in play.tell(e.AttemptDone(a(f"b{n - 1}")))
    assert d.Assign("w", a("a1")) in play.tell(e.AttemptDone(a("b2")))
    assert d.Assign("v", a("a2")) in play.tell(e.AttemptDone(a("a0")))


def test_a_worker_that_has_worked_on_nothing_takes_the_first():
    play = Play([task("x"), task("y", partition="a"), task("z", partition="a")], workers=1)
    assert play.joined("v") == [d.Assign("v", a("x"))]
    assert d.Assign("v", a("y")) in play.tell(e.AttemptDone(a("x")))
    assert d.Assign("v", a("z")) in play.tell(e.AttemptDone(a("y")))


def test_a_consumer_runs_beside_its_producer_but_is_assigned_after_it():
    play = Play([task("b", "a", order=(0,)), task("a", order=(9,))])
    assert play.joined("v", "w") == [d.Assign("v", a("a")), d.Assign("w", a("b"))]


def test_a_task_that_comes_after_another_waits_until_that_is_done():
    play = Play([task("x"), task("y", after=["x"])])
    assert play.joined("v", "w") == [d.Assign("v", a("x"))]
    decided = play.tell(e.AttemptDone(a("x")))
    assert d.TaskDone(a("x")) in decided
    assert d.Assign("w", a("y")) in decided


def test_workers_are_started_for_need_with_a_surplus_and_replaced_when_lost():
    play = Play([task(f"t{n}") for n in range(9)], workers=4, surplus=2)
    assert play.all(e.Tick()) == [d.StartWorkers(6)]
    for name in "abcd":
        play.joined(name)
    assert play.joined("e") == [d.QuitWorker("e", "there are enough workers")]
    # One launch is still under way, and takes the lost one's place.
    assert d.StartWorkers(1) not in play.all(e.WorkerGone("a", "killed"))
    assert d.StartWorkers(1) in play.all(e.WorkerGone("b", "killed"), after=1.0)


FAULTY = "one attempt after the other fails there, and not elsewhere"


def failed(task, number=1):
    return e.AttemptFailed(a(task, number), "working", "disk_full", "no room")


def test_a_worker_at_which_only_attempts_fail_while_others_succeed_is_replaced():
    play = Play([task(f"t{n}") for n in range(9)])
    play.joined("v", "w")
    play.tell(failed("t0"), e.AttemptDone(a("t1")))
    decided = play.all(failed("t2"))
    assert d.QuitWorker("v", FAULTY) in decided
    assert d.StartWorkers(1) in decided


def test_nobody_is_replaced_when_attempts_fail_at_all_workers():
    play = Play([task(f"t{n}") for n in range(9)])
    play.joined("v", "w")
    decided = play.tell(*(failed(f"t{n}") for n in range(6)))
    assert not [one for one in decided if isinstance(one, d.QuitWorker)]


def test_a_task_that_fails_again_and_again_costs_no_worker():
    play = Play([task("bad"), *(task(f"t{n}") for n in range(9))], retry_seconds=0.0)
    play.joined("v", "w")
    decided = play.tell(failed("bad"), e.AttemptDone(a("t0")), failed("bad", 2))
    assert d.Assign("v", a("bad", 3)) in decided


def test_no_more_workers_are_started_than_there_are_tasks():
    assert Play([task("x")], workers=50).all(e.Tick()) == [d.StartWorkers(1)]


def test_replacements_are_limited_in_rate():
    play = Play([task(f"t{n}") for n in range(99)], workers=4, starts_per_second=1.0)
    assert play.all(e.Tick()) == [d.StartWorkers(4)]
    assert play.all(e.LaunchesFailed(4, "no")) == []
    assert play.all(e.Tick(), after=2.0) == [d.StartWorkers(2)]


def test_a_launch_that_leads_to_nothing_is_given_up_after_a_while():
    play = Play([task("x")], launch_seconds=60)
    play.all(e.Tick())
    assert play.all(e.Tick(), after=59) == []
    assert play.all(e.Tick(), after=2) == [d.StartWorkers(1)]


def test_a_launch_that_failed_is_not_taken_for_that_of_a_later_worker():
    play = Play([task("x")])
    play.all(e.Tick())
    assert play.schedule.launched_at == 0.0
    assert play.all(e.LaunchesFailed(1, "no"), after=7.0) == [d.StartWorkers(1)]
    assert play.schedule.launched_at == 7.0
    play.joined("v")
    assert play.schedule.launched_at is None


def test_a_job_for_which_no_worker_ever_comes_fails():
    play = Play([task("x")], fruitless_limit=2)
    for _ in range(2):
        play.all(e.Tick(), after=10)
        assert not any(
            isinstance(o, d.JobFailed) for o in play.all(e.LaunchesFailed(1, "no quota"))
        )
    assert play.all(e.LaunchesFailed(1, "no quota")) == [d.JobFailed("no workers: no quota")]


def test_a_launch_that_can_never_succeed_fails_the_job_at_once():
    play = Play([task("x")])
    play.all(e.Tick())
    decided = play.all(e.LaunchesFailed(1, "no such function", permanent=True))
    assert decided == [d.JobFailed("no workers: no such function")]


def test_a_start_that_is_refused_for_now_is_tried_again_later_and_later_and_counts_nothing():
    play = Play([task("x")], fruitless_limit=0, postponed_seconds_max=3.0)
    tried = []
    for _ in range(60):
        if d.StartWorkers(1) in play.all(e.Tick()):
            tried.append(play.now)
            assert play.all(e.LaunchesPostponed(1)) == []
        play.now += 1.0
    assert tried == [0.0, 1.0, 3.0, *range(6, 60, 3)]
    assert play.schedule.launched_at is None


def test_a_worker_that_comes_ends_the_waiting_for_others():
    play = Play([task("x"), task("y")], starts_per_second=0.0)
    assert play.all(e.Tick()) == [d.StartWorkers(2)]
    play.all(e.LaunchesPostponed(2))
    play.all(e.Tick(), after=1.0)
    play.all(e.LaunchesPostponed(2))  # the second: two seconds
    assert play.all(e.Tick(), after=1.0) == []
    assert play.all(e.Tick(), after=1.0) == [d.StartWorkers(2)]
    play.joined("v")
    assert play.all(e.LaunchesPostponed(1)) == []
    assert play.all(e.Tick(), after=1.0) == [d.StartWorkers(1)]


def test_a_lost_worker_costs_an_attempt_and_another_worker_takes_the_task():
    play = Play([task("x")])
    play.joined("v")
    decided = play.tell(e.WorkerGone("v", "killed"), e.WorkerJoined("w"))
    message = "its worker is lost (killed)"
    assert decided == [
        d.WorkerLost("v", "killed"),
        d.AttemptEnded("v", a("x"), "killed", message, counted=True),
        d.Assign("w", a("x", 2)),
    ]


def test_what_a_given_up_attempt_says_later_is_ignored():
    play = Play([task("x")])
    play.joined("v")
    play.tell(e.WorkerGone("v", "killed"), e.WorkerJoined("w"))
    late = (e.AttemptDone(a("x")), e.AttemptFailed(a("x"), "s", "r", "m", permanent=True))
    assert play.tell(*late) == []
    assert d.TaskDone(a("x", 2)) in play.tell(e.AttemptDone(a("x", 2)))


def test_a_silent_worker_keeps_its_attempt_for_the_grace_period():
    play = Play([task("x"), task("y")], grace_seconds=20)
    play.joined("v")
    play.tell(e.WorkerSilent("v"))
    assert play.tell(e.Tick(), after=19) == []
    assert play.tell(e.WorkerJoined("v", (e.Held(a("x")),))) == []
    play.tell(e.WorkerSilent("v"))
    assert d.WorkerLost("v", "silent") in play.tell(e.Tick(), after=20)


def test_a_worker_that_comes_back_too_late_is_told_to_forget():
    play = Play([task("x"), task("y")], grace_seconds=20)
    play.joined("v")
    play.tell(e.WorkerSilent("v"))
    play.tell(e.Tick(), after=20)
    play.joined("w")
    decided = play.tell(e.WorkerJoined("v", (e.Held(a("x")),)))
    assert decided[0] == d.Forget("v", a("x"), "it is no longer of use")


def test_a_worker_that_began_anew_has_lost_its_attempts():
    play = Play([task("x")])
    play.joined("v")
    play.tell(e.WorkerSilent("v"))
    decided = play.tell(e.WorkerJoined("v"))
    assert decided == [
        d.AttemptEnded("v", a("x"), "restarted", "its worker began anew", counted=True),
        d.Assign("v", a("x", 2)),
    ]


def test_a_worker_that_began_anew_may_end_the_job_with_the_first_attempt_it_lost():
    play = Play([task("x"), task("y", "x")], backoff_limit=1)
    play.joined("v", "w")
    play.tell(e.WorkerGone("w", "killed"), e.WorkerJoined("u"))
    play.tell(e.AttemptBlocked(a("y", 2), True))
    assert d.Assign("u", a("x", 2)) in play.tell(e.WorkerGone("v", "killed"))
    decided = play.tell(e.WorkerSilent("u"), e.WorkerJoined("u"))
    assert [one.attempt for one in decided if isinstance(one, d.AttemptEnded)] == [a("y", 2)]
    failed = [one.task.attempt for one in decided if isinstance(one, d.JobFailed) and one.task]
    assert failed == [a("y", 2)]


def test_after_a_restart_workers_bring_their_attempts_along():
    play = Play([task("x"), task("y", "x")], reunion_seconds=5)
    assert play.all(e.Tick()) == []
    held = (e.Held(a("y", 3), blocked=True),)
    assert play.all(e.WorkerJoined("v", held)) == [d.Adopt("v", a("y", 3))]
    decided = play.all(e.Tick(), after=5)
    assert d.Assign("v", a("x")) in decided, "nobody else may come, and y waits for x"
    assert play.tell(e.AttemptDone(a("x")), e.AttemptDone(a("y", 3)))[-1] == d.JobDone()


def test_failed_attempts_are_tried_again_later_and_later_until_the_limit():
    play = Play([task("x")], backoff_limit=2, retry_seconds=1.0)
    play.joined("v")
    failed = [e.AttemptFailed(a("x", n), "s", "exit_status", "no") for n in (1, 2, 3)]
    assert d.Forget("v", a("x"), "no") in play.tell(failed[0])
    assert play.tell(e.Tick(), after=0.9) == []
    assert play.tell(e.Tick(), after=0.2) == [d.Assign("v", a("x", 2))]
    play.tell(failed[1])
    assert play.tell(e.Tick(), after=1.9) == []
    assert play.tell(e.Tick(), after=0.2) == [d.Assign("v", a("x", 3))]
    decided = play.tell(failed[2])
    assert isinstance(decided[-1], d.JobFailed)
    assert decided[-1].task == d.TaskFailed(a("x", 3), "s", "exit_status", "no", 3, False)


def test_a_permanent_failure_fails_the_job_at_once_and_stops_all_else():
    play = Play([task("x"), task("y")])
    play.joined("v", "w")
    decided = play.tell(e.AttemptFailed(a("x"), "s", "exit_status", "bad input", permanent=True))
    assert d.Forget("w", a("y"), "the job has ended") in decided
    assert decided[-1].message == "x: s: bad input"
    assert play.joined("u") == [d.QuitWorker("u", "the job has ended")]


def test_a_producer_that_is_lost_goes_to_a_worker_that_waits_for_it():
    play = Play([task("x"), task("y", "x")])
    play.joined("v", "w")
    play.tell(e.AttemptBlocked(a("y"), True))
    assert d.Assign("w", a("x", 2)) in play.tell(e.WorkerGone("v", "killed"))


def test_a_worker_that_holds_too_many_puts_back_the_last_one():
    play = Play([task("x"), task("y", "x")], attempts_per_worker=1)
    play.joined("v", "w")
    play.tell(e.AttemptBlocked(a("y"), True))
    decided = play.tell(e.WorkerGone("v", "killed"))
    assert d.Assign("w", a("x", 2)) in decided
    preempted = [one for one in decided if isinstance(one, d.AttemptEnded) and not one.counted]
    assert [(one.attempt, one.reason) for one in preempted] == [(a("y"), "preempted")]


def test_a_worker_with_little_time_left_finishes_and_is_replaced():
    play = Play([task("x"), task("y"), task("z")], workers=1, drain_seconds=30)
    play.joined("v")
    assert d.StartWorkers(1) in play.all(e.WorkerTime("v", 29.0))
    decided = play.tell(e.AttemptDone(a("x")))
    assert decided[-1] == d.QuitWorker("v", "its time is almost up")
    assert play.joined("w") == [d.Assign("w", a("y"))]


def test_idle_workers_beyond_the_spares_are_sent_away():
    play = Play([task("x"), task("y"), task("z")], workers=3, spares=1)
    play.joined("u", "v", "w")
    assert not any(isinstance(o, d.QuitWorker) for o in play.tell(e.AttemptDone(a("x"))))
    decided = play.tell(e.AttemptDone(a("y")))
    assert d.QuitWorker("v", "there is nothing left to do") in decided


def stage_with_a_straggler(**settings):
    tasks = [task(f"t{n}") for n in range(7)]
    play = Play(tasks, straggler_samples=5, straggler_seconds=5, straggler_factor=3, **settings)
    play.joined("v", "w")
    for name in ("t0", "t2", "t3", "t4", "t5"):
        play.tell(e.AttemptDone(a(name)), after=2.0)
    return play


def test_a_straggler_gets_a_rival_and_the_first_to_finish_wins():
    play = stage_with_a_straggler()
    decided = play.tell(e.AttemptDone(a("t6")), e.Tick(), after=0.5)
    assert decided[-1] == d.Assign("v", a("t1", 2), speculative=True)
    assert play.tell(e.Tick(), after=50) == [], "two are enough"
    decided = play.tell(e.AttemptDone(a("t1", 2)))
    assert d.TaskDone(a("t1", 2)) in decided
    assert d.Forget("w", a("t1"), "the task is done") in decided
    assert play.schedule.ended


def test_how_long_an_adopted_attempt_took_is_not_known_and_says_nothing_of_others():
    tasks = [task(f"t{n}") for n in range(4)]
    play = Play(tasks, straggler_samples=1, straggler_seconds=1, straggler_factor=2, workers=3)
    held = [(f"w{n}", (e.Held(a(f"t{n}")),)) for n in range(2)]
    play.tell(*(e.WorkerJoined(*one) for one in held))
    play.joined("v")
    play.tell(e.AttemptDone(a("t0")), e.AttemptDone(a("t1")), after=0.1)
    assert play.tell(e.Tick(), after=50.0) == []


def test_the_loss_of_a_rival_leaves_the_other_running():
    play = stage_with_a_straggler(backoff_limit=0)
    play.tell(e.AttemptDone(a("t6")), e.Tick(), after=0.5)
    play.tell(e.WorkerGone("v", "killed"))
    assert d.TaskDone(a("t1")) in play.tell(e.AttemptDone(a("t1")))


def test_waiting_for_others_does_not_make_a_straggler():
    play = stage_with_a_straggler()
    play.tell(e.AttemptBlocked(a("t1"), True))
    play.tell(e.AttemptDone(a("t6")), after=0.5)
    assert play.tell(e.Tick(), after=500) == []


CHAIN = [task("x", restore=MACHINE), task("y", "x", restore=MACHINE), task("z", "y")]


def test_a_resumed_job_has_only_the_messages_restored_that_are_still_needed():
    play = Play(CHAIN, done=["x", "y"])
    assert play.joined("v") == [d.Assign("v", a("y"), restoring=True)]
    decided = play.tell(e.AttemptDone(a("y")))
    assert decided[0] == d.TaskRestored(a("y"), redone=False)
    assert d.Assign("v", a("z")) in decided


def test_nothing_is_restored_if_the_messages_are_still_there():
    play = Play(CHAIN, done=["x", "y"], sent=["x", "y"])
    assert play.joined("v") == [d.Assign("v", a("z"))]


def test_what_cannot_be_restored_is_done_again_and_what_that_needs_is_restored():
    play = Play(CHAIN, done=["x", "y"])
    play.joined("v", "w")
    play.tell(e.AttemptBlocked(a("z"), True))
    failed = e.AttemptFailed(a("y"), "s", "not_found", "no checkpoint", permanent=True)
    decided = play.tell(failed)
    assert decided[-2:] == [d.Assign("v", a("x"), restoring=True), d.Assign("w", a("y", 2))]
    play.tell(e.AttemptDone(a("x")))
    assert d.TaskRestored(a("y", 2), redone=True) in play.tell(e.AttemptDone(a("y", 2)))


def test_messages_lost_while_their_sender_runs_are_sent_again_after_it():
    play = Play([task("x", restore=MACHINE), task("y", "x")])
    play.joined("v", "w")
    play.tell(e.AttemptBlocked(a("y"), True), e.MessagesLost(ALL, frozenset({a("x")})))
    decided = play.tell(e.AttemptDone(a("x")))
    assert d.Assign("v", a("x", 2), restoring=True) in decided


def test_a_restoration_that_nobody_needs_any_more_is_stopped():
    play = Play(CHAIN[:2])
    play.joined("v", "w")
    play.tell(e.AttemptDone(a("x")))
    assert d.Assign("v", a("x", 2), restoring=True) in play.tell(e.MessagesLost(ALL))
    decided = play.tell(e.AttemptDone(a("y")))
    assert d.Forget("v", a("x", 2), "nobody needs its messages any more") in decided
    assert decided[-1] == d.JobDone()


@pytest.mark.parametrize("lost", ["p", "q"])
def test_only_the_messages_of_partitions_that_were_lost_are_restored(lost):
    first = [task(f"x {one}", restore=MACHINE, partition=one) for one in "pq"]
    then = [task(f"y {one}", f"x {one}", partition=one) for one in "pq"]
    play = Play([*first, *then])
    play.joined("v", "w")
    play.tell(*(e.AttemptDone(a(f"x {one}")) for one in "pq"))
    play.tell(*(e.AttemptBlocked(a(f"y {one}"), True) for one in "pq"))
    decided = play.tell(e.MessagesLost(frozenset(lost)))
    assert [one.attempt for one in decided if isinstance(one, d.Assign)] == [a(f"x {lost}", 2)]


def test_a_silent_worker_may_have_sent_what_is_lost_before_it_tells():
    play = Play([task("x", restore=MACHINE), task("y", "x")])
    play.joined("v", "w")
    play.tell(e.AttemptBlocked(a("y"), True), e.WorkerSilent("v"), e.MessagesLost(ALL))
    play.tell(e.WorkerJoined("v", (e.Held(a("x")),)))
    decided = play.tell(e.AttemptDone(a("x")))
    assert d.Assign("v", a("x", 2), restoring=True) in decided


def test_a_recipient_that_is_done_once_more_gets_what_was_dropped_when_it_was_done_first():
    play = Play([task("x"), task("y", "x"), task("z", "y")], workers=3)
    play.joined("u", "v", "w")
    play.tell(e.AttemptBlocked(a("z"), True))
    # y has read what x sent; then x is lost and begins anew, and so does what y sent.
    assert d.Assign("u", a("x", 2)) in play.tell(e.AttemptLost(a("x"), "deadline"))
    play.tell(e.MessagesLost(ALL, frozenset({a("y")})))
    decided = play.tell(e.AttemptDone(a("y")))
    assert d.TaskDone(a("y")) in decided
    assert d.Assign("v", a("y", 2)) in decided
    play.tell(e.AttemptBlocked(a("y", 2), True))
    # What x sent the second time, before y was done, went with y's mailboxes.
    assert d.Assign("u", a("x", 3)) in play.tell(e.AttemptDone(a("x", 2)))


@pytest.mark.parametrize("lost", ["p", "q"])
def test_a_sender_is_not_tainted_by_what_other_partitions_lost(lost):
    play = Play([task("x", restore=MACHINE, partition="p"), task("y", "x", partition="p")])
    play.joined("v", "w")
    play.tell(e.AttemptBlocked(a("y"), True))
    play.tell(e.MessagesLost(frozenset(lost), frozenset({a("x")})))
    restored = [one for one in play.tell(e.AttemptDone(a("x"))) if isinstance(one, d.Assign)]
    assert restored == ([d.Assign("v", a("x", 2), restoring=True)] if lost == "p" else [])


@pytest.mark.parametrize(
    ("tasks", "message"),
    [
        ([task("x"), task("x")], "same name"),
        ([task("x", "y")], "x waits for y"),
        ([task("y"), task("x", "y", partition="p")], "x needs y, which is in another partition"),
        ([task("x", "y"), task("y", after=["x"])], "in a circle: x, y"),
    ],
)
def test_tasks_that_cannot_be_scheduled_are_refused(tasks, message):
    with pytest.raises(InvalidTasks, match=message):
        Play(tasks)


def test_a_large_job_is_scheduled_quickly():
    """Four thousand tasks on a thousand workers, in a small part of the job's own time."""
    tasks = chains(250, 16)
    began = time.process_time()
    play = Play(tasks, workers=1000)
    running = [
        one.attempt
        for one in play.joined(*(f"w{n}" for n in range(1000)))
        if isinstance(one, d.Assign)
    ]
    done = 0
    while running:
        done += 1
        decided = play.tell(e.AttemptDone(running.pop(0)))
        running += [one.attempt for one in decided if isinstance(one, d.Assign)]
    assert done == 4000
    assert time.process_time() - began < 5.0
