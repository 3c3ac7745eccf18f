"""How fast the rendezvous passes messages on, against bare gRPC on the same machine.

    python bench/rendezvous.py [--mib N] [--rounds N]

The peer is an echo: one bidirectional stream of raw 1 MiB messages, in at one end and out at the
other, with no logic at all. The rendezvous does the same with a put and a get at once. Both run
with client and server in one process, in turn, so that only their ratio means something; the
median of the rounds is shown. The rendezvous checks the message's digest on the way, in a thread;
the echo checks nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc

from excamera_proto import channels
from excamera_proto import rendezvous_pb2 as pb
from excamera_proto.credentials import (
    OPERATOR,
    RENDEZVOUS,
    Authority,
    channel_credentials,
    server_credentials,
)
from excamera_proto.rendezvous_pb2_grpc import RendezvousStub
from excamera_rendezvous import Rendezvous, Settings

PART = channels.PART_BYTES
DATA = os.urandom(PART)
RAW = pb.PutPart(data=DATA).SerializeToString()
AUTHORITY = Authority.create("bench")
SERVER, CLIENT = AUTHORITY.issue(RENDEZVOUS), AUTHORITY.issue(OPERATOR)


@dataclass(frozen=True)
class Contender:
    """`run` passes that many MiB on, within one running server."""

    name: str
    run: Callable[[int], Awaitable[None]]


def open_channel(port: int, tls: bool) -> grpc.aio.Channel:
    address, options = f"127.0.0.1:{port}", channels.channel_options(RENDEZVOUS)
    if tls:
        return grpc.aio.secure_channel(address, channel_credentials(CLIENT), options=options)
    return grpc.aio.insecure_channel(address, options=options)


class Echo(grpc.GenericRpcHandler):
    def service(self, call: Any) -> Any:
        async def echo(requests: Any, context: Any) -> None:
            async for raw in requests:
                await context.write(raw)

        return grpc.stream_stream_rpc_method_handler(echo)


async def start_echo(tls: bool) -> tuple[grpc.aio.Server, int]:
    server = grpc.aio.server(options=channels.server_options())
    server.add_generic_rpc_handlers((Echo(),))
    if tls:
        port = server.add_secure_port("127.0.0.1:0", server_credentials(SERVER))
    else:
        port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    return server, port


async def echo(channel: Any, mib: int) -> None:
    call = channel.stream_stream("/bench/Echo")()

    async def send() -> None:
        for _ in range(mib):
            await call.write(RAW)
        await call.done_writing()

    sending = asyncio.create_task(send())
    assert [len(raw) async for raw in call] == [len(RAW)] * mib
    await sending


async def pass_on(channel: Any, mib: int, digest: str, name: str, *, together: bool) -> None:
    """A put and a get, raw on the client's side as the echo is; at once or one after the other."""
    box = pb.Mailbox(job="bench", recipient="7", name=name)

    async def parts() -> AsyncIterator[bytes]:
        yield pb.PutPart(mailbox=box).SerializeToString()
        for _ in range(mib):
            yield RAW
        yield pb.PutPart(digest=digest).SerializeToString()

    async def put() -> None:
        await channel.stream_unary("/excamera.rendezvous.v1.Rendezvous/Put")(parts())

    async def get() -> None:
        request = pb.GetRequest(mailbox=box).SerializeToString()
        call = channel.unary_stream("/excamera.rendezvous.v1.Rendezvous/Get")(request)
        assert sum([1 async for _ in call]) == mib + 1

    if together:
        await asyncio.gather(put(), get())
    else:
        await put()
        await get()


async def compare(tls: bool, mib: int, rounds: int) -> list[tuple[str, float]]:
    """(name, MiB/s), the echo first."""
    names = iter(range(1_000_000))
    digest = hashlib.blake2b(DATA * mib, digest_size=32).hexdigest()
    credential = SERVER if tls else None
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(credential=credential, spill_dir=Path(folder), memory_limit=mib << 21)
        spilling = Settings(credential=credential, spill_dir=Path(folder), memory_limit=8 << 20)
        server, echo_port = await start_echo(tls)
        async with (
            Rendezvous(settings) as roomy,
            Rendezvous(spilling) as tight,
            open_channel(echo_port, tls) as to_echo,
            open_channel(roomy.port, tls) as to_roomy,
            open_channel(tight.port, tls) as to_tight,
        ):

            def passing(channel: Any, *, together: bool) -> Callable[[int], Awaitable[None]]:
                async def run(size: int) -> None:
                    await pass_on(channel, size, digest, f"m{next(names)}", together=together)
                    release = pb.DropRequest(job="bench", recipient="7")
                    await RendezvousStub(channel).Drop(release)

                return run

            contenders = [
                Contender("gRPC echo", lambda size: echo(to_echo, size)),
                Contender("cut-through", passing(to_roomy, together=True)),
                Contender("store, then forward", passing(to_roomy, together=False)),
                Contender("store on disk, then forward", passing(to_tight, together=False)),
            ]
            speeds = await race(contenders, mib, rounds)
        await server.stop(0)
    return speeds


async def race(contenders: list[Contender], mib: int, rounds: int) -> list[tuple[str, float]]:
    seconds: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    for _ in range(rounds + 1):  # the first round warms up
        for contender in contenders:
            begun = time.perf_counter()
            await contender.run(mib)
            seconds[contender.name].append(time.perf_counter() - begun)
    return [(name, mib / statistics.median(times[1:])) for name, times in seconds.items()]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--mib", type=int, default=128, help="size of the message (128)")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is run (5)")
    arguments = parser.parse_args()
    print(f"{'':40} {'MiB/s':>8} {'ratio':>7}")
    for tls in (False, True):
        speeds = asyncio.run(compare(tls, arguments.mib, arguments.rounds))
        for name, speed in speeds:
            label = f"{name}{', mutual TLS' if tls else ''}"
            print(f"{label:40} {speed:8.0f} {speed / speeds[0][1]:7.2f}")


if __name__ == "__main__":
    main()
