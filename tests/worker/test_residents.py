"""Residents: one process for many runs, which are all as if each had a process of its own."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import chain
from pathlib import Path

import pytest

from excamera_proto import mu_pb2
from excamera_proto.mu_pb2 import Failure, Reply, Run
from excamera_worker.resident import REQUEST_LIMIT, RunOfResident
from excamera_worker.residents import Residents
from excamera_worker.settings import Settings
from tests.worker.conftest import Start
from tests.worker.fake_coordinator import ATTEMPT, Connection, FakeCoordinator
from tests.worker.processes import gone

LONG = 3600.0
PID = "import os; print(os.getpid())"
FOREVER = "import os, sys, time; print('pids', os.getpid(), file=sys.stderr); time.sleep(3600)"


def stays(source: str, *more: str, **limits: float | str) -> Run:
    argv = ["stays", "-c", source, *more]
    return Run(argv=argv, **{"timeout_seconds": LONG, **limits})  # type: ignore[arg-type]


async def run(connection: Connection, source: str, *more: str, **limits: float | str) -> Reply:
    return await connection.ask(run=stays(source, *more, **limits))


async def pid(connection: Connection, **limits: float | str) -> int:
    return int((await run(connection, PID, **limits)).ran.stdout)


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


async def test_runs_share_a_process(connection: Connection) -> None:
    assert await pid(connection) == await pid(connection)
    reply = await run(connection, "past.append(1); print(past)")
    assert (reply.ran.exit_status, reply.ran.stdout) == (0, "[1]\n")
    assert (await run(connection, "past.append(1); print(past)")).ran.stdout == "[1, 1]\n"


async def test_each_run_has_its_own_outputs_and_lines(connection: Connection) -> None:
    for n in range(3):
        source = f"import sys; print('out', {n}); print('err', {n}, file=sys.stderr)"
        ran = (await run(connection, source)).ran
        assert (ran.exit_status, ran.stdout, ran.stderr) == (0, f"out {n}\n", f"err {n}\n")
    assert connection.progress == ["err 0", "err 1", "err 2"]


async def test_what_a_run_writes_by_itself_comes_whole(connection: Connection) -> None:
    source = "import os; os.write(1, b'x' * 300_000); open(1, 'wb').write(b'end')"
    for _ in range(2):
        reply = await run(connection, source)
        assert reply.ran.stdout.endswith("xend")
        assert len(reply.ran.stdout) > 60_000


async def test_standard_output_in_a_file(connection: Connection) -> None:
    for n in range(2):
        reply = await run(connection, f"print('hello', {n})", stdout_file="sub/greeting")
        assert (reply.ran.exit_status, reply.ran.stdout) == (0, "")
        reply = await run(connection, "print(open('sub/greeting').read(), end='')")
        assert reply.ran.stdout == f"hello {n}\n"


async def test_a_run_has_no_input(connection: Connection) -> None:
    for _ in range(2):
        assert (await run(connection, "import sys; print(repr(sys.stdin.read()))")).ran.stdout == (
            "''\n"
        )


async def test_runs_see_the_environment_and_the_folder_of_their_own_call_only(
    connection: Connection, settings: Settings
) -> None:
    source = "import os, json; print(json.dumps([os.getcwd(), dict(os.environ)]))"
    leaving = "import os; os.environ['LEFT'] = 'behind'; os.chdir('/'); os.environ.pop('PATH')"
    grants = set()
    for _ in range(3):
        folder, environment = json.loads((await run(connection, source)).ran.stdout)
        granted = Path(environment.pop("EXCAMERA_GRANTS"))
        assert granted.parent == Path(folder).parent
        grants.add(granted)
        environment.pop("LC_CTYPE", None)
        assert environment == {
            "HOME": folder,
            "LANG": "C.UTF-8",
            "PATH": settings.search_path,
            "TMPDIR": folder,
        }
        assert (await run(connection, leaving)).ran.exit_status == 0
    assert len(grants) == 3


async def test_temporary_files_lie_in_the_folder_of_the_run(connection: Connection) -> None:
    source = "import os, tempfile; print(tempfile.gettempdir() == os.getcwd())"
    for number in range(2):
        attempt = mu_pb2.Attempt(task="another", number=number)
        reply = await connection.ask(attempt=attempt, run=stays(source))
        assert reply.ran.stdout == "True\n"


async def test_two_hundred_runs_leave_nothing_open(connection: Connection) -> None:
    source = "import os; print(os.getpid(), len(os.listdir('/proc/self/fd')))"
    first = (await run(connection, source)).ran.stdout
    ours = len(os.listdir("/proc/self/fd"))
    for _ in range(200):
        assert (await run(connection, source)).ran.stdout == first
    assert len(os.listdir("/proc/self/fd")) <= ours


async def test_a_run_is_told_its_own_share_of_what_was_used(connection: Connection) -> None:
    busy = "import time\nuntil = time.process_time() + 0.3\nwhile time.process_time() < until: pass"
    first = (await run(connection, busy)).ran
    assert first.user_seconds + first.system_seconds >= 0.3
    second = (await run(connection, "")).ran
    assert 0 <= second.user_seconds + second.system_seconds < 0.3
    assert second.peak_memory_bytes > 1_000_000


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


async def test_a_run_with_another_memory_limit_has_another_process(connection: Connection) -> None:
    source = "import resource; print(*resource.getrlimit(resource.RLIMIT_AS))"
    first = await pid(connection)
    for limit in (600_000_000, 700_000_000):
        reply = await run(connection, source, memory_bytes=limit)
        assert reply.ran.stdout == f"{limit} {limit}\n"
    await gone(first)


async def test_a_second_run_beside_a_busy_one_has_a_process_of_its_own(
    connection: Connection,
) -> None:
    first = await pid(connection)
    await connection.ask(run=Run(argv=["mkfifo", "meet"], timeout_seconds=LONG))
    reader = await connection.call(run=stays("print(open('meet').read())"))
    writer = await connection.call(
        run=stays("import os; open('meet', 'w').write(str(os.getpid()))")
    )
    replies = {reply.id: reply for reply in [await connection.reply(), await connection.reply()]}
    assert replies[writer].ran.exit_status == 0
    assert int(replies[reader].ran.stdout) != first
    assert await pid(connection) == first


async def test_a_run_with_very_long_arguments_has_a_process_of_its_own(
    connection: Connection,
) -> None:
    first = await pid(connection)
    longest = "x" * (REQUEST_LIMIT - 10_000)
    assert int((await run(connection, PID, longest)).ran.stdout) == first
    assert int((await run(connection, PID, "x" * REQUEST_LIMIT)).ran.stdout) != first
    assert await pid(connection) == first


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
