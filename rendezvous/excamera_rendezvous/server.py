"""A rendezvous: the service, its housekeeping, its health and its end.

    async with Rendezvous(Settings()) as rendezvous:
        rendezvous.port

It ends gracefully: readers of messages that nobody is sending are told at once to ask again (they
reach its successor), what is being transferred may go on for the grace period.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1._async import HealthServicer

from excamera_proto import channels
from excamera_rendezvous import service, tls
from excamera_rendezvous.authorise import Gate
from excamera_rendezvous.mailbox import Mailboxes
from excamera_rendezvous.metrics import Metrics
from excamera_rendezvous.piece import MOST_HEADER
from excamera_rendezvous.service import RendezvousService
from excamera_rendezvous.settings import Settings
from excamera_rendezvous.spill import SpillFolder
from excamera_rendezvous.status_page import StatusPage
from excamera_rendezvous.storage import Storage

log = logging.getLogger(__name__)

BEAT: Final = 1.0
"""Seconds between two looks at what has expired; also the sign that the event loop lives."""
BEAT_LATE: Final = 15.0
FAREWELL: Final = 1.0

_ADDRESS_ALLOWANCE: Final = 4096  # what a part carries beside its data


class Rendezvous:
    """`port` and `metrics_port` are known once it has been entered. OSError if it cannot start."""

    def __init__(self, settings: Settings, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.settings = settings
        self.port = 0
        self.metrics_port: int | None = None
        self._clock = clock
        self._page: StatusPage | None = None
        self._last_beat = clock()
        self._stopped = False

    async def __aenter__(self) -> Rendezvous:
        settings = self.settings
        credentials = tls.make(settings.credential) if settings.credential else None
        folder = SpillFolder(settings.spill_dir)
        self._boxes = Mailboxes(
            memory_limit=settings.memory_limit,
            disk_limit=settings.spill_limit,
            job_limit=settings.job_limit,
            expiry=settings.expiry,
        )
        self._storage = Storage(self._boxes, folder, settings.patience)
        self._metrics = Metrics(self._storage)
        self._storage.on_spilled = self._metrics.spilled.inc
        try:
            await self._serve(credentials)
        except BaseException:
            await self._storage.close()
            raise
        self._heart = asyncio.create_task(self._beat())
        log.info("listening at %s:%d", settings.host, self.port)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Finish what is being transferred, within the grace period, and go. Once is enough."""
        if self._stopped:
            return
        self._stopped = True
        self._storage.stop_waiting()
        await self._health.enter_graceful_shutdown()
        ended = asyncio.create_task(self._server.stop(self.settings.grace))
        idle = asyncio.create_task(self._service.idle())
        await asyncio.wait({ended, idle}, return_when=asyncio.FIRST_COMPLETED)
        idle.cancel()
        # The last answers leave; those who watch the health would stay for the whole period.
        await asyncio.wait({ended}, timeout=FAREWELL)
        await self._server.stop(0)
        await ended
        self._heart.cancel()
        if self._page is not None:
            await asyncio.to_thread(self._page.close)
        await self._storage.close()
        log.info("stopped")

    def sweep(self) -> None:
        """Forget the jobs that have expired."""
        removed = self._boxes.expire(self._clock())
        if removed.messages:
            self._storage.discard(removed)
            self._metrics.expired.inc(len(removed.messages))
            log.warning(
                "%d mailboxes with %d bytes expired: nobody touched their jobs",
                len(removed.messages),
                removed.size,
            )

    async def _serve(self, credentials: grpc.ServerCredentials | None) -> None:
        settings = self.settings
        self._server = grpc.aio.server(options=_options(settings))
        self._service = RendezvousService(
            self._storage,
            self._metrics,
            Gate(secured=credentials is not None),
            settings.stall,
            self._clock,
        )
        self._health = HealthServicer()
        self._server.add_generic_rpc_handlers((self._service.handler(),))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        self.port = _listen(self._server, settings.listen, credentials)
        if settings.metrics_port is not None:
            self._page = StatusPage(
                settings.host,
                settings.metrics_port,
                self._metrics.registry,
                self._not_alive,
                self._not_ready,
            )
            self.metrics_port = self._page.port
        await self._server.start()
        for name in ("", service.NAME):
            await self._health.set(name, health_pb2.HealthCheckResponse.SERVING)

    async def _beat(self) -> None:
        while True:
            self._last_beat = self._clock()
            self.sweep()
            await asyncio.sleep(BEAT)

    def _not_alive(self) -> str | None:
        late = self._clock() - self._last_beat
        return f"the event loop stands still since {late:.0f} s" if late > BEAT_LATE else None

    def _not_ready(self) -> str | None:
        return "shutting down" if self._storage.stopping else None


def _options(settings: Settings) -> list[tuple[str, int | str]]:
    options = dict(channels.server_options())
    limit = settings.part_limit + MOST_HEADER + _ADDRESS_ALLOWANCE
    options["grpc.max_receive_message_length"] = limit
    return list(options.items())


def _listen(
    server: grpc.aio.Server, address: str, credentials: grpc.ServerCredentials | None
) -> int:
    try:
        if credentials is None:
            port = server.add_insecure_port(address)
        else:
            port = server.add_secure_port(address, credentials)
    except RuntimeError as error:
        raise OSError(f"cannot listen at {address}: {error}") from error
    if port == 0:
        raise OSError(f"cannot listen at {address}: in use, or not an address of this machine")
    return port
