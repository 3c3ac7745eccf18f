"""Workers that say goodbye: what becomes of their attempts."""

from __future__ import annotations

from mu.schedule import decisions as d
from mu.schedule import events as e
from tests.mu.test_schedule import Play, a, task


def busy_and_idle() -> Play:
    """Worker v has task x, worker w has nothing to do."""
    play = Play([task("x"), task("y")], goodbye_seconds=3, grace_seconds=20)
    play.joined("v", "w")
    play.tell(e.AttemptDone(a("y")))
    return play


def test_what_made_a_worker_leave_is_for_its_backend_to_say():
    play = busy_and_idle()
    assert play.tell(e.WorkerLeaving("v"), e.WorkerSilent("v"), e.Tick()) == []
    decided = play.tell(e.WorkerGone("v", "Evicted"), after=2)
    assert d.WorkerLost("v", "Evicted") in decided
    assert d.Assign("w", a("x", 2)) in decided


def test_a_worker_that_leaves_is_not_waited_for_as_one_that_is_silent():
    play = busy_and_idle()
    play.tell(e.WorkerLeaving("v"))
    decided = play.tell(e.Tick(), after=3)
    assert d.WorkerLost("v", "goodbye") in decided
    assert d.Assign("w", a("x", 2)) in decided


def test_who_leaves_with_nothing_to_do_is_gone_at_once():
    assert busy_and_idle().tell(e.WorkerLeaving("w")) == [d.WorkerLost("w", "goodbye")]


def test_an_attempt_that_waits_is_not_charged_when_the_time_of_its_worker_is_up():
    play = Play([task("p"), task("c", "p")], backoff_limit=0)
    play.joined("v", "w")
    play.tell(e.AttemptBlocked(a("c"), True), e.WorkerTime("w", 29.0))
    decided = play.tell(e.WorkerLeaving("w"), e.Tick()) + play.tell(e.Tick(), after=4.0)
    ended = next(one for one in decided if isinstance(one, d.AttemptEnded))
    assert (ended.attempt, ended.counted) == (a("c"), False)
    assert "time is almost up" in ended.message
    assert play.joined("x") == [d.Assign("x", a("c", 2))]


def test_an_attempt_that_works_is_charged_when_its_worker_goes_before_its_end():
    play = Play([task("p"), task("c", "p")], backoff_limit=0)
    play.joined("v", "w")
    play.tell(e.AttemptBlocked(a("c"), True), e.WorkerTime("w", 29.0))
    play.tell(e.AttemptBlocked(a("c"), False), e.WorkerLeaving("w"))
    decided = play.tell(e.Tick(), after=4.0)
    assert any(isinstance(one, d.JobFailed) for one in decided)
