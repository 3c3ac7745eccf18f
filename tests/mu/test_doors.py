"""Who is let in by the coordinator, who is not, and what becomes of those who misbehave."""

from __future__ import annotations

import asyncio

import grpc
import pytest

from excamera_proto import mu_pb2 as pb
from mu import (
    Attempt,
    Failure,
    FailureKind,
    NoWorkers,
    TaskFailed,
)
from mu import observer as seen
from mu.hello import JOURNALS_LIMIT, PROGRAMS_LIMIT
from mu.run import RunDetached
from mu.session import Refused, Session
from tests.mu.fake_worker import FakeWorker, Scene
from tests.mu.runs import (
    CHAIN,
    PATIENCE,
    Deaf,
    Watcher,
    finish,
    job_run,
    quick,
    until,
)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"job": "other"}, grpc.StatusCode.PERMISSION_DENIED),
        ({"protocol": 99}, grpc.StatusCode.FAILED_PRECONDITION),
        ({"worker": ""}, grpc.StatusCode.INVALID_ARGUMENT),
        ({"worker": "w\nINFO all is well"}, grpc.StatusCode.INVALID_ARGUMENT),
        ({"backend": "x" * 1000}, grpc.StatusCode.INVALID_ARGUMENT),
        ({"seconds_left": float("nan")}, grpc.StatusCode.INVALID_ARGUMENT),
        ({"instance": "x" * 1000}, grpc.StatusCode.INVALID_ARGUMENT),
        ({"programs": ["tool"] * (PROGRAMS_LIMIT + 1)}, grpc.StatusCode.INVALID_ARGUMENT),
    ],
)
async def test_a_worker_that_introduces_itself_wrongly_is_refused(server, fields, code):
    worker = FakeWorker(server.invitation("job", "fake"), Scene(), "w", **fields)
    await asyncio.wait_for(worker.life, PATIENCE)
    assert worker.error is not None
    assert worker.error.code() is code


@pytest.mark.parametrize(("attempts", "replies"), [(JOURNALS_LIMIT + 1, 0), (2, 2049)])
async def test_a_worker_that_brings_more_than_it_was_ever_given_is_refused_unread(
    server, monkeypatch, attempts, replies
):
    """Going through it would hold up the workers of all jobs."""
    read: list[pb.Hello] = []
    monkeypatch.setattr("mu.reception.journals_from_wire", read.append)
    run, _ = job_run(Scene(), settings=quick(0))
    running = asyncio.ensure_future(server.run(run))
    worker = FakeWorker(server.invitation("job", "fake"), Scene(), "w")
    for number in range(attempts):
        journal = {call: pb.Reply(id=call) for call in range(replies)}
        worker.journal[Attempt(f"t{number}", 1)] = journal
    await asyncio.wait_for(worker.life, PATIENCE)
    running.cancel()
    assert worker.error is not None
    assert worker.error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "brings more than" in (worker.error.details() or "")
    assert read == []


async def test_what_a_worker_brings_is_not_kept_for_as_long_as_its_stream_lasts(server):
    kept: list[int] = []

    async def come_back(worker, attempt, command):
        if worker.connections == 1 and worker.journal[attempt]:
            worker.drop_stream()
            await until(lambda: worker.connections > 1)
            kept.extend(one.hello.ByteSize() for one in run._reception._sessions.values())

    run, _ = job_run(Scene(come_back), settings=quick(1))
    assert len(await finish(server, run)) == len(CHAIN)
    assert kept == [0]


@pytest.mark.parametrize("nonsense", [Attempt("t0", 0), Attempt("t" * 600, 1), Attempt("", 1)])
async def test_a_worker_that_comes_back_with_a_bad_journal_is_refused_and_then_lost(
    server, nonsense
):
    refused: list[tuple[FakeWorker, Attempt]] = []

    async def spoil(worker, attempt, command):
        if not refused:
            refused.append((worker, attempt))
            worker.journal[nonsense] = {}
            worker.drop_stream()
            await asyncio.sleep(60)

    watcher = Watcher()
    settings = quick(1, schedule={"grace_seconds": 1.0})
    run, _ = job_run(Scene(spoil), watcher=watcher, settings=settings)
    await finish(server, run)
    worker, attempt = refused[0]
    assert worker.error is not None
    assert worker.error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert [(event.attempt, event.reason) for event in watcher.lost] == [(attempt, "silent")]
    assert (worker.name, True) in [(left.worker, left.lost) for left in watcher.of(seen.WorkerLeft)]


