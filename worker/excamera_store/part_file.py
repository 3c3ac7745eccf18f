"""A file that is being written and may yet come to nothing.

The lock is what tells a living writer's part file from a dead one's. Between creating the file
and locking it, a sweeper may take it for dead and remove it; so after locking we look whether the
name still leads to our file, and begin again if it does not.
"""

import fcntl
import os
import secrets
from contextlib import suppress
from types import TracebackType
from typing import BinaryIO

from excamera_store.names import RESERVED


class PartFile:
    """An open, locked file in `folder` that `publish` gives its name; removed otherwise."""

    def __init__(self, folder: str) -> None:
        self.path, self.file = _create(folder)
        self._published = False

    def __enter__(self) -> "PartFile":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Unlink first: closing flushes, and on a full disk that raises once more.
        if not self._published:
            with suppress(OSError):
                os.unlink(self.path)
        with suppress(OSError):
            self.file.close()

    def publish(self, target: str, *, sync: bool = True) -> None:
        """Give the file its name. With `sync`, it is on the disk before it is seen."""
        self.file.flush()
        if sync:
            os.fsync(self.file.fileno())
        os.replace(self.path, target)
        self._published = True
        if sync:
            _sync_folder(os.path.dirname(target))


def remove_stale(folder: str) -> int:
    """Remove the part files in `folder` that no living process holds; how many there were."""
    removed = 0
    for name in os.listdir(folder):
        if name.startswith(RESERVED):
            with suppress(OSError):  # gone, locked, or not ours to touch
                removed += _remove_if_unlocked(os.path.join(folder, name))
    return removed


def _create(folder: str) -> tuple[str, BinaryIO]:
    while True:
        path = os.path.join(folder, RESERVED + secrets.token_hex(8))
        file = open(path, "xb")  # noqa: SIM115 - PartFile closes it
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            if _leads_to(path, file):
                return path, file
        except BaseException:
            os.unlink(path)
            file.close()
            raise
        file.close()


def _leads_to(path: str, file: BinaryIO) -> bool:
    try:
        return os.path.samestat(os.stat(path), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def _remove_if_unlocked(path: str) -> int:
    # Whatever lies there under our name: a pipe must not make us wait, nor a link lead us away.
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW
    with open(os.open(path, flags), "rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not _leads_to(path, file):
            return 0
        os.unlink(path)
        return 1


def _sync_folder(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
