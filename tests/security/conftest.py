"""The doors of `doors`, one after the other for each test that is about both."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mu.server import Server
from tests.security.doors import OURS, Door, coordinator, meeting_place


@pytest.fixture(params=["coordinator", "rendezvous"])
async def door(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Door]:
    opened = coordinator() if request.param == "coordinator" else meeting_place(tmp_path)
    async with opened as door:
        yield door


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server(OURS)
    await made.start()
    yield made
    await made.stop()
