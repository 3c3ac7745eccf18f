"""The two servers as they run in production, TLS and all, and strangers who knock."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc

from excamera_proto import PROTOCOL_VERSION, channels
from excamera_proto import mu_pb2 as mu
from excamera_proto import rendezvous_pb2 as rendezvous
from excamera_proto.credentials import (
    COORDINATOR,
    RENDEZVOUS,
    Authority,
    Credential,
    Identity,
    channel_credentials,
)
from excamera_proto.mu_pb2_grpc import CoordinatorStub
from excamera_proto.rendezvous_pb2_grpc import RendezvousStub
from excamera_rendezvous import Rendezvous, Settings
from mu.server import Server

OURS = Authority.create("ours")
JOB = "job-1"
WORK = "/excamera.mu.v1.Coordinator/Work"
DROP = "/excamera.rendezvous.v1.Rendezvous/Drop"
WORKER = OURS.issue(Identity.worker(JOB))


@dataclass(frozen=True)
class Door:
    """A server's address and role, and a call that a worker of JOB would make there."""

    address: str
    role: Identity
    call: Callable[[grpc.aio.Channel], Any]
    method: str
    server: Any

    async def knock(self, channel: grpc.aio.Channel) -> grpc.StatusCode:
        """How the call ends; OK if it is served."""
        async with channel:
            try:
                await self.call(channel)
            except grpc.aio.AioRpcError as error:
                code: grpc.StatusCode = error.code()
                return code
        return grpc.StatusCode.OK

    def dial(self, credential: Credential) -> grpc.aio.Channel:
        return channels.channel(credential, self.address, self.role)

    def dial_without_limits(self, credential: Credential) -> grpc.aio.Channel:
        """For one who keeps to no agreement."""
        freed = ("grpc.max_send_message_length", -1)
        options = (*(o for o in self.options if o[0] != freed[0]), freed)
        trusted = channel_credentials(credential)
        return grpc.aio.secure_channel(self.address, trusted, options=options)

    @property
    def options(self) -> channels.Options:
        return channels.channel_options(self.role)


async def _hello(channel: grpc.aio.Channel) -> None:
    """A worker's first word; a coordinator that knows nothing of the job tells it to try again."""
    stream: Any = CoordinatorStub(channel).Work()
    hello = mu.Hello(protocol=PROTOCOL_VERSION, job=JOB, worker="w", backend="local")
    await stream.write(mu.FromWorker(hello=hello))
    while isinstance(await stream.read(), mu.ToWorker):
        pass


async def _drop(channel: grpc.aio.Channel) -> None:
    stub: Any = RendezvousStub(channel)
    await stub.Drop(rendezvous.DropRequest(job=JOB))


@asynccontextmanager
async def coordinator() -> AsyncIterator[Door]:
    server = Server(OURS)
    await server.start()
    try:
        yield Door(server.address, COORDINATOR, _hello, WORK, server)
    finally:
        await server.stop()


@asynccontextmanager
async def meeting_place(folder: Path, **settings: Any) -> AsyncIterator[Door]:
    chosen = Settings(credential=OURS.issue(RENDEZVOUS), spill_dir=folder, grace=1.0, **settings)
    async with Rendezvous(chosen) as server:
        address = f"127.0.0.1:{server.port}"
        yield Door(address, RENDEZVOUS, _drop, DROP, server)


def tls(credential: Credential | None, folder: Path) -> ssl.SSLContext:
    """For a raw connection, to be as rude as one likes in; its peer's name is not looked at."""
    context = ssl.create_default_context(cadata=WORKER.authority_pem.decode())
    context.check_hostname = False
    context.set_alpn_protocols(["h2"])
    if credential is not None:
        files = folder / "certificate.pem", folder / "key.pem"
        files[0].write_bytes(credential.certificate_pem)
        files[1].write_bytes(credential.key_pem)
        context.load_cert_chain(*files)
    return context
