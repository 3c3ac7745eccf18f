"""An S3 server whose answers a test decides, and a file that cannot be read to its end."""

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from excamera_store import S3Settings, S3Store
from tests.store.servers import BUCKET, ROOT


@dataclass
class Answer:
    status: int
    body: bytes
    missing: int = 0  # bytes that are announced and never sent
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Scripted:
    """`answer` is given the number of the request, from 0."""

    settings: S3Settings
    answer: Callable[[int], Answer]
    requests: int = 0

    def store(self, attempts: int = 1) -> S3Store:
        return S3Store(BUCKET, settings=replace(self.settings, attempts=attempts))


@contextmanager
def scripted_server() -> Iterator[Scripted]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # else clients wait a second for "100 Continue"

        def handle_any(self) -> None:
            answer = script.answer(script.requests)
            script.requests += 1
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(answer.status)
            self.send_header("Connection", "close")
            self.send_header("Content-Length", str(len(answer.body) + answer.missing))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)
            self.close_connection = True

        do_GET = do_HEAD = do_PUT = handle_any

        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    endpoint = f"http://127.0.0.1:{server.server_port}"
    script = Scripted(replace(ROOT, endpoint=endpoint, attempts=1), lambda _: Answer(200, b""))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Breaking(io.FileIO):
    """A file of 12 MiB whose second half cannot be read."""

    def __init__(self, path: Path) -> None:
        path.write_bytes(bytes(12 * 1024 * 1024))
        super().__init__(str(path))

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() >= 6 * 1024 * 1024:
            raise OSError("the disk is gone")
        return super().read(-1 if size is None else size)
