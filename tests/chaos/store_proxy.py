"""Stands before an S3 server and, where a rule says so, answers in its place or spoils answers."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

HOP_BY_HOP = frozenset({"connection", "transfer-encoding", "keep-alive"})
BLOCK = 4096


@dataclass(frozen=True)
class Request:
    """number: of all requests, from 0."""

    method: str
    path: str
    number: int


@dataclass(frozen=True)
class Refuse:
    """An error in S3's words, and the request does not reach the server."""

    status: int
    code: str
    message: str = "as the test wants it"


@dataclass(frozen=True)
class Stall:
    """No answer at all, for so many seconds, and then none either."""

    seconds: float


@dataclass(frozen=True)
class Slow:
    """The answer's body at so many bytes a second."""

    rate: float


@dataclass(frozen=True)
class Truncate:
    """The answer's body breaks off after this share of it."""

    share: float = 0.5


@dataclass(frozen=True)
class BreakAfter:
    """The request is carried out, but whoever asked sees the connection break."""


Fault = Refuse | Stall | Slow | Truncate | BreakAfter
Rule = Callable[[Request], Fault | None]


class StoreProxy:
    """rule: what to do to each request. faults: how many were hit."""

    def __init__(self, upstream: str) -> None:
        self.rule: Rule = lambda _: None
        self.faults = 0
        self.requests = 0
        self.on_fault: Callable[[], None] = lambda: None
        self._upstream = urlsplit(upstream).netloc
        self._lock = threading.Lock()
        self._closing = threading.Event()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        serving = {"poll_interval": 0.05}
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs=serving)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def fault(self, method: str, path: str) -> Fault | None:
        with self._lock:
            request = Request(method, path, self.requests)
            self.requests += 1
            found = self.rule(request)
            if found is not None:
                self.faults += 1
                self.on_fault()
            return found

    def stall(self, seconds: float) -> None:
        self._closing.wait(seconds)

    def forward(self, method: str, path: str, headers: Any, body: bytes) -> tuple[int, Any, bytes]:
        connection = http.client.HTTPConnection(self._upstream, timeout=60)
        try:
            kept = {name: value for name, value in headers.items() if name.lower() != "expect"}
            connection.request(method, path, body, kept)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()


def _handler(proxy: StoreProxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def any_method(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            match fault := proxy.fault(self.command, self.path):
                case Refuse(status, code, message):
                    self.refuse(status, code, message)
                    return
                case Stall(seconds):
                    proxy.stall(seconds)
                    self.close_connection = True
                    return
            status, headers, data = proxy.forward(self.command, self.path, self.headers, body)
            if isinstance(fault, BreakAfter):
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in headers:
                if name.lower() not in HOP_BY_HOP:
                    self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.put(data, fault)

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = any_method

        def put(self, data: bytes, fault: Fault | None) -> None:
            if isinstance(fault, Truncate):
                self.wfile.write(data[: int(len(data) * fault.share)])
                self.close_connection = True
                return
            step = BLOCK if isinstance(fault, Slow) else max(1, len(data))
            for start in range(0, len(data), step):
                piece = data[start : start + step]
                self.wfile.write(piece)
                if isinstance(fault, Slow):
                    time.sleep(len(piece) / fault.rate)

        def refuse(self, status: int, code: str, message: str) -> None:
            words = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
            text = b'<?xml version="1.0"?>' + words.encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/xml")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(text)

        def log_message(self, format: str, *args: object) -> None: ...

    return Handler
