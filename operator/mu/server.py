"""The coordinator's door: one gRPC server for the workers of any number of runs.

    server = Server(authority, "0.0.0.0:7000", advertised="coordinator.example:7000")
    await server.start()
    results = await server.run(JobRun("job-7", tasks, LocalBackend(), observer, settings))
    await server.stop()

A worker shows a certificate that names one job, and is let in to that job only. One that asks for a
job that is not here is told to try again, because a coordinator that was restarted may take it up
any moment; once a job has ended, its late workers are told to quit.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import grpc
from google.protobuf.message import DecodeError

from excamera_proto import channels, mu_pb2_grpc
from excamera_proto import mu_pb2 as pb
from excamera_proto.credentials import (
    COORDINATOR,
    CREDENTIAL_LIFETIME,
    Authority,
    Identity,
    IdentityError,
    Role,
    peer_identity,
)
from excamera_proto.patience import within
from mu.commands import Reply
from mu.errors import MuError
from mu.hello import checked_hello, strangeness
from mu.invitation import Invitation
from mu.run import JobRun
from mu.seldom import Seldom
from mu.session import EOF, Refused, Session
from mu.settings import HELLO_SECONDS

ENDED_REMEMBERED: Final = 1000
STOP_SECONDS: Final = 2.0

_log = logging.getLogger(__name__)


class Server:
    """See the module. `advertised` is the `host:port` that workers dial, or just the host; by
    default the address listened at. lifetime: of the certificates of server and workers."""

    def __init__(
        self,
        authority: Authority,
        listen: str = "127.0.0.1:0",
        *,
        advertised: str = "",
        lifetime: timedelta = CREDENTIAL_LIFETIME,
    ) -> None:
        self._authority = authority
        self._listen = listen
        self._advertised = advertised
        self._lifetime = lifetime
        self._runs: dict[str, JobRun] = {}
        self._ended: OrderedDict[str, None] = OrderedDict()
        self._grpc: grpc.aio.Server | None = None
        self.port = 0

    @property
    def address(self) -> str:
        """What workers dial. Known once the server has started."""
        given = self._advertised or self._listen
        host, colon, port = given.rpartition(":")
        if not colon:
            return f"{given}:{self.port}"
        return given if self._advertised and port != "0" else f"{host}:{self.port}"

    @property
    def serving(self) -> bool:
        """Whether workers can dial in."""
        return self._grpc is not None

    async def start(self) -> None:
        """Raises OSError if the address cannot be had."""
        hosts = [self._advertised.rpartition(":")[0]] if self._advertised else []
        named = [host for host in hosts if host]
        credential = self._authority.issue(COORDINATOR, named, lifetime=self._lifetime)
        made, self.port = channels.server(credential, self._listen)
        mu_pb2_grpc.add_CoordinatorServicer_to_server(_Servicer(self), made)
        await made.start()
        self._grpc = made

    async def renew(self, authority: Authority) -> None:
        """Goes on under a new certificate, of this authority. Workers dial again.

        Raises OSError if the address cannot be had again; it is closed then, until this succeeds.
        """
        self._authority = authority
        host = self._listen.rpartition(":")[0]
        self._listen = f"{host}:{self.port}"
        await self.stop()
        await self.start()

    async def stop(self) -> None:
        """Closes all streams. Runs that are under way are not ended by this; end them first."""
        if self._grpc is not None:
            await self._grpc.stop(STOP_SECONDS)
            self._grpc = None

    async def run(self, run: JobRun) -> Mapping[str, Mapping[str, Reply]]:
        """Runs a job: what its tasks' machines have kept, by task.

        Raises JobFailed (TaskFailed, NoWorkers) if it fails. When cancelled, ends its workers.
        """
        if run.job in self._runs:
            raise MuError(f"job {run.job} is already being run here")
        self._ended.pop(run.job, None)
        self._runs[run.job] = run
        try:
            return await run.run(lambda: self.invitation(run.job, run.backend.name))
        finally:
            del self._runs[run.job]
            if not run.detached:
                self.refuse(run.job)

    def refuse(self, job: str) -> None:
        """Workers of the job, which is not being run here, are told that it has ended."""
        self._ended[job] = None
        while len(self._ended) > ENDED_REMEMBERED:
            self._ended.popitem(last=False)

    def invitation(self, job: str, backend: str) -> Invitation:
        """What a worker of the job needs to dial in; with a new certificate each time."""
        credential = self._authority.issue(Identity.worker(job), lifetime=self._lifetime)
        return Invitation(self.address, job, backend, credential)

    async def serve(self, stream: grpc.aio.ServicerContext[Any, Any]) -> None:
        """One worker's stream."""
        job = _job_of(stream)
        session = Session(await _hello(stream, job), stream)
        run = self._runs.get(job)
        if run is not None:
            await run.serve(session)
        elif strange := strangeness(session.hello):
            raise Refused(grpc.StatusCode.FAILED_PRECONDITION, strange)
        elif job in self._ended:
            await stream.write(pb.ToWorker(quit=pb.Quit(reason="the job has ended")))
        else:
            raise Refused(grpc.StatusCode.UNAVAILABLE, f"job {job} is not being run here now")


def _job_of(stream: grpc.aio.ServicerContext[Any, Any]) -> str:
    try:
        identity = peer_identity(stream)
    except IdentityError as error:
        raise Refused(grpc.StatusCode.UNAUTHENTICATED, str(error)) from error
    if identity.role is not Role.WORKER:
        raise Refused(grpc.StatusCode.PERMISSION_DENIED, f"{identity.uri} is no worker")
    return identity.job


async def _hello(stream: grpc.aio.ServicerContext[Any, Any], job: str) -> pb.Hello:
    """The first message, if it is as it should be."""
    try:
        first = await within(HELLO_SECONDS, stream.read())
    except TimeoutError:
        raise Refused(grpc.StatusCode.DEADLINE_EXCEEDED, "there was no Hello") from None
    except DecodeError:
        raise Refused(grpc.StatusCode.INVALID_ARGUMENT, "the first message is none") from None
    if first is EOF:  # also when this server is being stopped: no reason to give up for good
        raise Refused(grpc.StatusCode.UNAVAILABLE, "the stream ended before its Hello")
    if not first.HasField("hello"):
        raise Refused(grpc.StatusCode.INVALID_ARGUMENT, "the first message must be a Hello")
    return checked_hello(first.hello, job)


class _Servicer(mu_pb2_grpc.CoordinatorServicer):
    """The generated class, with reading and writing through the context."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._seldom = Seldom()

    async def Work(  # type: ignore[override]
        self, request_iterator: object, context: grpc.aio.ServicerContext[Any, Any]
    ) -> None:
        try:
            await self._server.serve(context)
        except Refused as refused:
            # each of a job's workers that dial in vain gets the same answer, every few seconds
            if self._seldom.due(str(refused), time.monotonic()):
                _log.warning("refused %s: %s", context.peer(), refused)
            await context.abort(refused.code, str(refused))
