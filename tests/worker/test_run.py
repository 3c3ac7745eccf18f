"""Run: programs, their limits and their ends, over a real connection."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from excamera_proto import mu_pb2
from excamera_proto.mu_pb2 import Failure, Reply, Run
from excamera_worker.settings import Settings
from tests.worker.conftest import Start
from tests.worker.fake_coordinator import ATTEMPT, Connection, FakeCoordinator
from tests.worker.processes import gone

LONG = 3600.0

FAMILY = """
import os, sys, subprocess, time
child = subprocess.Popen(["sleep", "3600"])
print("pids", os.getpid(), child.pid, file=sys.stderr, flush=True)
"""
"""A program with a child; what it does next is for the test to add."""


def python(source: str, **limits: float | str) -> Run:
    return Run(argv=["py", "-c", source], **{"timeout_seconds": LONG, **limits})  # type: ignore[arg-type]


async def pids(connection: Connection) -> list[int]:
    return [int(pid) for pid in (await connection.line("pids")).split()[1:]]


async def run(connection: Connection, source: str, **limits: float | str) -> Reply:
    return await connection.ask(run=python(source, **limits))


async def test_a_program_that_ends_is_described(connection: Connection) -> None:
    reply = await run(
        connection, "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"
    )
    ran = reply.ran
    assert (ran.exit_status, ran.stdout, ran.stderr) == (3, "out\n", "err\n")
    assert ran.peak_memory_bytes > 1_000_000
    assert ran.user_seconds + ran.system_seconds > 0
    assert connection.progress == ["err"]


async def test_a_program_that_is_killed_has_the_signal_as_its_status(
    connection: Connection,
) -> None:
    reply = await run(connection, "import os; os.kill(os.getpid(), 15)")
    assert reply.ran.exit_status == -15


async def test_programs_of_an_attempt_share_its_scratch_folder(connection: Connection) -> None:
    await run(connection, "print('hello', end='')", stdout_file="sub/greeting")
    reply = await run(connection, "print(open('sub/greeting').read(), end='')")
    assert (reply.ran.exit_status, reply.ran.stdout) == (0, "hello")


async def test_standard_output_in_a_file_is_not_in_the_reply(connection: Connection) -> None:
    reply = await run(connection, "print('x' * 1_000_000)", stdout_file="big")
    assert (reply.ran.exit_status, reply.ran.stdout) == (0, "")


async def test_a_program_sees_little_of_the_workers_environment(
    connection: Connection, settings: Settings
) -> None:
    source = "import os, json; print(json.dumps([os.getcwd(), dict(os.environ)]))"
    folder, environment = json.loads((await run(connection, source)).ran.stdout)
    assert environment.pop("PWD", folder) == folder  # the shell in front of python adds some
    for added in ("SHLVL", "OLDPWD", "_", "LC_CTYPE"):
        environment.pop(added, None)
    assert Path(environment.pop("EXCAMERA_GRANTS")).parent == Path(folder).parent
    assert environment == {
        "HOME": folder,
        "LANG": "C.UTF-8",
        "PATH": settings.search_path,
        "TMPDIR": folder,
    }


async def test_a_program_has_no_input_and_inherits_nothing(connection: Connection) -> None:
    source = "import os, sys; print(repr(sys.stdin.read()), len(os.listdir('/proc/self/fd')))"
    # Standard input, output and error, and the listing itself.
    assert (await run(connection, source)).ran.stdout == "'' 4\n"


@pytest.mark.parametrize("name", ["", "/bin/true", "./true", "../true", "a/b", "-x", "a b", "a\0"])
async def test_only_bare_names_are_run(connection: Connection, name: str) -> None:
    reply = await connection.ask(run=Run(argv=[name], timeout_seconds=LONG))
    assert reply.failure.kind == Failure.INVALID


@pytest.mark.parametrize("argv", [[], ["true", "a\0b"]])
async def test_arguments_that_cannot_be_are_refused(
    connection: Connection, argv: list[str]
) -> None:
    reply = await connection.ask(run=Run(argv=argv, timeout_seconds=LONG))
    assert reply.failure.kind == Failure.INVALID


async def test_no_shell_sees_the_arguments(connection: Connection) -> None:
    reply = await connection.ask(run=Run(argv=["echo", "$HOME; `id`"], timeout_seconds=LONG))
    assert reply.ran.stdout == "$HOME; `id`\n"


async def test_an_executable_that_is_not_there_is_not_found(connection: Connection) -> None:
    reply = await connection.ask(run=Run(argv=["no-such-program"], timeout_seconds=LONG))
    assert reply.failure.kind == Failure.NOT_FOUND
    assert "no-such-program" in reply.failure.message


@pytest.mark.parametrize("seconds", [0, -1, float("inf"), float("nan")])
async def test_a_program_without_a_time_limit_is_refused(
    connection: Connection, seconds: float
) -> None:
    reply = await connection.ask(run=Run(argv=["true"], timeout_seconds=seconds))
    assert reply.failure.kind == Failure.INVALID


async def test_a_program_over_its_time_is_ended_with_its_children(connection: Connection) -> None:
    await connection.call(run=python(FAMILY + "time.sleep(3600)", timeout_seconds=0.3))
    family = await pids(connection)
    reply = await connection.reply()
    assert reply.failure.kind == Failure.TIMED_OUT
    assert "pids" in reply.failure.message
    for pid in family:
        await gone(pid)


async def test_a_cancelled_program_is_ended_with_its_children(connection: Connection) -> None:
    number = await connection.call(run=python(FAMILY + "time.sleep(3600)"))
    family = await pids(connection)
    await connection.send(cancel=mu_pb2.Cancel(attempt=ATTEMPT, id=number))
    reply = await connection.reply()
    assert (reply.id, reply.failure.kind) == (number, Failure.CANCELLED)
    for pid in family:
        await gone(pid)


async def test_children_that_a_program_leaves_behind_are_ended(connection: Connection) -> None:
    await connection.call(run=python(FAMILY + "os._exit(0)"))
    family = await pids(connection)
    assert (await connection.reply()).ran.exit_status == 0
    for pid in family:
        await gone(pid)


async def test_a_forgotten_program_is_ended_and_its_folder_removed(
    connection: Connection, scratch: Path
) -> None:
    await connection.call(run=python(FAMILY + "open('x', 'w'); time.sleep(3600)"))
    family = await pids(connection)
    await connection.send(forget=mu_pb2.Forget(attempt=ATTEMPT))
    for pid in family:
        await gone(pid)
    # The next reply is to the next call: the forgotten one is not answered.
    assert (await connection.ask(echo=mu_pb2.Echo())).id == 2


async def test_a_call_that_is_cancelled_at_once_is_still_answered(connection: Connection) -> None:
    number = await connection.call(run=python("import time; time.sleep(3600)"))
    await connection.send(cancel=mu_pb2.Cancel(attempt=ATTEMPT, id=number))
    await connection.send(cancel=mu_pb2.Cancel(attempt=ATTEMPT, id=number))
    assert (await connection.reply()).failure.kind == Failure.CANCELLED
    assert (await connection.ask(echo=mu_pb2.Echo(text="next"))).value.text == "next"


async def test_a_program_over_its_memory_limit_fails_for_lack_of_memory(
    connection: Connection,
) -> None:
    reply = await run(connection, "x = bytearray(1 << 30)", memory_bytes=300_000_000)
    assert reply.failure.kind == Failure.OUT_OF_MEMORY
    within = await run(connection, "x = bytearray(1 << 20)", memory_bytes=300_000_000)
    assert within.ran.exit_status == 0


async def test_a_flood_of_output_is_bounded(connection: Connection, settings: Settings) -> None:
    reply = await run(
        connection,
        "import sys\n"
        "for i in range(200_000): print('line', i, file=sys.stderr)\n"
        "sys.stdout.write('y' * 5_000_000 + 'end')\n",
    )
    assert reply.ran.exit_status == 0
    assert reply.ran.stderr.endswith("line 199999\n")
    assert reply.ran.stdout.endswith("yyyend")
    for text in (reply.ran.stdout, reply.ran.stderr):
        assert len(text) < settings.output_tail + 100
    # How many pass depends on how long it took, but it is far from all.
    assert settings.progress_burst <= len(connection.progress) < 2000


async def test_a_line_without_end_is_bounded(connection: Connection) -> None:
    await run(connection, "import sys; sys.stderr.write('x' * 3_000_000)")
    assert [len(line) for line in connection.progress] == [1000]


async def test_calls_of_one_attempt_run_at_the_same_time(connection: Connection) -> None:
    await connection.ask(run=Run(argv=["mkfifo", "meet"], timeout_seconds=LONG))
    reader = await connection.call(run=python("print(open('meet').read())"))
    writer = await connection.call(run=python("open('meet', 'w').write('hello')"))
    replies = {reply.id: reply for reply in [await connection.reply(), await connection.reply()]}
    assert replies[writer].ran.exit_status == 0
    assert replies[reader].ran.stdout == "hello\n"


async def test_a_second_program_is_not_started_for_the_same_call(connection: Connection) -> None:
    await connection.ask(run=Run(argv=["mkfifo", "gate"], timeout_seconds=LONG))
    source = "open('log', 'a').write('x'); open('gate').read()"
    number = await connection.call(run=python(source))
    await connection.call(id=number, run=python(source))
    opener = await connection.call(run=python("open('gate', 'w')"))
    assert {(await connection.reply()).id, (await connection.reply()).id} == {number, opener}
    assert (await run(connection, "print(open('log').read())")).ran.stdout == "x\n"


async def test_the_private_folder_is_nobody_elses(connection: Connection, scratch: Path) -> None:
    await connection.ask(echo=mu_pb2.Echo())
    (folder,) = scratch.iterdir()
    assert folder.stat().st_mode & 0o077 == 0


async def test_output_of_a_program_that_has_escaped_does_not_hold_the_reply_up(
    start: Start, coordinator: FakeCoordinator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("excamera_worker.executables._LAST_OUTPUT_SECONDS", 0.01)
    start()
    connection = await coordinator.welcome()
    source = FAMILY.replace('"3600"]', '"3600"], start_new_session=True')
    await connection.call(run=python(source))
    escaped = (await pids(connection))[1]
    assert (await connection.reply()).ran.exit_status == 0
    os.kill(escaped, 9)
