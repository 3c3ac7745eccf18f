"""/healthz, /readyz and /metrics: the truth about the last passes; see `pulse`.

Healthy: passes are being made, whether or not they succeed; when the API server is away, ending the
operator would help nobody, since workers depend on it. Ready: some succeed, and workers can dial
in.
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from aiohttp import web
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from excamera_controller.metrics import Metrics

HEALTHY_SECONDS: Final = 180.0
"""Longer than any pass takes: one that deletes a job waits for its workers, and for the store."""

READY_SECONDS: Final = 120.0


Age = Callable[[], float | None]
"""Seconds since something; None if that is yet to come."""


class HealthServer:
    """Use as a context. is_open: whether the coordinator's port is. ports: for health and for
    metrics. OSError if one cannot be had."""

    def __init__(
        self,
        attempted: Age,
        succeeded: Age,
        is_open: Callable[[], bool],
        metrics: Metrics,
        ports: tuple[int, int],
    ) -> None:
        self._attempted = attempted
        self._succeeded = succeeded
        self._is_open = is_open
        self._metrics = metrics
        self._ports = ports
        self._runners: list[web.AppRunner] = []

    async def __aenter__(self) -> Self:
        routes = (
            [web.get("/healthz", self._healthz), web.get("/readyz", self._readyz)],
            [web.get("/metrics", self._scrape)],
        )
        for port, handlers in zip(self._ports, routes, strict=True):
            app = web.Application()
            app.add_routes(handlers)
            runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
            await runner.setup()
            self._runners.append(runner)
            await web.TCPSite(runner, None, port).start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for runner in self._runners:
            await runner.cleanup()

    async def _healthz(self, _: web.Request) -> web.Response:
        return _answer("the last pass", self._attempted(), HEALTHY_SECONDS)

    async def _readyz(self, _: web.Request) -> web.Response:
        age = self._succeeded()
        if age is not None and not self._is_open():
            return web.Response(text="the coordinator's port is closed\n", status=503)
        return _answer("the last good pass", age, READY_SECONDS)

    async def _scrape(self, _: web.Request) -> web.Response:
        return web.Response(
            body=self._metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )


def _answer(what: str, age: float | None, limit: float) -> web.Response:
    said = f"{what} was {age:.1f} s ago\n" if age is not None else f"{what} is yet to come\n"
    good = age is not None and age <= limit
    return web.Response(text=said, status=200 if good else 503)
