"""Two workers and the real rendezvous: what one sends the other receives, while it arrives."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from excamera_proto.credentials import RENDEZVOUS, Authority
from excamera_proto.mu_pb2 import Attempt, Failure, Receive, Run, Send
from excamera_rendezvous import Rendezvous, Settings
from excamera_worker.invitation import Invitation
from tests.worker.conftest import Start
from tests.worker.fake_coordinator import FakeCoordinator

MAKE = Run(argv=["head", "-c", "5000000", "/dev/urandom"], timeout_seconds=60, stdout_file="state")
DIGEST = Run(argv=["b2sum", "-l", "256", "state"], timeout_seconds=60)
OTHER = Attempt(task="chunk 4", number=1)


@pytest.fixture
async def address(authority: Authority, tmp_path: Path) -> AsyncIterator[str]:
    credential = authority.issue(RENDEZVOUS)
    async with Rendezvous(Settings(credential=credential, spill_dir=tmp_path)) as rendezvous:
        yield f"127.0.0.1:{rendezvous.port}"


@pytest.mark.parametrize("reader_first", [True, False])
async def test_a_state_goes_from_one_worker_to_the_next(
    start: Start,
    coordinator: FakeCoordinator,
    invitation: Invitation,
    address: str,
    reader_first: bool,
) -> None:
    start()
    sender = await coordinator.welcome(address)
    start(replace(invitation, worker="worker-2"))
    receiver = await coordinator.welcome(address)
    receive = Receive(recipient="chunk 4", name="state", file="state", pipe=True)
    send = Send(file="state", recipient="chunk 4", name="state")

    await sender.ask(run=MAKE)
    if not reader_first:
        await sender.ask(send=send)
    received = await receiver.call(attempt=OTHER, receive=receive)
    await receiver.call(attempt=OTHER, run=DIGEST)
    if reader_first:
        await sender.ask(send=send)
    replies = {reply.id: reply for reply in [await receiver.reply(), await receiver.reply()]}

    digest = (await sender.ask(run=DIGEST)).ran.stdout.split()[0]
    assert replies[received].transferred.digest == digest
    assert replies[received + 1].ran.stdout.split()[0] == digest

    assert (await sender.ask(send=send)).transferred.digest == digest
    await sender.ask(run=MAKE)
    assert (await sender.ask(send=send)).failure.kind == Failure.CONFLICT
