"""The worker as a process: how it is started, how it ends, and what it leaves behind: nothing."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from excamera_proto.credentials import Authority, Identity
from excamera_proto.mu_pb2 import Quit, Run
from excamera_worker import cli
from excamera_worker.exit_codes import ExitCode
from tests.worker.conftest import JOB, PROGRAMS
from tests.worker.fake_coordinator import Connection, FakeCoordinator
from tests.worker.processes import gone

PACKAGES = [str(Path(__file__).parents[2] / folder) for folder in ("proto", "worker")]
ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": os.pathsep.join(PACKAGES),
    "EXCAMERA_EXECUTABLES": ",".join(PROGRAMS),
}
SLEEP = Run(argv=["sh", "-c", "echo pid $$ >&2; touch made; exec sleep 3600"], timeout_seconds=3600)


def invitation(authority: Authority, at: FakeCoordinator, **more: Any) -> dict[str, Any]:
    credential = authority.issue(Identity.worker(JOB))
    return {
        "coordinator": at.address,
        "job": JOB,
        "backend": "pod",
        "tls": {
            "authority": credential.authority_pem.decode(),
            "certificate": credential.certificate_pem.decode(),
            "key": credential.key_pem.decode(),
        },
        **more,
    }


@dataclass
class Process:
    process: asyncio.subprocess.Process

    async def ended(self) -> tuple[int, str]:
        """Exit status and standard error. Its output is read, so nobody of it holds the pipe."""
        _, stderr = await self.process.communicate()
        assert self.process.returncode is not None
        return self.process.returncode, stderr.decode()


Launch = Callable[..., Awaitable[Process]]


@pytest.fixture
async def launch(
    authority: Authority, coordinator: FakeCoordinator, scratch: Path
) -> AsyncIterator[Launch]:
    processes = []

    async def begin(*arguments: str, close: bool = True, **more: Any) -> Process:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "excamera_worker", "--invitation", "-"),
            *("--scratch", str(scratch), *arguments),
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=ENVIRONMENT,
        )
        processes.append(process)
        assert process.stdin
        process.stdin.write(json.dumps(invitation(authority, coordinator, **more)).encode())
        if close:
            process.stdin.close()
        return Process(process)

    yield begin
    for process in processes:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def sleeping(connection: Connection) -> int:
    """The process number of a program that the worker has started."""
    await connection.call(run=SLEEP)
    return int((await connection.line("pid")).split()[1])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_a_signal_makes_the_worker_leave_in_order(
    launch: Launch, coordinator: FakeCoordinator, scratch: Path, number: signal.Signals
) -> None:
    running = await launch()
    connection = await coordinator.welcome()
    child = await sleeping(connection)
    running.process.send_signal(number)
    assert (await connection.goodbye.get()).reason == number.name
    assert (await running.ended())[0] == ExitCode.OK
    await gone(child)
    assert list(scratch.iterdir()) == []


async def test_a_killed_worker_takes_its_programs_along(
    launch: Launch, coordinator: FakeCoordinator, scratch: Path
) -> None:
    running = await launch()
    child = await sleeping(await coordinator.welcome())
    running.process.kill()
    await gone(child)
    assert len(list(scratch.iterdir())) == 1  # nobody was there to remove it, but the next one is

    running = await launch()
    connection = await coordinator.welcome()
    assert len(list(scratch.iterdir())) == 1
    await connection.send(quit=Quit())
    assert (await running.ended())[0] == ExitCode.OK
    assert list(scratch.iterdir()) == []


async def test_a_worker_leaves_another_living_workers_scratch_alone(
    launch: Launch, coordinator: FakeCoordinator, scratch: Path
) -> None:
    await launch()
    first = await coordinator.welcome()
    await first.ask(run=Run(argv=["touch", "mine"], timeout_seconds=60))
    await launch()
    await coordinator.welcome()
    listing = await first.ask(run=Run(argv=["ls"], timeout_seconds=60))
    assert listing.ran.stdout == "mine\n"


async def test_a_local_worker_ends_with_its_parent(
    authority: Authority, coordinator: FakeCoordinator, scratch: Path, tmp_path: Path
) -> None:
    invited = invitation(authority, coordinator, backend="local")
    (tmp_path / "invitation.json").write_text(json.dumps(invited))
    worker = [sys.executable, "-m", "excamera_worker", "--scratch", str(scratch)]
    worker += ["--invitation", str(tmp_path / "invitation.json")]
    source = (
        "import subprocess, sys; worker = subprocess.Popen(sys.argv[1:]);"
        "print(worker.pid, flush=True); worker.wait()"
    )
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", source, *worker),
        stdout=subprocess.PIPE,
        env=ENVIRONMENT,
    )
    assert parent.stdout
    pid = int(await parent.stdout.readline())
    connection = await coordinator.welcome()
    child = await sleeping(connection)
    parent.kill()
    assert (await connection.goodbye.get()).reason == "SIGTERM"
    await gone(child)
    await gone(pid)
    await parent.wait()
    assert list(scratch.iterdir()) == []


async def test_an_invitation_is_read_from_a_pipe_that_stays_open(
    launch: Launch, coordinator: FakeCoordinator
) -> None:
    running = await launch(close=False)
    connection = await coordinator.welcome()
    assert connection.hello.worker.startswith("pod-")
    await connection.send(quit=Quit())
    assert await running.process.wait() == ExitCode.OK


async def test_a_worker_of_another_authority_is_turned_away(
    launch: Launch, coordinator: FakeCoordinator, scratch: Path
) -> None:
    credential = Authority.create("another").issue(Identity.worker(JOB))
    running = await launch(
        tls={
            "authority": credential.authority_pem.decode(),
            "certificate": credential.certificate_pem.decode(),
            "key": credential.key_pem.decode(),
        }
    )
    status, said = await running.ended()
    assert status == ExitCode.REFUSED
    assert "CERTIFICATE_VERIFY_FAILED" in said
    assert coordinator.dialled.empty()
    assert list(scratch.iterdir()) == []


async def test_a_worker_whose_coordinator_is_nowhere_gives_up(
    launch: Launch, scratch: Path
) -> None:
    running = await launch("--reconnect", "0.01", coordinator="127.0.0.1:1")
    assert (await running.ended())[0] == ExitCode.LOST
    assert list(scratch.iterdir()) == []


async def test_log_lines_are_json_when_asked_for(
    launch: Launch, coordinator: FakeCoordinator
) -> None:
    running = await launch("--log-format", "json", worker="w-9")
    await (await coordinator.welcome()).send(quit=Quit())
    _, said = await running.ended()
    line = json.loads(said.splitlines()[0])
    assert (line["level"], line["job"], line["worker"]) == ("info", JOB, "w-9")
    assert "worker number 1" in line["message"]


def test_an_invitation_that_makes_no_sense_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "invitation").write_text("{}")
    assert cli.main(["--invitation", str(tmp_path / "invitation")]) == ExitCode.USAGE
    assert cli.main(["--invitation", str(tmp_path / "missing")]) == ExitCode.USAGE
    assert "excamera-worker: the invitation's 'backend'" in capsys.readouterr().err


def test_help_tells_of_the_exit_statuses(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--help"])
    text = capsys.readouterr().out
    for code in ExitCode:
        assert f"\n  {int(code)}  " in text


@pytest.mark.parametrize("arguments", [[], ["--invitation", "x", "--time-limit", "-1"]])
def test_arguments_that_make_no_sense_are_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.main(arguments)
