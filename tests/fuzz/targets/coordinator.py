"""What two workers of a job say to its run, in any order: the run may lose them, never its head.

The input is a row of records: a byte that says which worker speaks, the length of the message in
two bytes, big-endian, and a FromWorker. A worker's first message, unless it is a Hello, follows one
that is made up.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from typing import Any

from google.protobuf.message import DecodeError
from prometheus_client import CollectorRegistry

from excamera_proto import PROTOCOL_VERSION
from excamera_proto import mu_pb2 as pb
from excamera_proto.credentials import Credential
from mu.backend import Report
from mu.errors import MuError
from mu.hello import checked_hello
from mu.invitation import Invitation
from mu.metrics import Metrics
from mu.run import JobRun
from mu.session import EOF, Refused, Session
from tests.mu.runs import CHAIN, quick

WORKERS = 2
INVITATION = Invitation("coordinator:1", "job", "local", Credential(b"", b"", b""))


class _Faults(logging.Handler):
    """What mu itself calls a fault of its own."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


class _Nowhere:
    """A backend that starts nothing."""

    name = "local"

    def watch(self, report: Report) -> None:
        del report

    async def start(self, count: int, invitation: Invitation) -> None:
        assert count > 0
        assert invitation is INVITATION

    async def stop(self) -> None:
        return None


class _Speaker:
    """A stream with a worker at its other end."""

    def __init__(self) -> None:
        self.said: asyncio.Queue[Any] = asyncio.Queue()

    async def read(self) -> Any:
        return await self.said.get()

    async def write(self, message: pb.ToWorker) -> None:
        assert message.WhichOneof("body")


def messages(data: bytes) -> Iterator[tuple[int, pb.FromWorker]]:
    at = 0
    while at + 3 <= len(data):
        size = int.from_bytes(data[at + 1 : at + 3])
        try:
            message = pb.FromWorker.FromString(data[at + 3 : at + 3 + size])
        except DecodeError:
            return  # grpc would not have let it in
        yield data[at] % WORKERS, message
        at += 3 + size


async def _serve(run: JobRun, hello: pb.Hello, stream: _Speaker) -> None:
    try:
        await run.serve(Session(checked_hello(hello, "job"), stream))
    except Refused:
        return


async def _conversation(data: bytes) -> str:
    metrics = Metrics(CollectorRegistry())
    run = JobRun("job", CHAIN, _Nowhere(), metrics.of_run(), quick(WORKERS))
    running = asyncio.ensure_future(run.run(lambda: INVITATION))
    await asyncio.sleep(0)
    streams: dict[int, _Speaker] = {}
    all_streams: list[_Speaker] = []
    serving: list[asyncio.Task[None]] = []
    for who, message in messages(data):
        if who not in streams or message.HasField("hello"):
            said = message.hello if message.HasField("hello") else _hello(who)
            said.protocol = PROTOCOL_VERSION if said.protocol else 0
            streams[who] = _Speaker()
            all_streams.append(streams[who])
            serving.append(asyncio.ensure_future(_serve(run, said, streams[who])))
            await asyncio.sleep(0)
        if not message.HasField("hello"):
            streams[who].said.put_nowait(message)
        for _ in range(3):
            await asyncio.sleep(0)
    for stream in all_streams:
        stream.said.put_nowait(EOF)
    await asyncio.gather(*serving)
    running.cancel()
    (ended,) = await asyncio.gather(running, return_exceptions=True)
    assert isinstance(ended, dict | MuError | asyncio.CancelledError), ended
    return str(ended)


def _hello(who: int) -> pb.Hello:
    return pb.Hello(protocol=PROTOCOL_VERSION, job="job", worker=f"worker-{who}", backend="local")


def one(data: bytes) -> None:
    faults, log = _Faults(), logging.getLogger("mu")
    log.propagate = False
    log.addHandler(faults)
    try:
        ended = asyncio.run(_conversation(data))
    finally:
        log.removeHandler(faults)
        log.propagate = True
    for record in faults.records:
        raise AssertionError(record.getMessage()) from (record.exc_info or (None, None))[1]
    assert "the coordinator failed" not in ended
