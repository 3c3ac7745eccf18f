"""Backend Knative against a small HTTP server that behaves as Knative does while it scales."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web

from excamera_controller.backends import knative
from excamera_controller.backends.knative import KnativeBackend
from excamera_controller.conditions import Reason
from excamera_proto.credentials import Authority, Identity
from mu.backend import WorkerExit
from mu.invitation import Invitation
from mu.observer import WorkerJoined

INVITATION = Invitation(
    "operator:7000", "job-1", "knative", Authority.create("test").issue(Identity.worker("job-1"))
)


class Service:
    """`answers` are given in turn, the last one for ever; None is a worker that works on, until
    `late` is answered."""

    def __init__(self) -> None:
        self.answers: list[int | None] = [200]
        self.bodies: list[dict[str, Any]] = []
        self.late = 200
        self.quit = asyncio.Event()
        self.url = ""
        self.runner: web.AppRunner

    @property
    def connections(self) -> int:
        """Those that are open."""
        return len(self.runner.server.connections) if self.runner.server else 0

    async def post(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.json())
        status = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if status is None:
            await self.quit.wait()
            status = self.late
        text = json.dumps({"reason": "told to quit"}) if status == 200 else "scaling"
        return web.Response(status=status, text=text)


@pytest.fixture
async def service(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Service]:
    monkeypatch.setattr(knative, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(knative, "STOP_SECONDS", 0.5)
    made = Service()
    app = web.Application()
    app.add_routes([web.post("/", made.post)])
    made.runner = runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    yield made
    made.quit.set()
    await runner.cleanup()


async def started(url: str, count: int = 1) -> tuple[KnativeBackend, list[WorkerExit]]:
    ends: list[WorkerExit] = []
    backend = KnativeBackend(url, 60.0)
    backend.watch(ends.append)
    await backend.start(count, INVITATION)
    return backend, ends


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_every_worker_is_one_request_and_all_are_made_at_once(service: Service) -> None:
    service.answers = [None]
    backend, _ = await started(service.url, 20)
    await until(lambda: len(service.bodies) == 20)
    assert len({body["worker"] for body in service.bodies}) == 20
    assert {body["seconds"] for body in service.bodies} == {50.0}
    assert "environment" not in service.bodies[0]
    service.quit.set()
    await backend.stop()


async def test_a_backend_that_is_left_by_its_operator_holds_nothing(service: Service) -> None:
    """Neither the request of a worker that works on, nor a connection that is to be used again."""
    service.answers = [200, None]
    backend, ends = await started(service.url, 2)
    await until(lambda: len(service.bodies) == 2 and ends)
    assert backend.busy
    assert service.connections == 2
    await backend.abandon()
    service.quit.set()
    await until(lambda: not (backend.busy or service.connections))
    assert len(ends) == 1


async def test_a_request_is_made_again_while_the_service_scales(service: Service) -> None:
    service.answers = [503, 502, 429, 200]
    backend, ends = await started(service.url)
    await until(lambda: ends)
    assert len(service.bodies) == 4
    assert (ends[0].reason, ends[0].message) == ("exited", "told to quit")
    assert backend.trouble is None
    await backend.stop()


async def test_a_service_that_refuses_is_a_trouble(service: Service) -> None:
    service.answers = [404]
    backend, ends = await started(service.url)
    await until(lambda: ends)
    assert ends[0].reason == "refused"
    assert backend.trouble is not None
    assert backend.trouble.reason is Reason.BACKEND_UNAVAILABLE
    await backend.stop()


def joined(worker: str) -> WorkerJoined:
    return WorkerJoined(worker, 1, "knative")


async def test_a_worker_that_comes_ends_the_trouble(service: Service) -> None:
    service.answers = [404]
    backend, ends = await started(service.url)
    await until(lambda: ends)
    assert backend.trouble is not None
    backend.observe(joined("knative-another"))
    assert backend.trouble is None
    await backend.stop()


async def test_a_time_out_of_the_service_is_no_trouble_once_the_worker_is_there(
    service: Service,
) -> None:
    service.answers = [None, 200]
    service.late = 504
    backend, ends = await started(service.url)
    await until(lambda: service.bodies)
    backend.observe(joined(service.bodies[0]["worker"]))
    service.quit.set()
    await until(lambda: not backend.busy)
    assert len(service.bodies) == 1
    assert ends == []
    assert backend.trouble is None
    await backend.stop()


async def test_people_are_told_of_a_service_that_does_not_answer_while_it_is_tried_again(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(knative, "TELLING_SECONDS", 0.0)
    service.answers = [503]
    backend, ends = await started(service.url)
    await until(lambda: backend.trouble)
    assert ends == []
    await backend.stop()


async def test_trying_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knative, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(knative, "TRYING_SECONDS", 0.3)
    backend, ends = await started("http://127.0.0.1:1/")
    await until(lambda: ends)
    assert "starts no worker" in ends[0].message
    await backend.stop()


async def test_nothing_is_reported_and_nothing_left_after_a_stop(service: Service) -> None:
    service.answers = [None]
    backend, ends = await started(service.url, 3)
    await until(lambda: len(service.bodies) == 3)
    await backend.stop()
    assert ends == []
    assert len(asyncio.all_tasks()) < 8
