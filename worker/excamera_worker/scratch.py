"""Scratch folders: one private folder per worker, in it one per attempt.

Names in calls come from the coordinator, and what they lead to must lie in the attempt's folder:
they are relative, have no `..`, and no link on the way leads out.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Final, Self

from excamera_worker.failures import CommandFailed, invalid
from excamera_worker.journal import Attempt

PREFIX: Final = "excamera-worker-"
_NAME_BYTES: Final = 255
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")


def check_name(name: str) -> str:
    """The same name, if it can be a scratch file's; otherwise CommandFailed (INVALID)."""
    parts = name.split("/")
    if not name.isprintable() or any(part in ("", ".", "..") for part in parts):
        raise invalid(
            f"{name[:200]!r} cannot name a scratch file: give a relative path without '..', "
            "empty parts and control characters"
        )
    if any(len(part.encode("utf-8", "replace")) > _NAME_BYTES for part in parts):
        raise invalid(f"{name[:40]!r}… is too long for a file's name")
    return name


def folder_name(attempt: Attempt) -> str:
    """Readable, and different for different attempts however their tasks are named."""
    readable = _UNSAFE.sub("-", attempt.task).strip(".-")[:60] or "task"
    digest = hashlib.blake2b(attempt.task.encode(), digest_size=4).hexdigest()
    return f"{readable}.{attempt.number}-{digest}"


class Folder:
    """An attempt's scratch folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def file(self, name: str) -> Path:
        """The path of the scratch file `name`; its parent folders are made."""
        path = self.path / check_name(name)
        if not path.resolve().is_relative_to(self.path):
            raise invalid(f"{name!r} leads out of the scratch folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def existing(self, name: str) -> Path:
        """The path of the scratch file `name`, which must be a regular file."""
        path = self.file(name)
        if not path.is_file():
            raise CommandFailed.not_found(f"there is no scratch file {name!r}")
        return path

    def remove(self) -> None:
        remove_tree(self.path)


class Scratch:
    """The worker's own folder, readable by nobody else. A context manager that removes it.

    It is locked for as long as the worker lives, however it ends. A folder beside it that nobody
    has locked was left by a worker that was killed, and is removed on the way.
    """

    def __init__(self, parent: Path) -> None:
        remove_stale(parent)
        self.path, self._lock = _make_locked(parent)
        self._serial = 0

    def folder(self, attempt: Attempt) -> Folder:
        """A new, empty folder, even where one of the same attempt is still being removed."""
        self._serial += 1
        path = self.path / f"{self._serial}-{folder_name(attempt)}"
        path.mkdir(mode=0o700)
        return Folder(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        remove_tree(self.path)
        os.close(self._lock)


def remove_stale(parent: Path) -> None:
    """Remove the folders of workers that are no more."""
    for path in parent.glob(PREFIX + "*"):
        with contextlib.suppress(OSError):  # another user's, or gone meanwhile
            lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                remove_tree(path)
            finally:
                os.close(lock)


def _make_locked(parent: Path) -> tuple[Path, int]:
    while True:
        path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent)).resolve()
        with contextlib.suppress(FileNotFoundError):
            lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if path.exists():
                return path, lock
            os.close(lock)
        # Somebody took it for stale before it was locked: make another.


def remove_tree(path: Path) -> None:
    """Remove a folder, even while a thread that cannot be stopped still makes files in it."""
    for _ in range(10):
        shutil.rmtree(path, onerror=_make_writable_and_retry)
        if not path.exists():
            return


def _make_writable_and_retry(function: object, path: str, _: object) -> None:
    """A program may have left a folder that it does not let anybody write to."""
    with contextlib.suppress(OSError):
        os.chmod(os.path.dirname(path), 0o700)
        if os.path.isdir(path) and not os.path.islink(path):
            os.chmod(path, 0o700)
        else:
            os.unlink(path)
