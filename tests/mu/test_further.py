"""Runs that are asked for more work when what they have is done."""

from __future__ import annotations

import asyncio

import pytest

from mu import Batch, Echo, Further, JobFailed, Run, Task, exchange, publish, sequence, wait_for
from mu import observer as seen
from mu.run import JobRun, RunDetached
from mu.server import Server
from tests.mu.fake_worker import Scene
from tests.mu.runs import AUTHORITY, CHAIN, PATIENCE, SHARDS, Watcher, finish, job_run, quick, until

FIRST, REST = CHAIN[:2], tuple(CHAIN[2:])


def told(*batches: Batch) -> Further:
    """Tells of these, one after the other."""
    left = list(batches)

    async def further() -> Batch | None:
        return left.pop(0) if left else None

    return further


def started(watcher: Watcher) -> list[str]:
    return [event.attempt.task for event in watcher.of(seen.AttemptStarted)]


async def test_tasks_of_a_later_batch_may_need_those_of_an_earlier_one(server):
    run, backend = job_run(Scene(), tasks=FIRST, further=told(Batch(REST)))
    results = await finish(server, run)
    assert list(results) == ["t0", "t1", "t2", "t3"]
    assert len(backend.workers) == 2, "those of the first batch have done the second"


async def test_what_was_finished_earlier_is_not_done_again_but_its_messages_are_sent_again(server):
    watcher = Watcher()
    batch = Batch((Task("x", exchange("fetching", Echo("x"))),))
    chain = Batch(tuple(CHAIN), frozenset(["t0", "t1"]))
    run, _ = job_run(Scene(), batch.tasks, watcher=watcher, further=told(chain))
    await finish(server, run)
    restored = [event.task for event in watcher.of(seen.TaskRestored)]
    assert restored == ["t1"]
    assert sorted(set(started(watcher))) == ["t1", "t2", "t3", "x"]


async def test_facts_of_an_earlier_batch_are_known_in_a_later_one(server):
    first = Task("a", sequence(exchange("fetching", Echo("a")), publish("ready")))
    then = Task("b", sequence(wait_for("ready"), exchange("fetching", Echo("b"))), after=("a",))
    run, _ = job_run(Scene(), [first], further=told(Batch((then,))))
    assert set(await finish(server, run)) == {"a", "b"}


async def test_what_goes_wrong_when_asking_ends_the_run_as_it_is(server):
    class Elsewhere(Exception):
        pass

    async def further() -> Batch | None:
        raise Elsewhere("the store is away")

    watcher = Watcher()
    run, backend = job_run(Scene(), tasks=FIRST, watcher=watcher, further=further)
    with pytest.raises(Elsewhere):
        await finish(server, run)
    assert backend.stopped
    assert watcher.of(seen.JobEnded) == [seen.JobEnded("the store is away")]


async def test_a_batch_that_is_no_good_fails_the_run(server):
    unknown = Task("x", exchange("fetching", Echo("x")), needs=("nobody",))
    run, _ = job_run(Scene(), tasks=FIRST, further=told(Batch((unknown,))))
    with pytest.raises(JobFailed, match="nobody, which is no task"):
        await finish(server, run)


async def test_a_run_can_be_left_to_another_coordinator_while_it_asks(server):
    asked = asyncio.Event()

    async def further() -> Batch | None:
        asked.set()
        await asyncio.sleep(60)
        raise AssertionError("it has been left")

    run, backend = job_run(Scene(), tasks=FIRST, further=further)
    running = asyncio.ensure_future(server.run(run))
    await asyncio.wait_for(asked.wait(), PATIENCE)
    run.detach()
    with pytest.raises(RunDetached):
        await running
    assert not backend.stopped


async def test_a_coordinator_that_takes_up_a_later_batch_goes_on_with_its_attempts():
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def stop_there(worker, attempt, command):
        if attempt.task == "t2" and isinstance(command, Run):
            reached.set()
            await go_on.wait()

    watcher, scene = Watcher(), Scene(stop_there)
    first = Server(AUTHORITY)
    await first.start()
    run, backend = job_run(scene, tasks=FIRST, watcher=watcher, further=told(Batch(REST)))
    running = asyncio.ensure_future(first.run(run))
    await asyncio.wait_for(reached.wait(), PATIENCE)
    run.detach()
    with pytest.raises(RunDetached):
        await running
    await first.stop()
    go_on.set()
    await until(lambda: scene.at_work == 0)

    done = [event.task for event in watcher.of(seen.TaskDone)]
    second = Server(AUTHORITY, first.address)
    await second.start()
    again = JobRun(
        "job",
        CHAIN,
        backend,
        watcher,
        quick(schedule={"reunion_seconds": PATIENCE}),
        done=done,
        rendezvous=SHARDS,
        holding=SHARDS,
        further=told(),
    )
    await finish(second, again)
    await second.stop()
    adopted = [event for event in watcher.of(seen.AttemptStarted) if event.adopted]
    assert "t2" in [event.attempt.task for event in adopted]
    assert sorted(event.task for event in watcher.of(seen.TaskDone)) == ["t0", "t1", "t2", "t3"]
    assert {event.task for event in watcher.of(seen.TaskRestored)} == {"t1"}
