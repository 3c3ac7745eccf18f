"""How a run of the cluster is left, and how many workers it has."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from excamera.errors import JobError, StorageFailed
from excamera.mailboxes import Mailboxes
from excamera_controller import cluster_runner
from excamera_controller.cluster_runner import ClusterRunner
from excamera_proto.credentials import OPERATOR
from excamera_store import StoreUnreachable
from mu import Batch, Echo, Observers, Task, exchange
from mu.backend import Report
from mu.errors import BackendError
from mu.grants import unsigned
from mu.invitation import Invitation
from tests.controller.test_remains import AUTHORITY, place_of, shard


@pytest.fixture(autouse=True)
def codec(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker is ever asked for it here."""
    monkeypatch.setattr(cluster_runner, "codec", lambda: "xc")


class Nobody:
    """A backend that can start no workers, ever."""

    name = "pod"

    def watch(self, report: Report) -> None:
        """There is nobody to watch."""

    async def start(self, count: int, invitation: Invitation) -> None:
        raise BackendError("no image", permanent=True)

    async def stop(self) -> None:
        """There is nobody to stop."""


def runner_at(address: str) -> ClusterRunner:
    return ClusterRunner(
        place_of(None, address),
        "u-1",
        "u-1.7",
        Nobody(),
        Observers(),
        backoff_limit=6,
        goes_on=True,
    )


async def takes_messages(address: str) -> bool:
    """Whether the rendezvous still does for the run."""
    async with Mailboxes("u-1.7", (address,), AUTHORITY.issue(OPERATOR)) as mailboxes:
        mailboxes.kept = True
        return await mailboxes.holding() == {address}


async def test_a_run_that_fails_of_what_is_tried_again_keeps_its_mailboxes() -> None:
    """The next try's run has the same name."""

    async def store_is_away() -> Batch | None:
        raise StorageFailed("unfinished work: away") from StoreUnreachable("away")

    done = Task("t", exchange("fetching", Echo("t")))
    async with shard() as address:
        with pytest.raises(StorageFailed, match="away"):
            await runner_at(address).run(
                "job", (done,), ("t",), Observers(), unsigned, store_is_away
            )
        assert await takes_messages(address)


async def test_a_run_that_has_failed_for_good_drops_its_mailboxes() -> None:
    task = Task("t", exchange("fetching", Echo("t")))
    async with shard() as address:
        with pytest.raises(JobError, match="no image"):
            await runner_at(address).run("job", (task,), (), Observers(), unsigned)
        assert not await takes_messages(address)


async def test_a_run_that_is_left_while_it_asks_its_shards_keeps_its_mailboxes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The next operator's run has the same name, for which a shard takes nothing once dropped."""
    async with shard() as address:
        credential = AUTHORITY.issue(OPERATOR)
        async with Mailboxes("u-1.7", (address,), credential) as before:
            await before.holding()
            before.kept = True
        asked = asyncio.Event()
        asks = Mailboxes.holding

        async def asks_for_long(mailboxes: Mailboxes) -> frozenset[str]:
            asked.set()
            await asyncio.Event().wait()
            return await asks(mailboxes)

        runner = runner_at(address)
        with monkeypatch.context() as patched:
            patched.setattr(Mailboxes, "holding", asks_for_long)
            task = asyncio.ensure_future(runner.run("job", (), (), Observers(), unsigned))
            await asked.wait()
            assert not runner.detach()
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        async with Mailboxes("u-1.7", (address,), credential) as after:
            assert await after.holding() == {address}
