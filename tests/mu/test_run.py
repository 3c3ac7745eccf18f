"""A coordinator and its workers, over real gRPC with TLS."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from mu import (
    Attempt,
    BackendError,
    Echo,
    InvalidTasks,
    Machine,
    NoWorkers,
    Ran,
    Receive,
    Run,
    Task,
    TaskFailed,
    exchange,
    publish,
    sequence,
    wait_for,
)
from mu import observer as seen
from mu.run import JobRun, RunDetached
from mu.server import Server
from tests.mu.fake_worker import FakeBackend, FakeWorker, Scene
from tests.mu.runs import (
    AUTHORITY,
    CHAIN,
    PATIENCE,
    SHARDS,
    STATES,
    Watcher,
    finish,
    job_run,
    of_state,
    quick,
    until,
)


async def test_a_job_is_done_and_gives_out_what_its_machines_kept(server):
    watcher = Watcher()
    run, backend = job_run(Scene(), watcher=watcher)
    results = await finish(server, run)
    assert results == {f"t{n}": {"rebased": Ran(0, stdout="rebase")} for n in range(4)}
    assert backend.stopped
    assert [event.task for event in watcher.of(seen.TaskDone)] == ["t0", "t1", "t2", "t3"]
    assert watcher.events[-1] == seen.JobEnded()
    started = Counter(event.attempt for event in watcher.of(seen.AttemptStarted))
    assert started == Counter(event.attempt for event in watcher.of(seen.AttemptEnded))
    states = {event.state for event in watcher.of(seen.StateEntered)}
    assert states == set(STATES)
    assert set(watcher.of(seen.TaskDone)[1].seconds) >= {"fetching", "encoding", "waiting"}


async def test_all_workers_are_told_to_quit(server):
    run, backend = job_run(Scene(), settings=quick(1))
    await finish(server, run)
    assert [worker.quit for worker in backend.workers] == ["the job has ended"]


async def test_several_jobs_run_side_by_side(server):
    runs = [JobRun(f"job-{n}", CHAIN, FakeBackend(Scene()), Watcher(), quick()) for n in range(3)]
    results = await asyncio.gather(*(finish(server, run) for run in runs))
    assert all(len(result) == 4 for result in results)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("workers", [1, 3])
async def test_a_stream_that_breaks_in_any_state_loses_nothing(server, state, workers):
    async def break_stream(worker, attempt, command):
        if of_state(command) == state and worker.connections < 3:
            worker.drop_stream()

    watcher = Watcher()
    scene = Scene(break_stream)
    run, backend = job_run(scene, watcher=watcher, settings=quick(workers))
    await finish(server, run)
    assert not watcher.lost
    assert max(worker.connections for worker in backend.workers) > 1
    assert set(scene.executed.values()) == {1}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("reports", [True, False])
async def test_a_worker_that_is_killed_in_any_state_costs_one_attempt(server, state, reports):
    killed: list[Attempt] = []

    async def kill(worker, attempt, command):
        if of_state(command) == state and not killed:
            killed.append(attempt)
            backend.kill(worker)
            await asyncio.sleep(60)

    watcher = Watcher()
    settings = quick(schedule={"grace_seconds": PATIENCE if reports else 1.0})
    run, backend = job_run(Scene(kill), watcher=watcher, settings=settings)
    backend.reports = reports
    await finish(server, run)
    assert killed[0] in {event.attempt for event in watcher.lost}
    assert {event.reason for event in watcher.lost} == {"killed" if reports else "silent"}


async def test_a_launch_that_was_in_vain_as_far_as_its_backend_knows_ends_no_living_worker(server):
    regretted: list[str] = []

    async def regret(worker, attempt, command):
        if not regretted:
            regretted.append(worker.name)
            backend.regret(worker)

    watcher = Watcher()
    run, backend = job_run(Scene(regret), watcher=watcher)
    await finish(server, run)
    assert regretted
    assert not watcher.lost
    assert [event for event in watcher.of(seen.WorkerLeft) if event.lost] == []


@pytest.mark.parametrize("state", STATES)
async def test_a_coordinator_that_is_restarted_in_any_state_goes_on_where_it_was(state):
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def stop_there(worker, attempt, command):
        if of_state(command) == state and attempt.task in ("t1", "t2"):
            reached.set()
            await go_on.wait()

    scene = Scene(stop_there)
    first = Server(AUTHORITY)
    await first.start()
    watcher = Watcher()
    run, backend = job_run(scene, watcher=watcher)
    running = asyncio.ensure_future(first.run(run))
    await asyncio.wait_for(reached.wait(), PATIENCE)
    run.detach()
    with pytest.raises(RunDetached):
        await running
    await first.stop()
    go_on.set()
    await until(lambda: scene.at_work == 0)  # all that can be done without a coordinator is

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
    )
    await finish(second, again)
    await second.stop()
    assert [event for event in watcher.of(seen.AttemptStarted) if event.adopted]
    assert sorted(event.task for event in watcher.of(seen.TaskDone)) == ["t0", "t1", "t2", "t3"]
    twice = [done for done, times in scene.executed.items() if times > 1]
    assert not twice, [(w.name, w.error, w.connections, w.quit, w.life) for w in backend.workers]


async def test_a_failing_program_is_tried_again_and_then_fails_the_job(server):
    scene = Scene(answers={"encode": Ran(1, stderr="no luck\n")})
    run, _ = job_run(scene, settings=quick(1, schedule={"backoff_limit": 2}))
    with pytest.raises(TaskFailed, match="t0: encoding: exit status 1: no luck") as caught:
        await finish(server, run)
    assert (caught.value.attempts, caught.value.permanent) == (3, False)


async def test_a_permanent_failure_fails_the_job_at_once(server):
    watcher = Watcher()
    scene = Scene(answers={"rebase": Ran(3, stderr="bad input data")})
    run, backend = job_run(scene, watcher=watcher)
    with pytest.raises(TaskFailed) as caught:
        await finish(server, run)
    assert (caught.value.attempts, caught.value.permanent) == (1, True)
    assert caught.value.message == "exit status 3: bad input data"
    assert caught.value.state == "rebasing"
    assert backend.stopped
    assert watcher.of(seen.JobEnded)[0].error


async def test_a_pipeline_that_raises_fails_the_job_at_once(server):
    task = Task("t", exchange("a", lambda memory: Run((memory.text("nothing"),))))
    run, _ = job_run(Scene(), [task])
    with pytest.raises(TaskFailed, match="the pipeline raised KeyError"):
        await finish(server, run)


async def test_a_reply_that_does_not_come_in_time_costs_the_attempt(server):
    hung: list[Attempt] = []

    async def hang(worker, attempt, command):
        if not hung:
            hung.append(attempt)
            await asyncio.sleep(60)

    watcher = Watcher()
    run, _ = job_run(Scene(hang), watcher=watcher, settings=quick(transfer_seconds=0.3))
    await finish(server, run)
    assert [(event.attempt, event.reason) for event in watcher.lost] == [(hung[0], "deadline")]


async def test_a_worker_without_heartbeats_is_lost_and_its_late_replies_are_fenced_off(server):
    stopped: list[tuple[FakeWorker, Attempt]] = []
    late: list[FakeWorker] = []

    async def stop(worker, attempt, command):
        if not stopped:
            stopped.append((worker, attempt))
            worker.freeze()
            await worker.awake.wait()
        elif attempt.task == "t3":
            stopped[0][0].awake.set()
            await until(lambda: not stopped[0][0].journal)
            late.append(stopped[0][0])

    watcher = Watcher()
    settings = quick(1, silence_seconds=1.0, schedule={"grace_seconds": 1.0})
    run, _ = job_run(Scene(stop), watcher=watcher, settings=settings)
    await finish(server, run)
    assert [(event.attempt, event.reason) for event in watcher.lost] == [(stopped[0][1], "silent")]
    assert [event.attempt.number for event in watcher.of(seen.TaskDone)] == [2, 1, 1, 1]
    assert late[0].connections == 2


@asynccontextmanager
async def in_the_middle(server) -> AsyncIterator[tuple[FakeWorker, Watcher]]:
    """A run's one worker, which goes on with its first command only at the end, and its watcher."""
    began, go_on = asyncio.Event(), asyncio.Event()

    async def pause(worker, attempt, command):
        began.set()
        await go_on.wait()

    watcher = Watcher()
    run, backend = job_run(Scene(pause), watcher=watcher, settings=quick(1))
    running = asyncio.ensure_future(finish(server, run))
    await asyncio.wait_for(began.wait(), PATIENCE)
    yield backend.workers[0], watcher
    go_on.set()
    await running
    assert len(watcher.of(seen.TaskDone)) == 4


