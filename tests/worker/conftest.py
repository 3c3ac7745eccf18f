"""A coordinator, a rendezvous and workers that dial them, in this process."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from excamera_proto.credentials import Authority, Identity
from excamera_worker.invitation import Invitation
from excamera_worker.settings import Settings
from excamera_worker.worker import Outcome, Worker
from tests.worker.fake_coordinator import Connection, FakeCoordinator, coordinating
from tests.worker.fake_rendezvous import FakeRendezvous, meeting

JOB = "job-7"
PROGRAMS = (
    *("py", "b2sum", "echo", "head", "ln", "ls", "mkfifo", "no-such-program"),
    *("printf", "sh", "stays", "touch", "true", "wc"),
)
"""What these tests let workers run."""

STAYS = """
import os, sys

def run(arguments, kept=None):
    exec(arguments[1], {"past": past})
    return 0

past = []
if sys.argv[1:] == ["serve"]:
    from excamera_media.serve import serve

    serve(run)
else:
    run(sys.argv[1:])
"""
"""Python's -c, with a list `past` as old as the process. It serves as excamera-media does."""


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority.create("test")


@pytest.fixture
async def coordinator(authority: Authority) -> AsyncIterator[FakeCoordinator]:
    async with coordinating(authority) as fake:
        yield fake


@pytest.fixture
async def rendezvous(authority: Authority) -> AsyncIterator[FakeRendezvous]:
    async with meeting(authority) as fake:
        yield fake


@pytest.fixture
def invitation(authority: Authority, coordinator: FakeCoordinator) -> Invitation:
    credential = authority.issue(Identity.worker(JOB))
    return Invitation(coordinator.address, JOB, "local", credential, "worker-1")


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder on the workers' search path, with the interpreter as `py` in it, and as `stays`,
    which may carry out one run after the other."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "py").write_text(f'#!/bin/sh\nexec {sys.executable} -I -S "$@"\n')
    (folder / "stays").write_text(f"#!{sys.executable}\n{STAYS}")
    for program in folder.iterdir():
        program.chmod(0o755)
    return folder


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


@pytest.fixture
def settings(programs: Path, scratch: Path) -> Settings:
    return Settings(
        scratch=scratch,
        search_path=f"{programs}:{os.defpath}",
        executables=frozenset(PROGRAMS),
        residents=frozenset({"stays"}),
        environment={"PATH": "/nowhere", "AWS_REGION": "mars", "SECRET": "x", "HOME": "/home/me"},
        backoff_first=0.001,
        backoff_cap=0.01,
    )


class Running:
    """A worker in this process."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.outcome: asyncio.Future[Outcome] = asyncio.ensure_future(worker.run())


Start = Callable[..., Running]


@pytest.fixture
async def start(invitation: Invitation, settings: Settings) -> AsyncIterator[Start]:
    """Starts workers, which leave when the test ends; nothing of theirs may be left then."""
    started: list[Running] = []

    def begin(invited: Invitation = invitation, settings: Settings = settings) -> Running:
        started.append(Running(Worker(invited, settings)))
        return started[-1]

    yield begin
    for running in started:
        running.worker.leave("the test has ended")
        await running.outcome
    assert list(settings.scratch.iterdir()) == []


@pytest.fixture
async def connection(
    start: Start, coordinator: FakeCoordinator, rendezvous: FakeRendezvous
) -> Connection:
    """One welcomed worker."""
    start()
    return await coordinator.welcome(rendezvous.address)
