"""The mark by which an operator knows whether the rendezvous still remembers a job."""

from __future__ import annotations

import asyncio

from excamera.mailboxes import Mailboxes
from excamera_proto.credentials import OPERATOR, RENDEZVOUS, Authority
from excamera_rendezvous import Rendezvous, Settings

AUTHORITY = Authority.create("test")


def rendezvous(folder, listen: str = "127.0.0.1:0") -> Rendezvous:
    credential = AUTHORITY.issue(RENDEZVOUS)
    return Rendezvous(Settings(listen, credential, spill_dir=folder, grace=0.0))


def mailboxes(server: Rendezvous) -> Mailboxes:
    return Mailboxes("job-1", f"127.0.0.1:{server.port}", AUTHORITY.issue(OPERATOR))


async def test_a_mark_is_remembered_by_an_operators_successor(tmp_path) -> None:
    async with rendezvous(tmp_path) as server:
        async with mailboxes(server) as first:
            assert not await first.remembered()
            assert await first.remembered()
            first.kept = True
        async with mailboxes(server) as second:
            assert await second.remembered()


async def test_a_rendezvous_that_began_anew_has_forgotten_it(tmp_path) -> None:
    async with rendezvous(tmp_path) as server, mailboxes(server) as before:
        await before.remembered()
        before.kept = True
    async with rendezvous(tmp_path) as server, mailboxes(server) as after:
        assert not await after.remembered()


async def test_a_run_is_told_once_that_the_rendezvous_began_anew(tmp_path) -> None:
    told: asyncio.Queue[str] = asyncio.Queue()
    async with rendezvous(tmp_path) as server:
        port = server.port
        watched = mailboxes(server)
        await watched.remembered()
    watching = asyncio.ensure_future(watched.watch(lambda: told.put_nowait("forgotten"), 0.01))
    async with rendezvous(tmp_path, f"127.0.0.1:{port}"):
        assert await told.get() == "forgotten"
        assert await watched.remembered()
        assert told.empty()
    watching.cancel()


async def test_a_rendezvous_that_does_not_answer_has_not_forgotten(tmp_path) -> None:
    async with rendezvous(tmp_path) as server:
        watched = mailboxes(server)
    assert await watched.remembered() is None