async def test_of_two_streams_with_one_name_the_newer_wins(server):
    async with in_the_middle(server) as (original, _):
        original.life.cancel()
        twin = FakeWorker(original.invitation, original.scene, original.name)
        await until(lambda: twin.connections > 0)
    twin.kill()


async def test_a_second_worker_of_the_same_name_is_sent_away(server):
    async with in_the_middle(server) as (original, watcher):
        twin = FakeWorker(original.invitation, original.scene, original.name, instance="twin")
        await asyncio.wait_for(asyncio.shield(twin.life), PATIENCE)
        assert twin.quit == "another worker goes by this name"
        assert original.connections == 1
    assert not any(event.lost for event in watcher.of(seen.AttemptEnded))


async def test_messages_that_were_lost_are_sent_once_more(server):
    lost: list[Attempt] = []

    async def lose(worker, attempt, command):
        if attempt.task == "t2" and of_state(command) == "fetching" and not lost:
            await until(lambda: "t1" in {event.task for event in watcher.of(seen.TaskDone)})
            lost.append(attempt)
            for mailbox in scene.mailboxes.values():
                mailbox.clear()
            run.messages_lost(SHARDS[0])

    watcher = Watcher()
    scene = Scene(lose)
    run, _ = job_run(scene, watcher=watcher, settings=quick(2))
    await finish(server, run)
    assert lost
    assert "t1" in {event.task for event in watcher.of(seen.TaskRestored)}
    assert not watcher.lost


