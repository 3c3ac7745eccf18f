"""`excamera-media serve`: one run after the other, in one process.

Loading Python and ffmpeg's libraries takes longer than reading the frames of a chunk. What asks for
runs, and in which words, is told by the worker's module `resident`; here is the other end of it.
What one run changes of the process is undone before the next, but for what is `Kept` on purpose.
In between it is in the root folder, and holds no file open.
"""

from __future__ import annotations

import json
import os
import resource
import socket
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from excamera_media.errors import UsageError
from excamera_media.kept import Kept

_LARGEST: Final = 1 << 17
"""Bytes of a request."""

_KIBI: Final = 1024

Run = Callable[[list[str], Kept], int]
"""Does what the command would do with these arguments. Its exit status."""


def serve(run: Run) -> None:
    """Until nobody can ask any more."""
    with _standard_input() as requests, Kept() as kept:
        while True:
            message, outputs, _, _ = socket.recv_fds(requests, _LARGEST, 2)
            if not message:
                return
            status = _carried_out(run, json.loads(message), outputs, kept)
            requests.send(_answer(status))


def _standard_input() -> socket.socket:
    """As a socket. There is none any more for those that read from it."""
    try:
        requests = socket.socket(fileno=os.dup(0))
    except OSError as error:
        raise UsageError("serve: its standard input is not a socket; workers start it") from error
    _redirect(os.open(os.devnull, os.O_RDWR), 0)
    return requests


def _carried_out(run: Run, asked: dict[str, Any], outputs: list[int], kept: Kept) -> int:
    with _outputs(*outputs):
        try:
            os.chdir(asked["folder"])
            os.environ.clear()
            os.environ.update(asked["environment"])
            status = _status(run, asked["argv"], kept)
            sys.stdout.flush()  # or nobody would hear that there was no room for what was printed
            return status
        except Exception:  # whatever it is, it is the run's end
            traceback.print_exc()
            return 1
        finally:
            os.environ.clear()
            tempfile.tempdir = None
            os.chdir("/")


def _status(run: Run, arguments: list[str], kept: Kept) -> int:
    try:
        return run(arguments, kept)
    except SystemExit as error:  # by which argparse says that arguments make no sense
        return error.code if isinstance(error.code, int) else int(error.code is not None)


@contextmanager
def _outputs(stdout: int, stderr: int) -> Iterator[None]:
    """Standard output and error, for as long as this lasts; then they are closed."""
    _redirect(stdout, 1)
    _redirect(stderr, 2)
    try:
        yield
    finally:
        for stream, number in ((sys.stdout, 1), (sys.stderr, 2)):
            with suppress(OSError):  # has been told, or cannot be
                stream.flush()
            _redirect(os.open(os.devnull, os.O_WRONLY), number)


def _redirect(descriptor: int, number: int) -> None:
    if descriptor != number:  # as it is where a run has closed `number`
        os.dup2(descriptor, number)
        os.close(descriptor)


def _answer(status: int) -> bytes:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return json.dumps([status, used.ru_utime, used.ru_stime, used.ru_maxrss * _KIBI]).encode()
