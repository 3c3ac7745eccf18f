"""A folder as a store.

An object is published by writing a part file beside it, syncing it, and renaming it over the key:
the rename is the one moment in which it appears. A part file is locked for as long as its writer
lives, so one that nobody holds was left by a process that died, and is removed by the next writer
that comes to that folder.
"""

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO
from urllib.parse import quote

from excamera_store.errors import BucketMissing, InvalidName, ObjectMissing, ObjectTooLarge
from excamera_store.file_errors import file_errors
from excamera_store.names import check_folder, check_key
from excamera_store.part_file import PartFile, remove_stale
from excamera_store.store import ObjectInfo


class FolderStore:
    """The files below `root`, an absolute path. With `create`, `root` is made on the first put."""

    def __init__(self, root: str | os.PathLike[str], *, create: bool = False) -> None:
        self.root = os.path.abspath(root)
        self._create = create
        self._swept: set[str] = set()

    def __repr__(self) -> str:
        return f"FolderStore({self.root!r})"

    def stat(self, key: str) -> ObjectInfo:
        path = self._path(key)
        with file_errors("read", path, missing=ObjectMissing):
            return _info(key, path, os.stat(path))

    def open(self, key: str) -> BinaryIO:
        path = self._path(key)
        with file_errors("read", path, missing=ObjectMissing):
            _info(key, path, os.stat(path))  # a pipe would block here, a folder says so
            return open(path, "rb")

    def read(self, key: str, most: int | None = None) -> bytes:
        path = self._path(key)
        with self.open(key) as file, file_errors("read", path, missing=ObjectMissing):
            data = file.read(-1 if most is None else most + 1)
        if most is not None and len(data) > most:
            raise ObjectTooLarge(f"{path} has more than {most} bytes")
        return data

    def write(self, key: str, data: bytes) -> None:
        path = self._path(key)
        with file_errors("write", path, missing=BucketMissing), self._part_for(path) as part:
            part.file.write(data)
            part.publish(path)

    def fetch(self, key: str, path: str | os.PathLike[str]) -> None:
        target = os.path.abspath(path)
        with (
            self.open(key) as source,
            file_errors("write", target, missing=BucketMissing),
            PartFile(os.path.dirname(target)) as part,
        ):
            shutil.copyfileobj(source, part.file, 1 << 20)
            part.publish(target, sync=False)

    def put(self, key: str, path: str | os.PathLike[str]) -> None:
        target = self._path(key)
        with (
            open(path, "rb") as source,
            file_errors("write", target, missing=BucketMissing),
            self._part_for(target) as part,
        ):
            shutil.copyfileobj(source, part.file, 1 << 20)
            part.publish(target)

    def adopt(self, key: str, part: PartFile) -> None:
        """Publish a part file and keep it: without a copy if it is on the same file system."""
        target = self._path(key)
        self._check_root()
        with file_errors("write", target, missing=BucketMissing):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            try:
                part.publish(target)
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
                self.put(key, part.path)

    def list(self, folder: str = "") -> Iterator[ObjectInfo]:
        self._check_root()
        found = list(self._walk(check_folder(folder)))
        return iter(sorted(found, key=lambda info: info.key.encode()))

    def delete(self, key: str) -> None:
        path = self._path(key)
        gone = (FileNotFoundError, NotADirectoryError)
        with file_errors("delete", path, missing=ObjectMissing), suppress(*gone):
            os.unlink(path)

    def delete_prefix(self, folder: str) -> int:
        prefix = check_folder(folder)
        if not prefix:
            raise InvalidName(f"refusing to delete everything in {self.root}; name a folder in it")
        count = sum(1 for _ in self._walk(prefix))
        path = os.path.join(self.root, prefix.rstrip("/"))
        with file_errors("delete", path, missing=ObjectMissing):
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path, onerror=_pass_if_gone)
        return count

    def check_writable(self, key: str = "") -> None:
        path = self._path(key) if key else os.path.join(self.root, "object")
        with file_errors("write", path, missing=BucketMissing):
            if key and os.path.isdir(path):
                raise InvalidName(f"cannot write {path}: it is a folder; name a file in it")
            with PartFile(self._nearest_folder(os.path.dirname(path))) as part:
                part.file.write(b"excamera")
                part.file.flush()

    def url_of(self, key: str) -> str:
        return "file://" + quote(os.fsencode(self._path(key)))

    def _path(self, key: str) -> str:
        return os.path.join(self.root, check_key(key))

    def _part_for(self, path: str) -> PartFile:
        folder = os.path.dirname(path)
        self._check_root()
        os.makedirs(folder, exist_ok=True)
        if folder not in self._swept:
            remove_stale(folder)
            self._swept.add(folder)
        return PartFile(folder)

    def _check_root(self) -> None:
        if not self._create and not os.path.lexists(self.root):
            raise BucketMissing(f"the folder {self.root} does not exist; create it first")

    def _nearest_folder(self, folder: str) -> str:
        """The deepest folder that is there already, from `folder` upwards."""
        self._check_root()
        while not os.path.lexists(folder):
            folder = os.path.dirname(folder)
        return folder

    def _walk(self, prefix: str) -> Iterator[ObjectInfo]:
        top = os.path.join(self.root, prefix.rstrip("/"))
        for folder, _, names in os.walk(top, onerror=_raise_unless_gone):
            for name in names:
                path = os.path.join(folder, name)
                try:
                    key = check_key(os.path.relpath(path, self.root))
                    yield _info(key, path, os.stat(path))
                except (InvalidName, FileNotFoundError):
                    continue  # not an object of ours, or gone since


def _info(key: str, path: str, found: os.stat_result) -> ObjectInfo:
    if stat.S_ISDIR(found.st_mode):
        raise ObjectMissing(f"{path} is a folder; name a file in it")
    if not stat.S_ISREG(found.st_mode):
        raise InvalidName(f"{path} is not a regular file; copy its contents to one")
    etag = f"{found.st_ino:x}-{found.st_size:x}-{found.st_mtime_ns:x}"
    return ObjectInfo(key, found.st_size, etag)


def same_version(etag: str, other: str) -> bool:
    """Whether two etags of an object are of the same version of it, wherever they were taken.

    A folder that is mounted on several machines may have other inode numbers on each.
    """
    parts, others = etag.split("-"), other.split("-")
    return etag == other or (len(parts) == len(others) == 3 and parts[1:] == others[1:])


def _raise_unless_gone(error: OSError) -> None:
    """For `os.walk`, which hides errors unless told otherwise."""
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        with file_errors("list", str(error.filename), missing=BucketMissing):
            raise error


def _pass_if_gone(function: object, path: str, info: tuple[object, BaseException, object]) -> None:
    """For `shutil.rmtree`: somebody else may be deleting the same folder."""
    if os.path.lexists(path):
        raise info[1]
