"""`python -m excamera_worker.knative`: a worker for as long as an HTTP request lasts.

    POST /          the invitation; answered, with how the worker ended, when it has ended
    GET  /healthz   200 while the server lives, busy or not

One worker at a time, as with containerConcurrency 1: a second invitation is answered with 503.
A caller that goes away does not end the worker: when an operator is replaced its requests break,
but its successor finds the worker again. SIGTERM does, in good order. Knative must allow requests
that say nothing until their end: responseStartTimeoutSeconds as long as timeoutSeconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from http import HTTPStatus
from typing import Final

from excamera_worker import http, logs
from excamera_worker.exit_codes import ExitCode
from excamera_worker.invitation import SIZE_LIMIT, InvalidInvitation, Invitation
from excamera_worker.settings import Settings
from excamera_worker.worker import Worker, summary

_log = logging.getLogger(__name__)

Answer = tuple[HTTPStatus, dict[str, object]]

REQUEST_SECONDS: Final = 30.0
"""How long a request may take to arrive."""


class Entry:
    """The server; `port` is known once it has been started."""

    def __init__(self, settings: Settings) -> None:
        self.port = 0
        self._settings = settings
        self._worker: Worker | None = None
        self._working: asyncio.Task[None] | None = None  # the request that has the worker
        self._leaving = False
        self._requests: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> None:
        """OSError if the address cannot be had."""
        self._server = await asyncio.start_server(self._accept, host, port, limit=http.HEAD_LIMIT)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self, reason: str) -> None:
        """The worker leaves, its request is answered, and nothing more is accepted."""
        self._leaving = True
        if self._server:
            self._server.close()
        if self._worker and self._working:
            self._worker.leave(reason)
            await asyncio.wait({self._working})
        for request in self._requests:
            request.cancel()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = asyncio.ensure_future(self._handle(reader, writer))
        self._requests.add(request)
        request.add_done_callback(self._requests.discard)
        await asyncio.gather(request, return_exceptions=True)

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer), contextlib.suppress(ConnectionError, EOFError):
            try:
                async with asyncio.timeout(REQUEST_SECONDS):
                    request = await http.read_request(reader, writer, SIZE_LIMIT)
            except TimeoutError:
                return  # whoever sends so slowly does not wait for an answer
            except http.BadRequest as error:
                status, values = _refusal(error)
            else:
                status, values = await self._answer(request)
            await http.respond(writer, status, values)

    async def _answer(self, request: http.Request) -> Answer:
        try:
            return await self._obey(request)
        except http.BadRequest as error:
            return _refusal(error)
        except OSError as error:  # no scratch folder
            _log.exception("the worker could not run")
            return HTTPStatus.INTERNAL_SERVER_ERROR, {"error": str(error)}

    async def _obey(self, request: http.Request) -> Answer:
        match request.method, request.path:
            case "GET", "/healthz":
                return HTTPStatus.OK, {"busy": self._worker is not None}
            case "POST", "/":
                return await self._work(request.body)
            case _, "/" | "/healthz":
                raise http.BadRequest(HTTPStatus.METHOD_NOT_ALLOWED, "POST / or GET /healthz")
            case _:
                raise http.BadRequest(HTTPStatus.NOT_FOUND, "there are only / and /healthz")

    async def _work(self, body: bytes) -> Answer:
        if self._worker or self._leaving:
            raise http.BadRequest(HTTPStatus.SERVICE_UNAVAILABLE, "a worker is here already")
        try:
            invitation = Invitation.parse(body)
        except InvalidInvitation as error:
            raise http.BadRequest(HTTPStatus.BAD_REQUEST, str(error)) from None
        _log.info("worker %s for job %s", invitation.worker, invitation.job)
        self._worker = Worker(invitation, self._settings)
        self._working = asyncio.current_task()
        try:
            outcome = await self._worker.run()
        finally:
            self._worker = self._working = None
        return HTTPStatus.OK, summary(invitation, outcome)


def _refusal(error: http.BadRequest) -> Answer:
    return error.status, {"error": str(error)}


async def serve(settings: Settings, host: str, port: int) -> None:
    """Until SIGTERM."""
    entry = Entry(settings)
    await entry.start(host, port)
    asked: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def ask(name: str) -> None:
        if not asked.done():
            asked.set_result(name)

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ask, number.name)
    _log.info("waiting for an invitation at port %d", entry.port)
    await entry.stop(await asked)


def main() -> int:
    """Knative names the port in PORT."""
    logs.set_up(os.environ.get("EXCAMERA_LOG_FORMAT", "json"), "info", {"backend": "knative"})
    port = os.environ.get("PORT", "8080")
    if not port.isdecimal() or int(port) > 65535:
        print(f"excamera-worker: PORT is {port!r}, not a port", file=sys.stderr)
        return ExitCode.USAGE
    asyncio.run(serve(Settings(), "0.0.0.0", int(port)))
    return ExitCode.OK


if __name__ == "__main__":
    sys.exit(main())
