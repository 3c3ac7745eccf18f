"""The whole operator: its parts, started in order and ended in reverse.

At the end jobs are left to the operator that comes next: the watch and the passes stop first, then
runs let go of their workers, and only then do the coordinator's streams close.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from types import TracebackType
from typing import Final, Self

from excamera_controller.api import Api, ApiError
from excamera_controller.certificates import Certificates, NoAuthority
from excamera_controller.controller import Controller
from excamera_controller.handlers import Watch
from excamera_controller.health import HealthServer
from excamera_controller.metrics import Metrics
from excamera_controller.place_of_work import PlaceOfWork
from excamera_controller.renewal import renew
from excamera_controller.runs import Runs
from excamera_controller.settings import Settings
from mu.server import Server

AGAIN_SECONDS: Final = 2.0

_log = logging.getLogger(__name__)


class Operation:
    """Use as a context. OSError: an address cannot be had. Unreachable: there is no cluster."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stack = AsyncExitStack()
        self._server: Server | None = None

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await self._start(stack)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    def _is_open(self) -> bool:
        """Whether workers can dial in."""
        return self._server is not None and self._server.serving

    async def _start(self, stack: AsyncExitStack) -> None:
        settings, metrics = self._settings, Metrics()
        api = await stack.enter_async_context(Api())
        controller = Controller(settings, api, metrics)
        health = HealthServer(
            controller.pulse.attempted_age,
            controller.pulse.succeeded_age,
            self._is_open,
            metrics,
            (settings.health_port, settings.metrics_port),
        )
        await stack.enter_async_context(health)
        certificates = Certificates(settings, api)
        await _first(certificates, controller)
        self._server = server = Server(
            certificates.authority,
            settings.coordinator_listen,
            advertised=settings.coordinator_address,
        )
        await server.start()
        stack.push_async_callback(server.stop)
        place = PlaceOfWork(settings, api, server, certificates, metrics, controller.share)
        controller.runs = runs = Runs(place, controller.wake)
        stack.push_async_callback(runs.detach)
        stack.push_async_callback(controller.stop)
        for work in (controller.resync, partial(renew, certificates, server)):
            stack.callback(asyncio.create_task(_for_ever(work)).cancel)
        watch = Watch(settings.namespaces, controller.note, runs.note_pod)
        await stack.enter_async_context(watch)
        _log.info("coordinator at port %d; watching", server.port)


async def _first(certificates: Certificates, controller: Controller) -> None:
    """Until there is an authority: the API server may not be there yet, nor cert-manager's."""
    while True:
        try:
            await certificates.refresh()
            return
        except (ApiError, NoAuthority) as error:
            _log.warning("%s; trying again", error)
        controller.pulse.listing()
        await asyncio.sleep(AGAIN_SECONDS)


async def _for_ever(work: Callable[[], Awaitable[None]]) -> None:
    """Begins anew what should never end."""
    while True:
        try:
            await work()
        except Exception:
            _log.exception("what should go on for ever has failed; please report it")
        await asyncio.sleep(AGAIN_SECONDS)
