"""How residents end: by what becomes of a run, for want of one, or with their worker."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import chain
from pathlib import Path

import pytest

from excamera_proto import mu_pb2
from excamera_proto.mu_pb2 import Failure
from excamera_worker.resident import RunOfResident
from excamera_worker.residents import Residents
from excamera_worker.settings import Settings
from tests.worker.conftest import Start
from tests.worker.fake_coordinator import ATTEMPT, Connection, FakeCoordinator
from tests.worker.processes import gone
from tests.worker.resident_runs import pid, run, stays

FOREVER = "import os, sys, time; print('pids', os.getpid(), file=sys.stderr); time.sleep(3600)"

Begin = Callable[..., RunOfResident]


@pytest.fixture
async def by_itself(settings: Settings, programs: Path, tmp_path: Path) -> AsyncIterator[Begin]:
    """Begins runs of a resident, without a worker."""
    residents = Residents(settings)
    begun: list[RunOfResident] = []

    def begin(source: str, *, stdout: int = subprocess.PIPE) -> RunOfResident:
        argv = [str(programs / "stays"), "-c", source]
        running = residents.start(argv, tmp_path, {}, stdout=stdout)
        assert isinstance(running, RunOfResident)
        begun.append(running)
        return running

    yield begin
    await residents.close()
    for pipe in chain.from_iterable(one.outputs for one in begun):
        pipe.close()


@pytest.fixture
def full() -> Iterator[int]:
    """A device with no room."""
    with open("/dev/full", "wb") as file:
        yield file.fileno()


@pytest.mark.parametrize(
    ("source", "status", "said"),
    [
        ("import sys; sys.exit(3)", 3, ""),
        ("raise SystemExit('no')", 1, ""),
        ("1 / 0", 1, "ZeroDivisionError"),
        ("import os; os.kill(os.getpid(), 11)", -11, ""),
        ("import os; os._exit(7)", 7, ""),
    ],
)
async def test_after_a_run_that_fails_another_process_goes_on(
    connection: Connection, source: str, status: int, said: str
) -> None:
    before = await pid(connection)
    reply = await run(connection, source)
    assert reply.ran.exit_status == status
    assert said in reply.ran.stderr
    assert await pid(connection) != before
    await gone(before)


async def test_a_program_that_cannot_start_says_why(connection: Connection) -> None:
    reply = await run(connection, "print(1)", memory_bytes=8_000_000)
    assert reply.failure.kind == Failure.OUT_OF_MEMORY
    assert (await run(connection, "print(1)")).ran.stdout == "1\n"


async def test_a_run_over_its_time_is_ended(connection: Connection) -> None:
    before = await pid(connection)
    await connection.call(run=stays(FOREVER, timeout_seconds=0.3))
    reply = await connection.reply()
    assert reply.failure.kind == Failure.TIMED_OUT
    assert f"pids {before}" in reply.failure.message
    await gone(before)
    assert (await run(connection, "print(1)")).ran.stdout == "1\n"


async def test_a_cancelled_run_is_ended(connection: Connection) -> None:
    number = await connection.call(run=stays(FOREVER))
    family = int((await connection.line("pids")).split()[1])
    await connection.send(cancel=mu_pb2.Cancel(attempt=ATTEMPT, id=number))
    reply = await connection.reply()
    assert (reply.id, reply.failure.kind) == (number, Failure.CANCELLED)
    await gone(family)
    assert await pid(connection) != family


async def test_a_run_of_a_forgotten_attempt_is_ended(connection: Connection) -> None:
    await connection.call(run=stays(FOREVER))
    family = int((await connection.line("pids")).split()[1])
    await connection.send(forget=mu_pb2.Forget(attempt=ATTEMPT))
    await gone(family)
    assert await pid(connection) != family


async def test_forgetting_an_attempt_leaves_a_process_that_has_nothing_to_do(
    connection: Connection,
) -> None:
    before = await pid(connection)
    await connection.send(forget=mu_pb2.Forget(attempt=ATTEMPT))
    assert await pid(connection) == before


async def test_a_run_that_has_ended_cannot_end_the_next(by_itself: Begin) -> None:
    """Its attempt may be cancelled before anybody has heard of its end."""
    first = by_itself("")
    assert (await first.wait()).exit_status == 0
    second = by_itself("raise SystemExit(3)")
    first.kill()
    assert (await second.wait()).exit_status == 3
    assert (await first.wait()).exit_status == 0


@pytest.mark.parametrize("end", ["", "; raise SystemExit(0)"])
async def test_output_for_which_there_is_no_room_fails_the_run_and_gets_into_no_other(
    by_itself: Begin, full: int, end: str
) -> None:
    assert (await by_itself(f"print('lost'){end}", stdout=full).wait()).exit_status == 1
    second = by_itself(f"print('told'){end}")
    assert (await second.wait()).exit_status == 0
    assert second.outputs[0].read() == b"told\n"


async def test_a_process_that_is_killed_between_runs_is_replaced(connection: Connection) -> None:
    before = await pid(connection)
    os.kill(before, signal.SIGKILL)
    await gone(before)
    assert await pid(connection) != before


async def test_a_run_over_its_memory_limit_fails_for_lack_of_memory(
    connection: Connection,
) -> None:
    limits = {"memory_bytes": 600_000_000}
    before = await pid(connection, **limits)
    reply = await run(connection, "x = bytearray(1 << 30)", **limits)
    assert reply.failure.kind == Failure.OUT_OF_MEMORY
    assert await pid(connection, **limits) != before


async def test_a_process_that_answers_nonsense_is_ended(connection: Connection) -> None:
    source = """
import os, socket, stat
for number in map(int, os.listdir("/proc/self/fd")):
    try:
        if stat.S_ISSOCK(os.fstat(number).st_mode):
            socket.socket(fileno=os.dup(number)).send(b"[[[[")
    except OSError:
        pass
"""
    before = await pid(connection)
    assert (await run(connection, source)).ran.exit_status == -signal.SIGKILL
    assert await pid(connection) != before


async def test_a_process_with_nothing_to_do_is_ended_after_a_while(
    start: Start, coordinator: FakeCoordinator, settings: Settings
) -> None:
    start(settings=dataclasses.replace(settings, resident_idle=0.01))
    connection = await coordinator.welcome()
    await gone(await pid(connection))
    assert (await run(connection, "print(1)")).ran.stdout == "1\n"


async def test_a_process_ends_with_its_worker(start: Start, coordinator: FakeCoordinator) -> None:
    running = start()
    connection = await coordinator.welcome()
    resident = await pid(connection)
    running.worker.leave("enough")
    await running.outcome
    with pytest.raises(ProcessLookupError):
        os.kill(resident, 0)
