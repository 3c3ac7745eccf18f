"""What is not as the protocol says is refused, and harms nobody else."""

from collections.abc import Callable
from typing import Any

import grpc
import pytest

from excamera_proto import rendezvous_pb2 as pb
from tests.rendezvous.client import Client, hexdigest, mailbox

Start = Callable[..., Any]
PREFIX = "/excamera.rendezvous.v1.Rendezvous/"
GOOD = pb.PutPart(mailbox=mailbox(), data=b"data")
END = pb.PutPart(digest=hexdigest(b"data"))


async def put_raw(client: Client, *parts: bytes) -> None:
    call = client.channel.stream_unary(PREFIX + "Put")(iter(parts))
    await call


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ([b"\xff\xff"], "not a PutPart"),
        ([], "ended before"),
        ([pb.PutPart(data=b"to nobody")], "must name its mailbox"),
        ([GOOD], "ended before"),
        ([GOOD, pb.PutPart(mailbox=mailbox("8"))], "another"),
        ([GOOD, END, pb.PutPart(data=b"more")], "follows"),
        ([GOOD, END, END], "follows"),
        ([pb.PutPart(mailbox=pb.Mailbox())], "cannot name a job"),
        ([pb.PutPart(mailbox=mailbox("a\nb"))], "printable"),
        ([pb.PutPart(mailbox=mailbox(name="x" * 300))], "200"),
        ([pb.PutPart(mailbox=mailbox(job="../../etc"))], "cannot name a job"),
    ],
)
async def test_a_malformed_put_says_what_is_wrong(
    client: Client, parts: list[Any], says: str
) -> None:
    raw = [part if isinstance(part, bytes) else part.SerializeToString() for part in parts]
    with pytest.raises(grpc.aio.AioRpcError, match=says) as caught:
        await put_raw(client, *raw)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    await client.put(b"data")
    assert await client.get() == b"data"


async def test_the_address_may_be_repeated(client: Client) -> None:
    await put_raw(
        client,
        GOOD.SerializeToString(),
        GOOD.SerializeToString(),
        pb.PutPart(mailbox=mailbox(), digest=hexdigest(b"datadata")).SerializeToString(),
    )
    assert await client.get() == b"datadata"


@pytest.mark.parametrize("raw", [b"", b"\xff", pb.GetRequest().SerializeToString()])
async def test_a_malformed_get_or_drop_is_refused(client: Client, raw: bytes) -> None:
    for call in (
        client.channel.unary_unary(PREFIX + "Drop")(raw),
        client.channel.unary_stream(PREFIX + "Get")(raw).read(),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_digest_that_is_no_digest_is_a_damaged_message(client: Client) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await client.begin_put().end("/etc/passwd")
    assert caught.value.code() is grpc.StatusCode.DATA_LOSS


async def test_a_part_that_is_too_large_is_refused(start: Start) -> None:
    rendezvous, client = await start(part_limit=10_000)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await client.put(bytes(50_000), part=50_000)
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    await client.put(bytes(50_000), part=10_000)
    assert await client.get() == bytes(50_000)
    assert rendezvous._boxes.count == 1


async def test_a_jobs_messages_have_a_limit(start: Start) -> None:
    _, client = await start(job_limit=100_000)
    await client.put(bytes(60_000), part=10_000)
    with pytest.raises(grpc.aio.AioRpcError, match="--job-limit") as caught:
        await client.put(bytes(60_000), mailbox("8"), part=10_000)
    # Which clients do not try again: it would come to the same.
    assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    await client.put(bytes(60_000), mailbox(job="job-2"), part=10_000)


async def test_a_put_that_stands_still_is_ended(start: Start) -> None:
    rendezvous, client = await start(stall=0.01)
    putting = client.begin_put()
    await putting.send(b"and then nothing")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await putting.call
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert [message.writers for message in rendezvous._boxes] == [0]


async def test_an_unknown_method_is_unimplemented(client: Client) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await client.channel.unary_unary(PREFIX + "Peek")(b"")
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_a_reader_that_leaves_in_the_middle_is_nobodys_error(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    rendezvous, client = await start()
    await client.put(bytes(5_000_000), part=100_000)
    for _ in range(5):
        getting = client.begin_get()
        await getting.next()
        getting.call.cancel()
    await client.drop()
    await rendezvous._service.idle()
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
    assert rendezvous._metrics.gets.labels("broken_off")._value.get() == 5
