"""The coordinator's port closes and opens again under a new certificate."""

from __future__ import annotations

import asyncio
import logging
import socket
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest

from excamera_controller import renewal
from excamera_controller.api import Unreachable
from excamera_proto.credentials import Authority
from mu.server import Server
from tests.mu.fake_worker import FakeWorker, Scene
from tests.mu.runs import PATIENCE, until

AUTHORITY = Authority.create("operator")


class Contested(Server):
    """Whose port somebody else takes as soon as it is closed."""

    squatter: socket.socket | None = None

    async def stop(self) -> None:
        was_open = self.serving
        await super().stop()
        if was_open and self.squatter is None:
            self.squatter = socket.create_server(("127.0.0.1", self.port))


async def knocks(server: Server) -> bool:
    """Whether a worker is heard."""
    server.refuse("job")
    worker = FakeWorker(server.invitation("job", "fake"), Scene(), "late")
    await asyncio.wait_for(worker.life, PATIENCE)
    return worker.quit == "the job has ended"


async def test_a_port_that_cannot_be_had_again_at_once_is_tried_until_it_can(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(renewal, "AGAIN_SECONDS", 0.01)
    server = Contested(AUTHORITY)
    await server.start()
    port = server.port
    assert await knocks(server)
    reopening = asyncio.ensure_future(renewal.reopen(server, AUTHORITY))
    with caplog.at_level(logging.ERROR):
        await until(lambda: caplog.text.count("no worker can dial in") > 1)
    assert not server.serving
    assert server.squatter is not None
    server.squatter.close()
    await asyncio.wait_for(reopening, PATIENCE)
    assert server.serving
    assert server.port == port
    assert await knocks(server)
    await server.stop()
    assert not server.serving


@pytest.mark.parametrize("changed", [False, True])
async def test_the_port_opens_anew_when_the_authority_changes_and_before_its_certificate_ends(
    monkeypatch: pytest.MonkeyPatch, changed: bool
) -> None:
    """However often the API server is away in between."""
    asked: list[bool] = []
    opened: list[int] = []

    async def refresh() -> bool:
        asked.append(len(asked) % 2 == 0)
        if asked[-1]:
            raise Unreachable("the API server is away")
        return changed

    async def renewed(authority: Authority) -> None:
        opened.append(len(asked))

    async def no_time(seconds: float) -> None:
        if len(opened) == 2:
            raise asyncio.CancelledError
        assert seconds == renewal.RENEW_SECONDS

    monkeypatch.setattr("asyncio.sleep", no_time)
    certificates: Any = SimpleNamespace(refresh=refresh, authority=AUTHORITY)
    server: Any = SimpleNamespace(renew=renewed)
    with suppress(asyncio.CancelledError):
        await renewal.renew(certificates, server)
    assert opened == ([2, 4] if changed else [12, 24])
