"""The operating system's errors as errors of the store."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from excamera_store.errors import (
    AccessDenied,
    InvalidName,
    StoreError,
    StoreFull,
    StoreUnreachable,
)

_KINDS: dict[int, tuple[type[StoreError], str]] = {
    errno.EACCES: (AccessDenied, "check the permissions of the file and its folders"),
    errno.EPERM: (AccessDenied, "check the permissions of the file and its folders"),
    errno.EROFS: (AccessDenied, "the file system is mounted read-only; choose another folder"),
    errno.ENOSPC: (StoreFull, "free some space on that file system, or choose another folder"),
    errno.EDQUOT: (StoreFull, "free some space or raise the quota"),
    errno.EFBIG: (StoreFull, "raise the limit on the size of files (ulimit -f)"),
    errno.ENOTDIR: (InvalidName, "a part of the path is a file, not a folder"),
    errno.EISDIR: (InvalidName, "there is a folder of that name; choose another name"),
    errno.ENOTEMPTY: (InvalidName, "there is a folder of that name; choose another name"),
    errno.EEXIST: (InvalidName, "a part of the path is a file, not a folder"),
    errno.ENAMETOOLONG: (InvalidName, "shorten it"),
    errno.ELOOP: (InvalidName, "symbolic links lead in a circle"),
    errno.EIO: (StoreUnreachable, "the disk or the network file system fails; see dmesg"),
    errno.ESTALE: (StoreUnreachable, "the network file system was lost; mount it again"),
    errno.ETIMEDOUT: (StoreUnreachable, "the network file system does not answer"),
    errno.ENOTCONN: (StoreUnreachable, "the network file system is not connected"),
}


@contextmanager
def file_errors(action: str, path: str, *, missing: type[StoreError]) -> Iterator[None]:
    """Within it an `OSError` becomes the right `StoreError`; `missing` is what ENOENT means."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOENT:
            raise missing(f"cannot {action} {path}: it does not exist; check the path") from error
        kind, advice = _KINDS.get(error.errno or 0, (StoreError, "see the system's log"))
        raise kind(f"cannot {action} {path}: {error.strerror or error}; {advice}") from error
