"""Plays a file in headless Chromium and says what the browser saw.

A page with one <video> element is served on the loopback interface, together with the file (byte
ranges and all, as players ask for them). The page plays the file from start to end and posts what
it measured back to this server: no remote debugging, no driver, nothing to go out of step.
"""

import json
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, Queue

PAGE = Path(__file__).with_name("page.html")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--mute-audio",
    "--autoplay-policy=no-user-gesture-required",
)
TYPES = {".webm": "video/webm", ".mp4": "video/mp4"}


@dataclass(frozen=True)
class Sound:
    """The whole audio track, decoded by the browser. Times in seconds."""

    seconds: float
    channels: int
    first_loud: float | None
    """When it first reaches a tenth of full scale."""


@dataclass(frozen=True)
class PlaybackReport:
    """What the <video> element and the Web Audio decoder said. Times in seconds."""

    error: str | None
    """The element's MediaError, or what the page threw."""
    ended: bool
    duration: float
    """As the element gave it before it played."""
    reached: float
    """currentTime at the end."""
    width: int
    height: int
    frames: int
    """Decoded frames, shown or dropped for lack of time."""
    dropped: int
    audio_bytes: int
    """Compressed audio that was decoded while it played."""
    sound: Sound | None
    seekable_to: float
    """currentTime after a seek into the middle, and back to a picture."""


def play(path: Path, *, seconds: float = 120) -> PlaybackReport:
    """Play the file to its end. Raises TimeoutError if the page has not reported by then."""
    if not path.is_file():
        raise FileNotFoundError(path)
    reports: Queue[bytes] = Queue()
    with serve(path, reports) as url, chromium(url) as log:
        try:
            answer = json.loads(reports.get(timeout=seconds))
        except Empty:
            raise TimeoutError(
                f"Chromium did not play {path} in {seconds} s; it said:\n{log.read_text()[-4000:]}"
            ) from None
    sound = answer.pop("sound")
    return PlaybackReport(**answer, sound=Sound(**sound) if sound else None)


@contextmanager
def chromium(url: str) -> Iterator[Path]:
    """A browser with a profile of its own, gone at the end with all its processes."""
    program = shutil.which("chromium")
    if program is None:
        raise FileNotFoundError("no chromium on PATH")
    folder = Path(tempfile.mkdtemp(prefix="excamera-chromium-"))
    log = folder / "log"
    with log.open("wb") as output:
        browser = subprocess.Popen(
            [program, *FLAGS, f"--user-data-dir={folder / 'profile'}", url],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        yield log
    finally:
        browser.terminate()
        try:
            browser.wait(20)
        except subprocess.TimeoutExpired:
            browser.kill()
            browser.wait()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def serve(path: Path, reports: "Queue[bytes]") -> Iterator[str]:
    """The page, the file and the place to report to, on a free port. Gives the page's address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(path, reports))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def handler(path: Path, reports: "Queue[bytes]") -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path == "/":
                self._answer(200, "text/html; charset=utf-8", PAGE.read_bytes())
            elif self.path == "/video":
                self._range(path.read_bytes(), TYPES.get(path.suffix, "application/octet-stream"))
            else:
                self._answer(404, "text/plain", b"")

        def do_POST(self) -> None:
            reports.put(self.rfile.read(int(self.headers["Content-Length"])))
            self._answer(200, "text/plain", b"")

        def _range(self, content: bytes, kind: str) -> None:
            wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
            if not wanted:
                self._answer(200, kind, content, {"Accept-Ranges": "bytes"})
                return
            first = int(wanted[1])
            last = min(int(wanted[2] or len(content) - 1), len(content) - 1)
            where = {"Content-Range": f"bytes {first}-{last}/{len(content)}"}
            self._answer(206, kind, content[first : last + 1], where)

        def _answer(
            self, status: int, kind: str, body: bytes, headers: dict[str, str] | None = None
        ) -> None:
            self.send_response(status)
            fields = {"Content-Type": kind, "Content-Length": str(len(body)), **(headers or {})}
            for name, value in fields.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                self.wfile.write(body)
            except ConnectionError:
                self.close_connection = True  # players close a connection when they have enough

        def log_message(self, format: str, *arguments: object) -> None:
            """Quiet: the report is what matters."""

    return Handler
