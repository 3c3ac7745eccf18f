"""Hello, reconnection, duplicates and the ends of a worker, over real connections."""

from __future__ import annotations

from dataclasses import replace

import grpc
import pytest

from excamera_proto import PROTOCOL_VERSION, mu_pb2
from excamera_proto.credentials import RENDEZVOUS, Authority, Identity
from excamera_proto.mu_pb2 import Attempt, Echo, Failure, Forget, Quit, Run
from excamera_worker.exit_codes import ExitCode
from excamera_worker.invitation import Invitation
from excamera_worker.settings import Settings
from tests.worker.conftest import JOB, Start
from tests.worker.fake_coordinator import ATTEMPT, FakeCoordinator, coordinating

WAIT = Run(argv=["py", "-c", "import sys; print('up', file=sys.stderr, flush=True); open('gate')"],
           timeout_seconds=3600)  # fmt: skip
OPEN = Run(argv=["py", "-c", "open('gate', 'w')"], timeout_seconds=3600)
GATE = Run(argv=["mkfifo", "gate"], timeout_seconds=3600)


async def test_a_worker_introduces_itself(start: Start, coordinator: FakeCoordinator) -> None:
    start()
    connection = await coordinator.accept()
    hello = connection.hello
    assert connection.identity == Identity.worker(JOB)
    assert (hello.protocol, hello.job, hello.worker, hello.backend) == (
        PROTOCOL_VERSION,
        JOB,
        "worker-1",
        "local",
    )
    assert not hello.HasField("seconds_left")
    assert list(hello.journals) == []


async def test_a_worker_says_what_its_native_programs_are(
    start: Start, coordinator: FakeCoordinator, invitation: Invitation, settings: Settings
) -> None:
    start(invitation, replace(settings, native=frozenset({"mkfifo", "not-there"})))
    connection = await coordinator.accept()
    (said,) = connection.hello.programs
    assert said.startswith("mkfifo (")


async def test_a_worker_with_a_time_limit_says_what_is_left(
    start: Start, coordinator: FakeCoordinator, invitation: Invitation
) -> None:
    start(replace(invitation, seconds=900.0))
    connection = await coordinator.accept()
    assert 800 < connection.hello.seconds_left <= 900
    await connection.welcome(heartbeat=0.01)
    heartbeats = [await connection.heartbeats.get() for _ in range(2)]
    assert 800 < heartbeats[1].seconds_left < heartbeats[0].seconds_left


async def test_a_worker_near_its_time_limit_says_goodbye(
    start: Start, coordinator: FakeCoordinator, invitation: Invitation, settings: Settings
) -> None:
    running = start(replace(invitation, seconds=900.0), replace(settings, leave_before_limit=899.8))
    connection = await coordinator.welcome()
    assert "time limit" in (await connection.goodbye.get()).reason
    assert (await running.outcome).exit_code == ExitCode.OK


async def test_a_worker_that_is_told_to_quit_ends(
    start: Start, coordinator: FakeCoordinator
) -> None:
    running = start()
    await (await coordinator.welcome()).send(quit=Quit(reason="done"))
    outcome = await running.outcome
    assert (outcome.exit_code, outcome.reason) == (ExitCode.OK, "done")


async def test_a_surplus_worker_quits_without_being_welcomed(
    start: Start, coordinator: FakeCoordinator
) -> None:
    running = start()
    await (await coordinator.accept()).send(quit=Quit(reason="enough"))
    assert (await running.outcome).reason == "enough"


@pytest.mark.parametrize("code", [None, grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED])
async def test_a_reconnecting_worker_hands_its_journal_over(
    start: Start, coordinator: FakeCoordinator, code: grpc.StatusCode | None
) -> None:
    start()
    connection = await coordinator.welcome()
    other = Attempt(task="chunk 4", number=2)
    replies = [
        await connection.ask(echo=Echo(text="a")),
        await connection.ask(get=mu_pb2.Get(name="nothing")),
        await connection.ask(attempt=other, echo=Echo(text="b")),
    ]
    connection.drop(code)
    connection = await coordinator.accept()
    assert connection.hello.worker == "worker-1"
    assert [(j.attempt, list(j.replies)) for j in connection.hello.journals] == [
        (ATTEMPT, replies[:2]),
        (other, replies[2:]),
    ]


async def test_a_forgotten_attempt_is_not_in_the_journal(
    start: Start, coordinator: FakeCoordinator
) -> None:
    start()
    connection = await coordinator.welcome()
    await connection.ask(echo=Echo())
    await connection.send(forget=Forget(attempt=ATTEMPT))
    await connection.ask(attempt=Attempt(task="x", number=1), echo=Echo())
    connection.drop()
    hello = (await coordinator.accept()).hello
    assert [journal.attempt.task for journal in hello.journals] == ["x"]


