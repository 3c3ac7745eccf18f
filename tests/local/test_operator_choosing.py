"""The operator's run of an EncodeJob that names a quality, on workers that outlive an operator.

What Kubernetes would do is not in it: workers are processes of this machine, and runs are begun as
a pass of the controller begins them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from excamera_controller import run as runs
from excamera_controller import spec
from excamera_controller.metrics import Metrics
from excamera_controller.observed import RunPhase, RunView, Stored
from excamera_controller.place_of_work import PlaceOfWork
from excamera_controller.run import Run
from excamera_controller.settings import Settings
from excamera_proto.credentials import RENDEZVOUS, Authority
from excamera_rendezvous import Rendezvous
from excamera_rendezvous import Settings as RendezvousSettings
from mu.backends.local import LocalBackend
from mu.server import Server
from tests.local.clips import drawn
from tests.local.command import encoded

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TARGET = 17.0
TRIED = 3
"""Chunks of the trial, which is the first round."""

SHAPE = ("--chunk-frames", "4", "--chain-length", "5", "--no-audio", "--ssim-db", TARGET)
ENCODING = {
    "chunkFrames": 4, "chainLength": 5, "audio": False, "cqLevel": "auto", "ssimDecibels": TARGET,
}  # fmt: skip


class Outliving(LocalBackend):
    """Workers that do not end with an operator that lets go of them, as pods do not."""

    name = "pod"
    trouble = None

    async def abandon(self) -> None:
        """They go on."""


@asynccontextmanager
async def place_of_work() -> AsyncIterator[PlaceOfWork]:
    """Coordinator and rendezvous, which outlive operators here."""
    authority = Authority.create("operator")
    listening = RendezvousSettings(
        listen="127.0.0.1:0", credential=authority.issue(RENDEZVOUS), grace=0.0
    )
    server = Server(authority)
    await server.start()
    async with Rendezvous(listening) as rendezvous:
        settings = Settings(rendezvous=(f"127.0.0.1:{rendezvous.port}",))
        certificates: Any = SimpleNamespace(authority=authority)
        no_api: Any = None
        yield PlaceOfWork(settings, no_api, server, certificates, Metrics(), lambda _: 2)
    await server.stop()


async def until(run: Run, holds: Callable[[RunView], bool]) -> RunView:
    """The first view of the run of which that holds."""
    async with asyncio.timeout(300):
        while not holds(run.view):
            assert not run.ended or holds(run.view), run.view.failure
            run.look_after()
            await asyncio.sleep(0.05)
    return run.view


def is_choosing(view: RunView) -> bool:
    """Whether a search is under way and has finished something in its second round."""
    choosing = view.snapshot.choosing if view.snapshot else None
    if choosing is None or view.phase is not RunPhase.CHOOSING:
        return False
    return choosing.chunks > TRIED and choosing.finished > 0


async def test_an_operator_goes_on_with_the_search_of_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = drawn(tmp_path / "clip.mp4", frames=48)
    alone = await asyncio.to_thread(encoded, clip, tmp_path / "alone.webm", *SHAPE)
    workers = Outliving()

    async def these(stored: Stored, place: PlaceOfWork) -> Outliving:
        return workers

    monkeypatch.setattr(runs, "backend_of", these)
    monkeypatch.setattr(spec, "SCHEME", "file://")
    uris = {"source": {"uri": f"file://{clip}"}, "output": {"uri": f"file://{tmp_path}/out.webm"}}
    status = {"startTime": NOW.isoformat()}
    stored = Stored("clip", "videos", "0123", 1, NOW, {**uris, "encoding": ENCODING}, status)
    async with place_of_work() as place:
        first = Run(stored, place, lambda: None, tuple, goes_on=False)
        await until(first, is_choosing)
        pids = set(workers.pids.values())
        await first.detach()
        second = Run(stored, place, lambda: None, tuple, goes_on=True)
        view = await until(second, lambda view: view.phase is RunPhase.ENDED)
        assert view.report is not None, view.failure
        assert set(workers.pids.values()) <= pids, "no worker was started by the second"
    assert view.report.sha256 == alone["sha256"]
    assert (view.report.cq_level, view.report.rounds) == (alone["cq_level"], alone["rounds"])
    assert view.attempts_lost == 0