async def test_a_worker_that_comes_with_a_bad_journal_has_never_been_here(server):
    began, go_on = asyncio.Event(), asyncio.Event()

    async def pause(worker, attempt, command):
        began.set()
        await go_on.wait()

    watcher = Watcher()
    run, _ = job_run(Scene(pause), watcher=watcher, settings=quick(1))
    running = asyncio.ensure_future(finish(server, run))
    await asyncio.wait_for(began.wait(), PATIENCE)
    stranger = FakeWorker(server.invitation("job", "fake"), Scene(), "stranger")
    stranger.journal[Attempt("t0", 0)] = {}
    await asyncio.wait_for(stranger.life, PATIENCE)
    go_on.set()
    await running
    assert stranger.error is not None
    assert stranger.error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "stranger" not in [event.worker for event in watcher.of(seen.WorkerJoined)]


async def test_workers_whose_programs_are_others_get_no_work_and_fail_the_job(server):
    scene = Scene(programs=("tool 1",))
    settings = quick(1, programs=("tool 2",), schedule={"fruitless_limit": 1})
    run, backend = job_run(scene, settings=settings)
    with pytest.raises(NoWorkers, match="no workers: a worker has tool 1, not tool 2"):
        await finish(server, run)
    assert len(backend.workers) == 2
    assert not scene.executed
    refused = backend.workers[0].error
    assert refused is not None
    assert refused.code() is grpc.StatusCode.FAILED_PRECONDITION


async def test_workers_of_an_earlier_version_are_named_and_not_waited_for(server):
    """As those of a function that was not deployed anew."""
    scene = Scene(protocol=2)
    settings = quick(1, schedule={"fruitless_limit": 0, "launch_seconds": 600.0})
    run, backend = job_run(scene, settings=settings)
    with pytest.raises(NoWorkers, match="no workers: a worker speaks version 2 of the protocol"):
        await finish(server, run)
    assert len(backend.workers) == 1
    assert not scene.executed


async def test_a_worker_with_the_programs_that_are_wanted_is_let_in(server):
    scene = Scene(programs=("other 7", "tool 2"))
    run, _ = job_run(scene, settings=quick(1, programs=("tool 2",)))
    assert len(await finish(server, run)) == len(CHAIN)


async def test_a_run_that_was_left_to_another_coordinator_takes_nobody_back(server):
    async def hang(worker, attempt, command):
        await asyncio.sleep(60)

    watcher = Watcher()
    run, backend = job_run(Scene(hang), watcher=watcher)
    running = asyncio.ensure_future(server.run(run))
    await until(lambda: any(worker.journal for worker in backend.workers))
    run.detach()
    with pytest.raises(Refused) as refused:  # the run's last steps have yet to be made
        await run.serve(Session(pb.Hello(worker="w"), Deaf()))
    assert refused.value.code is grpc.StatusCode.UNAVAILABLE
    with pytest.raises(RunDetached):
        await running
    assert "w" not in [event.worker for event in watcher.of(seen.WorkerJoined)]
    await backend.stop()


async def test_a_worker_that_comes_after_the_end_is_told_to_quit(server):
    run, _ = job_run(Scene())
    await finish(server, run)
    late = FakeWorker(server.invitation("job", "fake"), Scene(), "late")
    await asyncio.wait_for(late.life, PATIENCE)
    assert late.quit == "the job has ended"


async def test_a_program_that_cannot_be_found_says_so(server):
    scene = Scene(answers={"encode": Failure(FailureKind.NOT_FOUND, "no executable encode")})
    run, _ = job_run(scene)
    with pytest.raises(TaskFailed, match="no executable encode"):
        await finish(server, run)


async def test_a_worker_that_does_not_read_holds_up_nobody(server, monkeypatch):
    monkeypatch.setattr("mu.session.OUTBOX_LIMIT", 5)

    session = Session(pb.Hello(worker="deaf"), Deaf())
    holding = asyncio.ensure_future(session.hold(lambda message: None, 60.0))
    await asyncio.sleep(0)
    for _ in range(10):
        session.send(pb.ToWorker(quit=pb.Quit()))
    await asyncio.wait_for(holding, PATIENCE)
    assert session.closed.result() == "it does not read what it is sent"


async def test_what_a_worker_says_that_makes_no_sense_ends_its_stream_only(server):
    run, backend = job_run(Scene(), settings=quick(1))
    nonsense = pb.FromWorker(hello=pb.Hello())

    async def babble(worker, attempt, command):
        if worker.connections == 1:
            await worker._write(nonsense)

    backend.scene.before = babble
    assert len(await finish(server, run)) == 4
    assert backend.workers[0].connections > 1