async def test_programs_go_on_while_the_worker_reconnects(
    start: Start, coordinator: FakeCoordinator
) -> None:
    start()
    connection = await coordinator.welcome()
    await connection.ask(run=GATE)
    number = await connection.call(run=WAIT)
    await connection.line("up")
    connection.drop(grpc.StatusCode.UNAVAILABLE)

    connection = await coordinator.welcome()
    (journal,) = connection.hello.journals
    assert [reply.id for reply in journal.replies] == [1]
    await connection.call(id=number, run=WAIT)  # already running
    await connection.call(id=9, run=OPEN)
    replies = {reply.id: reply for reply in [await connection.reply(), await connection.reply()]}
    assert replies[number].ran.exit_status == 0
    assert set(replies) == {number, 9}


async def test_a_call_that_comes_again_is_answered_again(
    start: Start, coordinator: FakeCoordinator
) -> None:
    start()
    connection = await coordinator.welcome()
    first = await connection.ask(echo=Echo(text="first"))
    again = await connection.ask(id=first.id, echo=Echo(text="second"))
    assert again == first


async def test_a_cancelled_call_stays_cancelled(start: Start, coordinator: FakeCoordinator) -> None:
    start()
    connection = await coordinator.welcome()
    await connection.ask(run=GATE)
    number = await connection.call(run=WAIT)
    await connection.send(cancel=mu_pb2.Cancel(attempt=ATTEMPT, id=number))
    reply = await connection.reply()
    assert reply.failure.kind == Failure.CANCELLED
    connection.drop()
    connection = await coordinator.welcome()
    assert connection.hello.journals[0].replies[1] == reply
    assert await connection.ask(id=number, run=WAIT) == reply


async def test_cancel_and_forget_of_what_is_not_there_do_nothing(
    start: Start, coordinator: FakeCoordinator
) -> None:
    start()
    connection = await coordinator.welcome()
    await connection.send(cancel=mu_pb2.Cancel(attempt=ATTEMPT, id=1))
    await connection.send(forget=Forget(attempt=ATTEMPT))
    await connection.send()
    assert (await connection.ask(echo=Echo(text="x"))).value.text == "x"


@pytest.mark.parametrize(
    "code", [grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.FAILED_PRECONDITION]
)
async def test_a_worker_that_is_refused_ends(
    start: Start, coordinator: FakeCoordinator, code: grpc.StatusCode
) -> None:
    coordinator.refuse_with = code
    outcome = await start().outcome
    assert outcome.exit_code == ExitCode.REFUSED
    assert "not you" in outcome.reason


async def test_a_coordinator_with_another_certificate_is_refused(
    start: Start, authority: Authority, invitation: Invitation
) -> None:
    other = Authority.create("another")
    for credential in (
        other.issue(Identity.parse("excamera://coordinator")),
        authority.issue(RENDEZVOUS),
    ):
        async with coordinating(authority, credential) as impostor:
            running = start(replace(invitation, coordinator=impostor.address))
            assert (await running.outcome).exit_code == ExitCode.REFUSED
            assert impostor.dialled.empty()


async def test_a_worker_whose_coordinator_is_gone_gives_up(
    start: Start, invitation: Invitation, settings: Settings
) -> None:
    running = start(
        replace(invitation, coordinator="127.0.0.1:1"), replace(settings, reconnect=0.05)
    )
    assert (await running.outcome).exit_code == ExitCode.LOST


async def test_a_coordinator_without_a_word_counts_as_gone(
    start: Start, coordinator: FakeCoordinator, settings: Settings
) -> None:
    start(settings=replace(settings, welcome=0.05))
    await coordinator.accept()
    await coordinator.accept()


async def test_a_worker_that_leaves_says_goodbye_and_answers_nothing_more(
    start: Start, coordinator: FakeCoordinator
) -> None:
    running = start()
    connection = await coordinator.welcome()
    await connection.ask(run=GATE)
    await connection.call(run=WAIT)
    await connection.line("up")
    running.worker.leave("SIGTERM")
    assert (await connection.goodbye.get()).reason == "SIGTERM"
    assert (await running.outcome).exit_code == ExitCode.OK
    await connection.ended.wait()
    assert connection._replies.empty()


async def test_a_worker_leaves_also_while_nobody_listens(
    start: Start, invitation: Invitation
) -> None:
    running = start(replace(invitation, coordinator="127.0.0.1:1"))
    running.worker.leave("SIGTERM")
    assert (await running.outcome).exit_code == ExitCode.OK
