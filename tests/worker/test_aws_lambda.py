"""The Lambda entry, called as awslambdaric calls it: once after the other in one process."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from excamera_proto.credentials import Authority, Identity
from excamera_proto.mu_pb2 import Echo, Quit
from excamera_worker import aws_lambda
from excamera_worker.invitation import InvalidInvitation
from excamera_worker.threads import in_thread
from tests.worker.conftest import JOB
from tests.worker.fake_coordinator import FakeCoordinator
from tests.worker.test_cli import invitation


class Context:
    aws_request_id = "request-1"

    def __init__(self, milliseconds: int = 900_000) -> None:
        self.milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(aws_lambda, "SCRATCH", tmp_path)
    monkeypatch.setattr("excamera_worker.logs.set_up", lambda *_: None)
    return tmp_path


@pytest.fixture
def environment() -> ThreadPoolExecutor:
    """The one thread in which handlers run, beside the test's event loop."""
    return ThreadPoolExecutor(max_workers=1)


async def test_invocations_follow_each_other_in_one_environment(
    coordinator: FakeCoordinator,
    authority: Authority,
    environment: ThreadPoolExecutor,
    scratch: Path,
) -> None:
    loop = asyncio.get_running_loop()
    names = set()
    for _ in range(3):
        event = invitation(authority, coordinator, backend="lambda")
        invoked = loop.run_in_executor(environment, aws_lambda.handler, event, Context())
        connection = await coordinator.welcome()
        assert 800 < connection.hello.seconds_left <= 900
        assert (await connection.ask(echo=Echo(text="x"))).value.text == "x"
        await connection.send(quit=Quit(reason="done"))
        result = await invoked
        assert (result["exit_code"], result["reason"], result["job"]) == (0, "done", JOB)
        names.add(result["worker"])
        assert list(scratch.iterdir()) == []
    assert len(names) == 3


async def test_an_invocation_ends_before_its_time_is_over(
    coordinator: FakeCoordinator, authority: Authority, environment: ThreadPoolExecutor
) -> None:
    event = invitation(authority, coordinator)
    loop = asyncio.get_running_loop()
    invoked = loop.run_in_executor(environment, aws_lambda.handler, event, Context(3_100))
    connection = await coordinator.welcome()
    assert "time limit" in (await connection.goodbye.get()).reason
    assert (await invoked)["exit_code"] == 0


async def test_an_environment_in_which_a_transfer_goes_on_is_given_up(
    coordinator: FakeCoordinator,
    authority: Authority,
    environment: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(aws_lambda, "TRANSFER_SECONDS", 0.01)
    go_on = threading.Event()
    transfer = asyncio.ensure_future(in_thread(go_on.wait))
    loop = asyncio.get_running_loop()
    event = invitation(authority, coordinator)
    for exit_status in (1, None):
        invoked = loop.run_in_executor(environment, exit_status_of, event)
        connection = await coordinator.welcome()
        await connection.send(quit=Quit(reason="done"))
        assert await invoked == exit_status
        go_on.set()
        await transfer


def exit_status_of(event: dict[str, Any]) -> object:
    """With which the handler ends its process; None if it does not."""
    try:
        aws_lambda.handler(event, Context())
    except SystemExit as exit:
        return exit.code
    return None


async def test_an_invocation_that_is_refused_has_failed(
    coordinator: FakeCoordinator, authority: Authority, environment: ThreadPoolExecutor
) -> None:
    other = Authority.create("another").issue(Identity.worker(JOB))
    event = invitation(authority, coordinator)
    event["tls"]["authority"] = other.authority_pem.decode()
    loop = asyncio.get_running_loop()
    with pytest.raises(aws_lambda.WorkerRefused, match="CERTIFICATE"):
        await loop.run_in_executor(environment, aws_lambda.handler, event, Context())


def test_a_payload_that_is_no_invitation_has_failed() -> None:
    with pytest.raises(InvalidInvitation):
        aws_lambda.handler({}, Context())
