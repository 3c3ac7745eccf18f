"""A coordinator's door on a port of its own."""

from __future__ import annotations

import pytest

from mu.server import Server
from tests.mu.runs import AUTHORITY


@pytest.fixture
async def server():
    made = Server(AUTHORITY)
    await made.start()
    yield made
    await made.stop()
