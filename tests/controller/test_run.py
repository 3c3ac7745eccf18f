"""One run, as far as it comes without workers."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from excamera_controller import run as runs
from excamera_controller.api import NotFound, Object, Unreachable
from excamera_controller.conditions import Reason
from excamera_controller.observed import RunPhase
from excamera_controller.run import Run
from tests.controller.test_remains import JOB, place_of

SPEC = {
    "source": {"uri": "s3://videos/in.mp4"},
    "output": {"uri": "s3://videos/out.webm"},
    "storage": {"secretRef": {"name": "store"}},
}
LOST = {"progress": {"attemptsLost": 7}, "workers": {"lost": 3}}


class Away:
    """An API server that is away for so many requests; it has no Secret when it is back."""

    def __init__(self, requests: int) -> None:
        self.left = requests

    async def get(self, path: str) -> Object:
        self.left -= 1
        raise Unreachable("away") if self.left >= 0 else NotFound(404, "NotFound", "")


async def ended(api: Away) -> Run:
    over = asyncio.Event()
    place: Any = place_of(api)
    made = Run(
        replace(JOB, spec=SPEC, status={**JOB.status, **LOST}), place, over.set, tuple, goes_on=True
    )
    await over.wait()
    return made


async def test_an_api_server_that_is_away_for_longer_than_any_store_may_be_fails_no_job(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runs, "AGAIN_SECONDS", (0.001, 0.002))
    view = (await ended(Away(20))).view
    assert view.phase is RunPhase.ENDED
    assert view.failure is not None
    assert view.failure.reason is Reason.SECRET_MISSING


async def test_a_run_counts_on_from_what_earlier_operators_have_lost() -> None:
    view = (await ended(Away(0))).view
    assert (view.attempts_lost, view.workers_lost) == (7, 3)
