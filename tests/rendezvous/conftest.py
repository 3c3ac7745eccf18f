"""A rendezvous on a port of its own, and clients to talk to it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest

from excamera_rendezvous import Rendezvous, Settings
from tests.rendezvous.client import Client


class Clock:
    """Stands still unless it is told otherwise."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def start(tmp_path: Path, clock: Clock) -> AsyncIterator[Callable[..., Any]]:
    """Start a rendezvous in plain text, with a client for it."""
    async with AsyncExitStack() as stack:

        async def started(**changes: Any) -> tuple[Rendezvous, Client]:
            settings = Settings(spill_dir=tmp_path / "spill", grace=5.0, part_limit=100_000)
            settings = replace(settings, **{"memory_limit": 10_000_000, **changes})
            rendezvous = await stack.enter_async_context(Rendezvous(settings, clock=clock))
            channel = grpc.aio.insecure_channel(f"127.0.0.1:{rendezvous.port}")
            return rendezvous, Client(await stack.enter_async_context(channel))

        yield started


@pytest.fixture
async def client(start: Callable[..., Any]) -> Client:
    made: Client
    _, made = await start()
    return made
