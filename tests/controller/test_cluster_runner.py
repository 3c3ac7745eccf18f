"""How a run of the cluster is left, and how many workers it has."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from excamera.access import StoreAccess
from excamera.mailboxes import Mailboxes
from excamera_controller.cluster_runner import ClusterRunner
from excamera_proto.credentials import OPERATOR
from mu import Observers
from tests.controller.test_remains import AUTHORITY, place_of, shard


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

        backend: Any = None
        runner = ClusterRunner(
            place_of(None, address),
            "u-1",
            "u-1.7",
            backend,
            Observers(),
            access=StoreAccess(),
            backoff_limit=6,
            goes_on=True,
        )
        with monkeypatch.context() as patched:
            patched.setattr(Mailboxes, "holding", asks_for_long)
            task = asyncio.ensure_future(runner.run("job", (), (), Observers()))
            await asked.wait()
            assert not runner.detach()
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        async with Mailboxes("u-1.7", (address,), credential) as after:
            assert await after.holding() == {address}
