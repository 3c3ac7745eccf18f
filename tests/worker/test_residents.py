"""Residents: one process for many runs, which are all as if each had a process of its own."""

from __future__ import annotations

import json
import os
from pathlib import Path

from excamera_proto import mu_pb2
from excamera_proto.mu_pb2 import Run
from excamera_worker.resident import REQUEST_LIMIT
from excamera_worker.settings import Settings
from tests.worker.fake_coordinator import Connection
from tests.worker.processes import gone
from tests.worker.resident_runs import LONG, pid, run, stays


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
    assert await pid(connection, longest) == first
    assert await pid(connection, "x" * REQUEST_LIMIT) != first
    assert await pid(connection) == first
