"""Leave for workers to use objects: asked for with each call, and for nothing else."""

from __future__ import annotations

import asyncio
from itertools import count

import pytest

from mu import Echo, Receive, Retrieve, Run, Send, Task, Upload, exchange, sequence
from mu import observer as seen
from mu.commands import Failure, FailureKind, Get, Set
from mu.errors import SigningFailed, TaskFailed
from mu.grants import grants, needs, unsigned
from mu.server import Server
from mu.settings import LEAVE_SECONDS, RunSettings
from mu.wire import command_from_wire, command_to_wire
from tests.mu.fake_worker import Scene
from tests.mu.runs import AUTHORITY, PATIENCE, Watcher, job_run, quick

TASK = Task(
    "t",
    sequence(
        exchange("fetching", Run(("fetch",), reads=("s3://b/source", "s3://b/index"))),
        exchange("uploading", Upload("file", "s3://b/result")),
    ),
)
USED = {
    ("GET", "s3://b/source"),
    ("GET", "s3://b/index"),
    ("GET", "s3://b/result"),
    ("PUT", "s3://b/result"),
}


class Signing:
    """Numbers what it signs."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, float]] = []
        self._numbers = count()

    def __call__(self, method: str, url: str, seconds: float) -> str:
        self.asked.append((method, url, seconds))
        return f"signed {next(self._numbers)}"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (Retrieve("u", "f"), [("GET", "u")]),
        (Upload("f", "u"), [("GET", "u"), ("PUT", "u")]),
        (Run(("p",), reads=("u", "v")), [("GET", "u"), ("GET", "v")]),
        (Run(("p", "s3://b/k")), []),
        (Send("f", "r", "n"), []),
        (Receive("r", "n", "f"), []),
        (Echo("s3://b/k"), []),
        (Set("n", "v"), []),
        (Get("n"), []),
    ],
)
def test_a_command_needs_leave_for_the_objects_that_it_names_as_such(command, expected):
    assert list(needs(command)) == expected


def test_where_none_is_needed_none_is_given():
    assert grants(Upload("f", "/folder/u"), unsigned, 1.0) == []


def test_leave_is_no_part_of_a_command():
    command = Run(("p",), reads=("u",))
    assert command_from_wire(command_to_wire(command)) == Run(("p",))


def test_leave_lasts_longer_than_the_call_may_take():
    settings = RunSettings()
    for command in (Retrieve("u", "f"), Upload("f", "u"), Run(("p",), timeout=86_400.0)):
        seconds = settings.leave(command)
        assert seconds >= LEAVE_SECONDS
        assert seconds > (settings.deadline(command) or 0.0)


@pytest.fixture
async def server():
    made = Server(AUTHORITY)
    await made.start()
    yield made
    await made.stop()


async def test_a_worker_is_given_leave_for_what_its_calls_need_and_no_more(server):
    signing, scene = Signing(), Scene()
    run, _ = job_run(scene, [TASK], quick(1), sign=signing)
    await asyncio.wait_for(server.run(run), PATIENCE)
    assert {(one.method, one.url) for one in scene.grants} == USED
    assert {one.signed for one in scene.grants} == {f"signed {n}" for n in range(4)}
    assert [(method, url) for method, url, _ in signing.asked] == [
        (one.method, one.url) for one in scene.grants
    ]


async def test_a_call_that_is_made_again_is_signed_anew(server):
    async def refuse_once(worker, attempt, command):
        if isinstance(command, Upload) and not refused:
            refused.append(attempt)
            worker.scene.answers_once = Failure(FailureKind.DENIED, "run out")

    class Refusing(Scene):
        async def carry_out(self, worker, attempt, command):
            reply = await super().carry_out(worker, attempt, command)
            denied, self.answers_once = getattr(self, "answers_once", None), None
            return denied or reply

    refused = []
    scene, watcher = Refusing(refuse_once), Watcher()
    run, _ = job_run(scene, [TASK], quick(1), watcher, sign=Signing())
    await asyncio.wait_for(server.run(run), PATIENCE)
    uploads = [one.signed for one in scene.grants if one.method == "PUT"]
    assert len(uploads) == len(set(uploads)) == 2
    assert not watcher.lost


async def test_leave_that_cannot_be_had_costs_attempts_and_then_the_job(server):
    def nothing(method, url, seconds):
        raise SigningFailed("the credentials are gone")

    watcher = Watcher()
    settings = quick(1, schedule={"backoff_limit": 1})
    run, _ = job_run(Scene(), [TASK], settings, watcher, sign=nothing)
    with pytest.raises(TaskFailed, match="the credentials are gone") as failed:
        await asyncio.wait_for(server.run(run), PATIENCE)
    assert (failed.value.reason, failed.value.state) == ("denied", "fetching")
    assert failed.value.attempts == 2


async def test_nobody_who_watches_is_shown_leave(server):
    watcher = Watcher()
    run, _ = job_run(Scene(), [TASK], quick(1), watcher, sign=lambda *_: "secret")
    await asyncio.wait_for(server.run(run), PATIENCE)
    assert watcher.of(seen.TaskDone)
    assert "secret" not in repr(watcher.events)
