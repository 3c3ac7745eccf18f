"""Every error that a command can end with, and what the coordinator is told of it.

CommandFailed          raised by our own code, with the kind
StoreError             by the class
grpc.aio.AioRpcError   of the rendezvous, by the status code
OSError                by errno
anything else          INTERNAL: a mistake of ours
"""

from __future__ import annotations

import errno
from typing import Final, Self

import grpc

from excamera_proto.mu_pb2 import Failure
from excamera_store import (
    AccessDenied,
    BucketMissing,
    InvalidName,
    ObjectChanged,
    ObjectMissing,
    ObjectTooLarge,
    StoreError,
    StoreFull,
    StoreUnreachable,
    UnsupportedScheme,
)

MESSAGE_LIMIT: Final = 2000
"""Characters. A message is for a person's eyes and for an event's text."""

_STORE: Final[tuple[tuple[type[StoreError], Failure.Kind.ValueType], ...]] = (
    (ObjectMissing, Failure.NOT_FOUND),
    (BucketMissing, Failure.NOT_FOUND),
    (ObjectChanged, Failure.CONFLICT),
    (ObjectTooLarge, Failure.INVALID),
    (AccessDenied, Failure.DENIED),
    (StoreUnreachable, Failure.UNREACHABLE),
    (StoreFull, Failure.DISK_FULL),
    (InvalidName, Failure.INVALID),
    (UnsupportedScheme, Failure.INVALID),
)

_ERRNO: Final = {
    errno.ENOENT: Failure.NOT_FOUND,
    errno.ENOTDIR: Failure.NOT_FOUND,
    errno.EACCES: Failure.DENIED,
    errno.EPERM: Failure.DENIED,
    errno.ENOSPC: Failure.DISK_FULL,
    errno.EDQUOT: Failure.DISK_FULL,
    errno.EFBIG: Failure.DISK_FULL,
    errno.ENOMEM: Failure.OUT_OF_MEMORY,
    errno.E2BIG: Failure.INVALID,
    errno.EISDIR: Failure.INVALID,
    errno.ENAMETOOLONG: Failure.INVALID,
}

_STATUS: Final = {
    grpc.StatusCode.NOT_FOUND: Failure.NOT_FOUND,
    grpc.StatusCode.ALREADY_EXISTS: Failure.CONFLICT,
    grpc.StatusCode.PERMISSION_DENIED: Failure.DENIED,
    grpc.StatusCode.UNAUTHENTICATED: Failure.DENIED,
    grpc.StatusCode.INVALID_ARGUMENT: Failure.INVALID,
    grpc.StatusCode.FAILED_PRECONDITION: Failure.INVALID,
    grpc.StatusCode.UNIMPLEMENTED: Failure.INVALID,
    grpc.StatusCode.RESOURCE_EXHAUSTED: Failure.DISK_FULL,
}


class CommandFailed(Exception):
    """A command that could not be carried out, and why."""

    def __init__(self, kind: Failure.Kind.ValueType, message: str) -> None:
        super().__init__(message)
        self.kind = kind

    @classmethod
    def not_found(cls, message: str) -> Self:
        return cls(Failure.NOT_FOUND, message)


def invalid(message: str) -> CommandFailed:
    """The call itself makes no sense."""
    return CommandFailed(Failure.INVALID, message)


def failure_of(error: BaseException) -> Failure:
    kind = _kind_of(error)
    message = _message_of(error)
    if kind == Failure.INTERNAL and not isinstance(error, CommandFailed):
        message = f"{type(error).__name__}: {message}"
    return Failure(kind=kind, message=message[:MESSAGE_LIMIT])


def _kind_of(error: BaseException) -> Failure.Kind.ValueType:
    match error:
        case CommandFailed():
            return error.kind
        case StoreError():
            return next((kind for kinds, kind in _STORE if isinstance(error, kinds)), _UNKNOWN)
        case grpc.aio.AioRpcError():
            return _STATUS.get(error.code(), Failure.UNREACHABLE)
        case OSError():
            return _ERRNO.get(error.errno or 0, _UNKNOWN)
        case MemoryError():
            return Failure.OUT_OF_MEMORY
        case _:
            return _UNKNOWN


def _message_of(error: BaseException) -> str:
    if isinstance(error, grpc.aio.AioRpcError):
        return f"rendezvous: {error.code().name}: {error.details() or 'no details'}"
    return str(error)


_UNKNOWN: Final = Failure.INTERNAL
