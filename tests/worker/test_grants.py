"""What a worker does with leave for objects: for itself, and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from excamera_proto.mu_pb2 import Failure, Grant, Retrieve, Run, Upload
from excamera_store import Grants
from tests.worker.conftest import Start
from tests.worker.fake_coordinator import Connection, FakeCoordinator

SECRET = "https://store.example/b/k?X-Amz-Signature=secret"
SHOW = """
import json, os, stat
path = os.environ["EXCAMERA_GRANTS"]
print(json.dumps([open(path).read(), stat.S_IMODE(os.stat(path).st_mode), dict(os.environ)]))
"""
LEFT = "import os; print([name for name in os.listdir('..') if name.startswith('.grants')])"


def grant(method: str, url: str) -> Grant:
    return Grant(method=method, url=url, signed=SECRET)


async def test_a_program_finds_the_grants_of_its_call_in_a_file_of_its_own(
    connection: Connection, tmp_path: Path
) -> None:
    run = Run(argv=["py", "-c", SHOW], timeout_seconds=60)
    reply = await connection.ask(run=run, grants=[grant("GET", "s3://b/k")])
    written, mode, environment = json.loads(reply.ran.stdout)
    (tmp_path / "grants").write_text(written)
    assert Grants.load(tmp_path / "grants").signed("GET", "s3://b/k") == SECRET
    assert mode == 0o600
    assert "secret" not in str(environment)


async def test_a_program_without_grants_is_told_that_it_has_none(connection: Connection) -> None:
    """And does not look for credentials."""
    reply = await connection.ask(run=Run(argv=["py", "-c", SHOW], timeout_seconds=60))
    written, _, environment = json.loads(reply.ran.stdout)
    assert json.loads(written) == []
    assert not [name for name in environment if name.startswith("AWS_")]


@pytest.mark.parametrize(
    "ending", ["pass", "raise SystemExit(1)", "import os; os.kill(os.getpid(), 9)"]
)
async def test_nothing_is_left_of_grants_when_a_program_has_ended(
    connection: Connection, ending: str
) -> None:
    await connection.ask(run=Run(argv=["py", "-c", f"import os; {ending}"], timeout_seconds=60))
    reply = await connection.ask(run=Run(argv=["py", "-c", LEFT], timeout_seconds=60))
    assert len(eval(reply.ran.stdout)) == 1  # its own


async def test_without_leave_a_transfer_is_denied_whatever_the_worker_could_do(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "somebody's")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    await connection.ask(run=Run(argv=["py", "-c", "open('f', 'w')"], timeout_seconds=60))
    grants = [grant("PUT", "s3://b/in"), grant("GET", "s3://b/out")]
    for command in (
        {"retrieve": Retrieve(url="s3://b/in", file="in")},
        {"upload": Upload(file="f", url="s3://b/out")},
    ):
        reply = await connection.ask(grants=grants, **command)
        assert reply.failure.kind == Failure.DENIED
        assert "no leave" in reply.failure.message


async def test_leave_is_not_kept_shown_or_handed_back(
    start: Start, coordinator: FakeCoordinator, caplog: pytest.LogCaptureFixture
) -> None:
    """In the reply, in the log, and in the journal that a new connection is told."""
    caplog.set_level("DEBUG")
    start()
    connection = await coordinator.welcome()
    here = SECRET.replace("https://store.example", "http://127.0.0.1:9")
    leave = Grant(method="GET", url="s3://b/k", signed=here)
    reply = await connection.ask(retrieve=Retrieve(url="s3://b/k", file="in"), grants=[leave])
    assert reply.failure.kind == Failure.UNREACHABLE
    connection.drop()
    again = await coordinator.welcome()
    assert again.hello.journals[0].replies[0].failure.kind == Failure.UNREACHABLE
    for text in (str(reply), str(again.hello), caplog.text):
        assert "secret" not in text
