"""Workers as processes of this machine: real ones where the worker's package is there."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from excamera_proto.credentials import Authority, Identity
from mu import Attempt, BackendError, Echo, Run, ScheduleSettings, Task, exchange, sequence
from mu import observer as seen
from mu.backend import WorkerExit
from mu.backends import LocalBackend
from mu.invitation import Invitation
from mu.run import JobRun
from mu.server import Server
from mu.settings import RunSettings

AUTHORITY = Authority.create("tests of the local backend")
SLEEPER = """
import sys, time
print(sys.stdin.readline(), file=sys.stderr, flush=True)
time.sleep(60)
"""
POLITE = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit("goodbye"))
print("ready", file=sys.stderr, flush=True)
time.sleep(60)
"""
BREAKER = "import sys; sys.stdin.readline(); sys.exit('no such thing')"


def invitation() -> Invitation:
    return Invitation("localhost:1", "job", "local", AUTHORITY.issue(Identity.worker("job")))


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


async def until(holds, seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 -- processes tell nobody
            await asyncio.sleep(0.02)


@pytest.fixture
async def started():
    """Starts workers of a program; the backend, what they wrote, what was reported."""
    backends = []

    async def start(program: str, count: int = 1):
        lines: list[str] = []
        exits: list[WorkerExit] = []
        command = (sys.executable, "-c", program)
        backend = LocalBackend(command, log=lambda _, line: lines.append(line))
        backend.watch(exits.append)
        backends.append(backend)
        await backend.start(count, invitation())
        return backend, lines, exits

    yield start
    for backend in backends:
        await backend.stop()


async def test_each_worker_gets_an_invitation_of_its_own_on_standard_input(started):
    backend, lines, _ = await started(SLEEPER, 2)
    await until(lambda: len([line for line in lines if line]) == 2)
    invited = [json.loads(line) for line in lines if line]
    assert {one["worker"] for one in invited} == set(backend.pids)
    assert all("BEGIN" in one["tls"]["key"] for one in invited)


async def test_a_worker_that_was_stopped_is_asked_to_end_like_all_others(started):
    backend, lines, _ = await started(POLITE)
    await until(lambda: "ready" in lines)
    (pid,) = backend.pids.values()
    os.kill(pid, signal.SIGSTOP)
    await backend.stop()
    assert "goodbye" in lines


async def test_a_killed_worker_is_reported_at_once(started):
    backend, lines, exits = await started(SLEEPER)
    await until(lambda: lines)
    (worker, pid) = next(iter(backend.pids.items()))
    os.kill(pid, signal.SIGKILL)
    await until(lambda: exits, 2.0)
    assert (exits[0].worker, exits[0].reason) == (worker, "killed")


async def test_what_a_worker_said_last_is_reported(started):
    _, _, exits = await started(BREAKER)
    await until(lambda: exits)
    assert exits[0].reason == "exited"
    assert "no such thing" in exits[0].message


async def test_stopping_leaves_no_process_behind(started):
    backend, lines, exits = await started(SLEEPER, 3)
    await until(lambda: len(lines) >= 3)
    pids = list(backend.pids.values())
    await backend.stop()
    assert not any(alive(pid) for pid in pids)
    assert not exits


async def test_a_worker_that_ignores_sigterm_is_killed(started, monkeypatch):
    monkeypatch.setattr("mu.backends.local.TERMINATE_SECONDS", 0.3)
    stubborn = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n{SLEEPER}"
    backend, lines, _ = await started(stubborn)
    await until(lambda: lines)
    pids = list(backend.pids.values())
    await backend.stop()
    assert not any(alive(pid) for pid in pids)


async def test_a_program_that_is_not_there_is_a_permanent_failure():
    backend = LocalBackend(("/nowhere/worker",))
    with pytest.raises(BackendError, match="cannot start /nowhere/worker") as caught:
        await backend.start(1, invitation())
    assert caught.value.permanent


def test_an_invitation_can_be_read_by_a_worker():
    module = pytest.importorskip("excamera_worker.invitation")
    given = invitation().named("local-1").lasting(60)
    read = module.Invitation.parse(given.to_json())
    assert (read.coordinator, read.job, read.worker) == ("localhost:1", "job", "local-1")
    assert (read.seconds, read.credential) == (60, given.credential)
    assert "PRIVATE" not in repr(given)


class Watcher:
    def __init__(self) -> None:
        self.events: list[seen.Observation] = []

    def observe(self, event: seen.Observation) -> None:
        self.events.append(event)


ENVIRONMENT = {**os.environ, "EXCAMERA_EXECUTABLES": "true,sleep"}


async def run_on_real_workers(tasks, workers=2, watcher=None):
    pytest.importorskip("excamera_worker.worker")
    server = Server(AUTHORITY)
    await server.start()
    settings = RunSettings(ScheduleSettings(workers=workers), tick_seconds=0.1)
    backend = LocalBackend(environment=ENVIRONMENT)
    try:
        async with asyncio.timeout(60):
            run = JobRun("job", tasks, backend, watcher, settings, rendezvous="localhost:1")
            return await server.run(run), backend
    finally:
        await server.stop()
        assert not backend.pids


async def test_real_workers_do_a_job():
    machine = sequence(exchange("a", Echo("x"), keep="x"), exchange("b", Run(("true",))))
    results, _ = await run_on_real_workers([Task(f"t{n}", machine) for n in range(4)])
    assert len(results) == 4


async def test_a_real_worker_that_is_killed_is_replaced_and_its_task_done():
    watcher = Watcher()
    marks: list[Attempt] = []

    class Killer(Watcher):
        def observe(self, event):
            watcher.observe(event)
            if isinstance(event, seen.StateEntered) and not marks:
                marks.append(event.attempt)
                stat = subprocess.run(
                    ["pgrep", "-P", str(os.getpid())], capture_output=True, text=True, check=False
                )
                for pid in stat.stdout.split():
                    if b"excamera_worker" in Path(f"/proc/{pid}/cmdline").read_bytes():
                        os.kill(int(pid), signal.SIGKILL)
                        break

    await run_on_real_workers([Task("t", exchange("a", Run(("sleep", "1"))))], 1, Killer())
    lost = [e for e in watcher.events if isinstance(e, seen.AttemptEnded) and e.lost]
    assert [event.reason for event in lost] == ["killed"]


def test_no_worker_survives_a_coordinator_that_is_killed(tmp_path):
    pytest.importorskip("excamera_worker.worker")
    program = """
import asyncio, sys
from excamera_proto.credentials import Authority
from mu import Run, ScheduleSettings, Task, exchange
from mu.backends import LocalBackend
from mu.run import JobRun
from mu.server import Server
from mu.settings import RunSettings

async def main():
    server = Server(Authority.create("x"))
    await server.start()
    backend = LocalBackend()
    class Teller:
        def observe(self, event):
            if type(event).__name__ == "StateEntered":
                print(*backend.pids.values(), flush=True)
    task = Task("t", exchange("a", Run(("sleep", "600"))))
    settings = RunSettings(ScheduleSettings(workers=1))
    await server.run(JobRun("job", [task], backend, Teller(), settings))

asyncio.run(main())
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=ENVIRONMENT
    ) as coordinator:
        assert coordinator.stdout is not None
        pid = int(coordinator.stdout.readline().split()[0])
        assert alive(pid)
        coordinator.kill()
    deadline = time.monotonic() + 15
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(pid)
