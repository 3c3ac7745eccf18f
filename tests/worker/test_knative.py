"""The HTTP entry: invitations by POST, one worker at a time, and a server nobody can hold up."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from excamera_proto.credentials import Authority
from excamera_proto.mu_pb2 import Quit
from excamera_worker import http, knative
from excamera_worker.settings import Settings
from tests.worker.fake_coordinator import FakeCoordinator
from tests.worker.test_cli import PACKAGES, invitation


@pytest.fixture
async def entry(settings: Settings, scratch: Path) -> AsyncIterator[knative.Entry]:
    made = knative.Entry(settings)
    await made.start("127.0.0.1", 0)
    yield made
    await made.stop("the test has ended")
    assert list(scratch.iterdir()) == []


async def exchange(port: int, raw: bytes) -> tuple[int, dict[str, Any]]:
    """The status and JSON body of the answer to `raw`."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(raw)
    answer = await reader.read()
    writer.close()
    head, _, body = answer.rpartition(b"\r\n\r\n")
    status = head.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n").split()[1]
    return int(status), json.loads(body)


def post(values: object, extra: str = "") -> bytes:
    body = json.dumps(values).encode()
    head = f"POST / HTTP/1.1\r\nHost: x\r\n{extra}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


HEALTH = b"GET /healthz?x=1 HTTP/1.1\r\nHost: x\r\n\r\n"


async def test_a_request_lasts_as_long_as_its_worker(
    entry: knative.Entry, coordinator: FakeCoordinator, authority: Authority
) -> None:
    assert await exchange(entry.port, HEALTH) == (200, {"busy": False})
    for name in ("one", "two"):
        invited = invitation(authority, coordinator, backend="knative", worker=name)
        request = asyncio.ensure_future(exchange(entry.port, post(invited)))
        connection = await coordinator.welcome()
        assert (connection.hello.backend, connection.hello.worker) == ("knative", name)
        assert await exchange(entry.port, HEALTH) == (200, {"busy": True})
        assert (await exchange(entry.port, post(invited)))[0] == 503
        await connection.send(quit=Quit(reason="done"))
        assert await request == (
            200,
            {"job": "job-7", "worker": name, "exit_code": 0, "reason": "done"},
        )


async def test_a_caller_that_goes_away_does_not_end_the_worker(
    entry: knative.Entry, coordinator: FakeCoordinator, authority: Authority
) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", entry.port)
    writer.write(post(invitation(authority, coordinator)))
    connection = await coordinator.welcome()
    writer.close()
    await writer.wait_closed()
    assert await exchange(entry.port, HEALTH) == (200, {"busy": True})
    connection.drop()
    await coordinator.welcome()


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (post({}), 400),
        (post([]), 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 2000000\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
        (b"GET / HTTP/1.1\r\n\r\n", 405),
        (b"GET /etc/passwd HTTP/1.1\r\n\r\n", 404),
        (b"\x16\x03\x01 nonsense\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * http.HEAD_LIMIT * 5 + b"\r\n\r\n", 431),
        (post({}, "Expect: 100-continue\r\n"), 400),
    ],
    ids=lambda value: repr(value)[:40],
)
async def test_a_request_that_makes_no_sense_is_answered(
    entry: knative.Entry, raw: bytes, status: int
) -> None:
    assert (await exchange(entry.port, raw))[0] == status


async def test_a_worker_that_has_no_room_is_an_error_of_the_server(
    entry: knative.Entry, coordinator: FakeCoordinator, authority: Authority, scratch: Path
) -> None:
    scratch.rmdir()
    status, values = await exchange(entry.port, post(invitation(authority, coordinator)))
    assert status == 500
    assert str(scratch) in values["error"]
    scratch.mkdir()
    assert await exchange(entry.port, HEALTH) == (200, {"busy": False})


async def test_a_request_that_does_not_come_is_not_waited_for(
    entry: knative.Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(knative, "REQUEST_SECONDS", 0.05)
    reader, writer = await asyncio.open_connection("127.0.0.1", entry.port)
    writer.write(b"POST / HTTP/1.1\r\nContent-Le")
    assert await reader.read() == b""
    writer.close()


async def test_sigterm_ends_the_worker_in_order(
    coordinator: FakeCoordinator, authority: Authority, tmp_path: Path
) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "excamera_worker.knative"),
        stderr=asyncio.subprocess.PIPE,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(PACKAGES),
            "PORT": "0",
            "TMPDIR": str(tmp_path),
        },
    )
    assert process.stderr
    line = json.loads(await process.stderr.readline())
    port = int(line["message"].split()[-1])
    request = asyncio.ensure_future(exchange(port, post(invitation(authority, coordinator))))
    connection = await coordinator.welcome()
    process.send_signal(signal.SIGTERM)
    assert (await connection.goodbye.get()).reason == "SIGTERM"
    assert (await request)[1]["reason"] == "SIGTERM"
    await process.communicate()
    assert process.returncode == 0
    assert list(tmp_path.iterdir()) == []
