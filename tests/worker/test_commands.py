"""The commands that need nothing but the worker, over a real connection."""

from __future__ import annotations

import pytest

from excamera_proto import mu_pb2
from excamera_proto.mu_pb2 import Attempt, Echo, Failure, Get, Receive, Retrieve, Run, Send, Set
from tests.worker.fake_coordinator import ATTEMPT, Connection


async def test_echo_comes_back(connection: Connection) -> None:
    reply = await connection.ask(echo=Echo(text="hé"))
    assert (reply.attempt, reply.id, reply.value.text) == (ATTEMPT, 1, "hé")
    assert reply.seconds >= 0


async def test_a_value_is_kept_for_its_attempt_only(connection: Connection) -> None:
    assert (await connection.ask(set=Set(name="a", value="1"))).value.text == "1"
    assert (await connection.ask(get=Get(name="a"))).value.text == "1"
    other = Attempt(task=ATTEMPT.task, number=2)
    reply = await connection.ask(attempt=other, get=Get(name="a"))
    assert reply.failure.kind == Failure.NOT_FOUND


async def test_a_forgotten_attempt_begins_anew(connection: Connection) -> None:
    await connection.ask(set=Set(name="a", value="1"))
    await connection.send(forget=mu_pb2.Forget(attempt=ATTEMPT))
    reply = await connection.ask(id=1, get=Get(name="a"))
    assert reply.failure.kind == Failure.NOT_FOUND


async def test_a_call_without_a_command_is_invalid(connection: Connection) -> None:
    assert (await connection.ask()).failure.kind == Failure.INVALID


@pytest.mark.parametrize(
    "name", ["", "/etc/passwd", "../x", "a/../../x", "a//b", "a\0b", "a\nb", "x" * 256]
)
async def test_names_that_lead_out_of_the_scratch_folder_are_refused(
    connection: Connection, name: str
) -> None:
    for command in (
        {"retrieve": Retrieve(url="file:///etc/hostname", file=name)},
        {"upload": mu_pb2.Upload(file=name, url="file:///tmp/never")},
        {"send": Send(file=name, recipient="r", name="n")},
        {"receive": Receive(file=name, recipient="r", name="n")},
        {"receive": Receive(file=name, recipient="r", name="n", pipe=True)},
    ):
        reply = await connection.ask(**command)
        assert reply.failure.kind == Failure.INVALID, command
    if name:
        reply = await connection.ask(run=Run(argv=["true"], timeout_seconds=60, stdout_file=name))
        assert reply.failure.kind == Failure.INVALID


async def test_a_link_that_leads_out_of_the_scratch_folder_is_refused(
    connection: Connection,
) -> None:
    await connection.ask(run=Run(argv=["ln", "-s", "/etc", "out"], timeout_seconds=60))
    reply = await connection.ask(retrieve=Retrieve(url="file:///etc/hostname", file="out/x"))
    assert reply.failure.kind == Failure.INVALID