def restoring(task: Task, program: str) -> Task:
    """The task with a restore machine that runs a program before it sends."""
    run = exchange("gathering", Run((program,)), permanent_statuses={3})
    assert isinstance(task.restore, Machine)
    return replace(task, restore=sequence(run, task.restore))


@pytest.mark.parametrize(
    ("tasks", "restored"),
    [
        (CHAIN, {("t1", False)}),
        ([restoring(task, "again") for task in CHAIN], {("t0", True), ("t1", True)}),
        ([replace(task, restore=None) for task in CHAIN], {("t0", True), ("t1", True)}),
    ],
    ids=["by its restore machine", "which fails for good", "which there is none of"],
)
@pytest.mark.parametrize("workers", [1, 2])
async def test_a_receiver_that_waits_for_a_lost_message_of_a_finished_task_gets_it_again(
    server, workers, tasks, restored
):
    lost: list[Attempt] = []

    async def lose(worker, attempt, command):
        if isinstance(command, Receive) and attempt.task == "t2" and not lost:
            lost.append(attempt)
            await until(lambda: "t1" in {event.task for event in watcher.of(seen.TaskDone)})
            for mailbox in scene.mailboxes.values():
                mailbox.clear()
            run.messages_lost(SHARDS[0])

    watcher = Watcher()
    scene = Scene(lose, answers={"again": Ran(3, stderr="the chunks are gone")})
    run, _ = job_run(scene, tasks, watcher=watcher, settings=quick(workers))
    await finish(server, run)
    assert lost
    assert {(event.task, event.redone) for event in watcher.of(seen.TaskRestored)} == restored
    assert not watcher.lost


async def test_a_job_resumed_restores_only_what_is_missing(server):
    watcher = Watcher()
    scene = Scene()
    run, _ = job_run(scene, watcher=watcher, done=["t0", "t1"])
    results = await finish(server, run)
    assert set(results) == {"t2", "t3"}
    assert [event.task for event in watcher.of(seen.TaskRestored)] == ["t1"]


async def test_a_job_whose_tasks_are_all_done_ends_without_any_worker(server):
    run, backend = job_run(Scene(), done=["t0", "t1", "t2", "t3"])
    assert await finish(server, run) == {}
    assert not backend.workers


async def test_a_fact_passes_from_one_machine_to_another(server):
    first = Task("a", sequence(exchange("a", Echo("x")), publish("ready")))
    second = Task("b", sequence(wait_for("ready"), exchange("b", Echo("y"))), needs=("a",))
    run, _ = job_run(Scene(), [first, second])
    assert set(await finish(server, run)) == {"a", "b"}


def test_a_task_that_waits_for_what_nobody_publishes_is_refused():
    with pytest.raises(InvalidTasks, match="waits for 'ready'"):
        job_run(Scene(), [Task("b", wait_for("ready"))])


async def test_a_backend_that_can_start_nothing_fails_the_job(server):
    class Broken(FakeBackend):
        async def start(self, count, invitation):
            raise BackendError("there is no such function; deploy it", permanent=True)

    run = JobRun("job", CHAIN, Broken(Scene()), Watcher(), quick())
    with pytest.raises(NoWorkers, match="there is no such function"):
        await finish(server, run)


async def test_a_backend_that_is_full_for_now_is_asked_again_until_it_is_not(server):
    class Full(FakeBackend):
        refusals = 5

        async def start(self, count, invitation):
            if self.refusals:
                self.refusals -= 1
                raise BackendError("the quota is used up", passing=True)
            await super().start(count, invitation)

    backend = Full(Scene())
    bounds = {"fruitless_limit": 0, "postponed_seconds": 0.01}
    run = JobRun("job", CHAIN, backend, Watcher(), quick(schedule=bounds))
    await finish(server, run)
    assert backend.refusals == 0


async def test_a_run_that_is_cancelled_ends_its_workers(server):
    async def hang(worker, attempt, command):
        await asyncio.sleep(60)

    run, backend = job_run(Scene(hang))
    running = asyncio.ensure_future(server.run(run))
    await until(lambda: any(worker.journal for worker in backend.workers))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert backend.stopped


async def test_an_observer_that_raises_disturbs_nobody(server):
    class Bad:
        def observe(self, event):
            raise ValueError("on purpose")

    run, _ = job_run(Scene(), watcher=Bad())
    assert len(await finish(server, run)) == 4
