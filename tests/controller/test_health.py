"""/healthz, /readyz and /metrics, by the ages of passes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest

from excamera_controller.health import HEALTHY_SECONDS, READY_SECONDS, HealthServer
from excamera_controller.metrics import Metrics
from tests.store.servers import free_port


@dataclass
class Passes:
    """How long ago the last one was made, and the last that succeeded; whether workers can dial in;
    and where that is told."""

    attempted: float | None = None
    succeeded: float | None = None
    is_open: bool = True
    health: str = ""
    metrics: str = ""


@pytest.fixture
async def passes() -> AsyncIterator[Passes]:
    ports = free_port(), free_port()
    told = Passes(health=f"http://127.0.0.1:{ports[0]}", metrics=f"http://127.0.0.1:{ports[1]}")
    ages = (lambda: told.attempted), (lambda: told.succeeded)
    async with HealthServer(*ages, lambda: told.is_open, Metrics(), ports):
        yield told


async def answer(url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url) as page:
        return page.status, await page.text()


async def test_before_the_first_pass_nothing_is_well(passes: Passes) -> None:
    for path in ("healthz", "readyz"):
        status, said = await answer(f"{passes.health}/{path}")
        assert status == 503
        assert "yet to come" in said


async def test_passes_that_fail_are_signs_of_life_but_no_sign_of_being_ready(
    passes: Passes,
) -> None:
    passes.attempted, passes.succeeded = 1.0, READY_SECONDS + 1
    assert await answer(f"{passes.health}/healthz") == (200, "the last pass was 1.0 s ago\n")
    assert (await answer(f"{passes.health}/readyz"))[0] == 503


async def test_an_operator_at_whose_door_no_worker_can_knock_is_healthy_and_not_ready(
    passes: Passes,
) -> None:
    passes.attempted = passes.succeeded = 1.0
    assert (await answer(f"{passes.health}/readyz"))[0] == 200
    passes.is_open = False
    assert await answer(f"{passes.health}/readyz") == (503, "the coordinator's port is closed\n")
    assert (await answer(f"{passes.health}/healthz"))[0] == 200


async def test_an_operator_that_makes_no_passes_is_not_healthy(passes: Passes) -> None:
    passes.attempted = passes.succeeded = HEALTHY_SECONDS + 1
    assert (await answer(f"{passes.health}/healthz"))[0] == 503


async def test_metrics_have_a_port_of_their_own(passes: Passes) -> None:
    status, text = await answer(f"{passes.metrics}/metrics")
    assert status == 200
    assert "excamera_build_info" in text
    assert (await answer(f"{passes.metrics}/healthz"))[0] == 404
    assert (await answer(f"{passes.health}/metrics"))[0] == 404
