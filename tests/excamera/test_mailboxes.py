"""The mark by which an operator knows whether the rendezvous still remembers a job."""

from __future__ import annotations

from excamera.mailboxes import Mailboxes
from excamera_proto.credentials import OPERATOR, RENDEZVOUS, Authority
from excamera_rendezvous import Rendezvous, Settings

AUTHORITY = Authority.create("test")


def rendezvous(folder) -> Rendezvous:
    settings = Settings(credential=AUTHORITY.issue(RENDEZVOUS), spill_dir=folder, grace=0.0)
    return Rendezvous(settings)


def mailboxes(server: Rendezvous) -> Mailboxes:
    return Mailboxes("job-1", f"127.0.0.1:{server.port}", AUTHORITY.issue(OPERATOR))


async def test_a_mark_is_remembered_by_an_operators_successor(tmp_path) -> None:
    async with rendezvous(tmp_path) as server:
        async with mailboxes(server) as first:
            assert not await first.marked()
            assert await first.marked()
            first.kept = True
        async with mailboxes(server) as second:
            assert await second.marked()


async def test_a_rendezvous_that_began_anew_has_forgotten_it(tmp_path) -> None:
    async with rendezvous(tmp_path) as server, mailboxes(server) as before:
        await before.marked()
        before.kept = True
    async with rendezvous(tmp_path) as server, mailboxes(server) as after:
        assert not await after.marked()
