"""The watch at its end."""

from __future__ import annotations

import asyncio
import threading

import pytest

from excamera_controller.handlers import Watch


async def test_while_a_watch_ends_the_operator_does_other_things(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Streams of workers must not stand still meanwhile."""
    released, ended = threading.Event(), threading.Event()

    def watches(_: Watch) -> None:
        released.wait()
        ended.set()

    monkeypatch.setattr(Watch, "_run", watches)
    async with Watch((), lambda *_: None, lambda *_: None):
        asyncio.get_running_loop().call_soon(released.set)
    assert ended.is_set()
    released.set()
