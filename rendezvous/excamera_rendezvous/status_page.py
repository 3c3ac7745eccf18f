"""A small HTTP server for machines that look after this one: /metrics, /healthz and /readyz.

It has a thread of its own, so that it can tell when the event loop stands still. Probes come here
because kubelet's gRPC probe cannot speak TLS. Anybody may knock: how many are served at once, and
for how long each, is bounded.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

CLIENTS_AT_ONCE: Final = 64
CLIENT_SECONDS: Final = 10.0
PLAIN: Final = "text/plain; charset=utf-8"

Request = Any
"""A connected socket; the standard library's types allow a datagram as well."""

Check = Callable[[], str | None]
"""What is wrong, or None."""


class StatusPage:
    """OSError if the address cannot be had. `alive` and `ready` are called from other threads."""

    def __init__(
        self, host: str, port: int, registry: CollectorRegistry, alive: Check, ready: Check
    ) -> None:
        def answer(path: str) -> tuple[HTTPStatus, str, bytes]:
            match path.partition("?")[0]:
                case "/metrics":
                    return HTTPStatus.OK, CONTENT_TYPE_LATEST, generate_latest(registry)
                case "/healthz":
                    return _verdict(alive())
                case "/readyz":
                    return _verdict(alive() or ready())
            return HTTPStatus.NOT_FOUND, PLAIN, b"try /metrics, /healthz or /readyz\n"

        self._server = _server(host, port, answer)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="status page", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _verdict(problem: str | None) -> tuple[HTTPStatus, str, bytes]:
    if problem is None:
        return HTTPStatus.OK, PLAIN, b"ok\n"
    return HTTPStatus.SERVICE_UNAVAILABLE, PLAIN, f"{problem}\n".encode()


def _hang_up(request: Request) -> None:
    with suppress(OSError):
        request.shutdown(socket.SHUT_RDWR)


def _server(
    host: str, port: int, answer: Callable[[str], tuple[HTTPStatus, str, bytes]]
) -> ThreadingHTTPServer:
    free = threading.Semaphore(CLIENTS_AT_ONCE)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, kind, body = answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Probes come every few seconds; nobody wants to read of each."""

    class Server(ThreadingHTTPServer):
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        daemon_threads = True

        def process_request(self, request: Request, client_address: Any) -> None:
            if free.acquire(blocking=False):
                super().process_request(request, client_address)
            else:
                self.shutdown_request(request)

        def process_request_thread(self, request: Request, client_address: Any) -> None:
            limit = threading.Timer(CLIENT_SECONDS, _hang_up, (request,))
            limit.daemon = True
            limit.start()
            try:
                super().process_request_thread(request, client_address)
            finally:
                limit.cancel()
                free.release()

        def handle_error(self, request: Request, client_address: Any) -> None:
            """A client that left, or was made to leave, is nobody's error."""

    return Server((host, port), Handler)
