"""What both ends of a connection agree on."""

from __future__ import annotations

import grpc
import pytest

from excamera_proto import channels, mu_pb2, mu_pb2_grpc
from excamera_proto.credentials import COORDINATOR, Authority, Identity

AUTHORITY = Authority.create("test")
SERVER = AUTHORITY.issue(COORDINATOR)
WORKER = AUTHORITY.issue(Identity.worker("job"))


class Mirror(mu_pb2_grpc.CoordinatorServicer):
    """Quits with the name that the worker gave."""

    async def Work(self, request_iterator, context):  # type: ignore[override]
        hello = await context.read()
        await context.write(mu_pb2.ToWorker(quit=mu_pb2.Quit(reason=hello.hello.worker)))


async def mirrored(size: int) -> int:
    """The length of a text of `size` characters after it went there and back."""
    server, port = channels.server(SERVER, "127.0.0.1:0")
    mu_pb2_grpc.add_CoordinatorServicer_to_server(Mirror(), server)
    await server.start()
    try:
        async with channels.channel(WORKER, f"127.0.0.1:{port}", COORDINATOR) as channel:
            stream = mu_pb2_grpc.CoordinatorStub(channel).Work()
            await stream.write(mu_pb2.FromWorker(hello=mu_pb2.Hello(worker="x" * size)))
            answer = await stream.read()
            assert isinstance(answer, mu_pb2.ToWorker)
            return len(answer.quit.reason)
    finally:
        await server.stop(None)


async def test_a_message_may_be_larger_than_grpc_allows_by_default() -> None:
    assert await mirrored(5 * 1024 * 1024) == 5 * 1024 * 1024


async def test_a_message_may_not_be_larger_than_the_limit() -> None:
    with pytest.raises(grpc.aio.AioRpcError):
        await mirrored(channels.MESSAGE_LIMIT + 1)


async def test_an_address_that_is_taken_cannot_be_had() -> None:
    server, port = channels.server(SERVER, "127.0.0.1:0")
    with pytest.raises(OSError, match=f"127.0.0.1:{port}"):
        channels.server(SERVER, f"127.0.0.1:{port}")
    await server.stop(None)


def test_a_name_that_leads_nowhere_is_soon_looked_up_again() -> None:
    options = dict(channels.channel_options(COORDINATOR))
    assert options["grpc.dns_min_time_between_resolutions_ms"] == 1000


async def test_nobody_dials_a_worker() -> None:
    with pytest.raises(ValueError, match="serves nothing"):
        channels.channel(SERVER, "127.0.0.1:1", Identity.worker("job"))


def test_servers_permit_the_pings_that_clients_send() -> None:
    client = dict(channels.channel_options(COORDINATOR))
    server = dict(channels.server_options())
    permitted = server["grpc.http2.min_ping_interval_without_data_ms"]
    assert int(client["grpc.keepalive_time_ms"]) > int(permitted)
