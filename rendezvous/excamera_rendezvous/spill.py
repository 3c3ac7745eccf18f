"""Parts on disk: one file each, in a private folder that nobody else reads and nobody keeps.

The folder is locked for as long as its process lives. What a process left that was killed is
removed by the next one that starts in the same place. Everything here blocks, and runs in threads.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from excamera_rendezvous.errors import SpillFailed
from excamera_rendezvous.piece import Piece, digest_of

PREFIX = "excamera-rendezvous-"


class SpillFolder:
    """A fresh folder in `base`, which is created. OSError if that cannot be."""

    def __init__(self, base: Path) -> None:
        base.mkdir(parents=True, exist_ok=True)
        remove_stale(base)
        self.path, self._lock = _make_locked(base)
        self._numbers = itertools.count()

    def write(self, piece: Piece) -> tuple[int, bytes]:
        """Where it lies now, as a number, and the digest of its payload."""
        place = next(self._numbers)
        path = self._path_of(place)
        try:
            path.write_bytes(piece.frame)
        except OSError as error:
            path.unlink(missing_ok=True)
            raise SpillFailed(
                f"the rendezvous's memory is full and {self.path.parent} takes no more "
                f"({error.strerror}); free some space there or raise --memory-limit"
            ) from error
        return place, digest_of(piece.payload)

    def read(self, place: int) -> bytes:
        """The frame. FileNotFoundError if it has been removed meanwhile."""
        return self._path_of(place).read_bytes()

    def remove(self, places: tuple[int, ...]) -> None:
        for place in places:
            self._path_of(place).unlink(missing_ok=True)

    def close(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)

    def _path_of(self, place: int) -> Path:
        return self.path / f"{place}.part"


def remove_stale(base: Path) -> int:
    """Remove what processes left that are gone; how many folders."""
    removed = 0
    for path in base.glob(PREFIX + "*"):
        with suppress(OSError):  # locked, gone, or another user's
            removed += _remove_if_unlocked(path)
    return removed


def _make_locked(base: Path) -> tuple[Path, int]:
    """A new folder, readable by us alone, and the descriptor that holds its lock."""
    while True:
        path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=base))
        with suppress(FileNotFoundError):
            lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if path.exists():
                return path, lock
            os.close(lock)
        # Another that starts now took it for stale before it was locked: make another.


def _remove_if_unlocked(path: Path) -> int:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(path, ignore_errors=True)
        return 1
    finally:
        os.close(descriptor)
