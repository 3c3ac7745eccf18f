"""What the coordinator is told of each error."""

from __future__ import annotations

import errno
import inspect

import grpc
import pytest

import excamera_store
from excamera_proto.mu_pb2 import Failure
from excamera_store import StoreError
from excamera_worker.failures import MESSAGE_LIMIT, CommandFailed, failure_of


def rpc_error(code: grpc.StatusCode) -> grpc.aio.AioRpcError:
    return grpc.aio.AioRpcError(code, grpc.aio.Metadata(), grpc.aio.Metadata(), details="why")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (CommandFailed(Failure.CONFLICT, "x"), Failure.CONFLICT),
        (excamera_store.ObjectMissing("x"), Failure.NOT_FOUND),
        (excamera_store.BucketMissing("x"), Failure.NOT_FOUND),
        (excamera_store.CredentialsExpired("x"), Failure.DENIED),
        (excamera_store.Throttled("x"), Failure.UNREACHABLE),
        (excamera_store.StoreFull("x"), Failure.DISK_FULL),
        (excamera_store.InvalidName("x"), Failure.INVALID),
        (OSError(errno.ENOSPC, "x"), Failure.DISK_FULL),
        (OSError(errno.EDQUOT, "x"), Failure.DISK_FULL),
        (FileNotFoundError(errno.ENOENT, "x"), Failure.NOT_FOUND),
        (PermissionError(errno.EACCES, "x"), Failure.DENIED),
        (OSError(errno.ENOMEM, "x"), Failure.OUT_OF_MEMORY),
        (MemoryError(), Failure.OUT_OF_MEMORY),
        (rpc_error(grpc.StatusCode.NOT_FOUND), Failure.NOT_FOUND),
        (rpc_error(grpc.StatusCode.ALREADY_EXISTS), Failure.CONFLICT),
        (rpc_error(grpc.StatusCode.UNAVAILABLE), Failure.UNREACHABLE),
        (rpc_error(grpc.StatusCode.RESOURCE_EXHAUSTED), Failure.DISK_FULL),
        (ZeroDivisionError("x"), Failure.INTERNAL),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_an_error_has_a_kind(error: Exception, kind: Failure.Kind.ValueType) -> None:
    assert failure_of(error).kind == kind


def test_every_error_of_the_store_has_a_kind() -> None:
    for _, error in inspect.getmembers(excamera_store, inspect.isclass):
        if issubclass(error, StoreError) and error is not StoreError:
            assert failure_of(error("x")).kind != Failure.INTERNAL, error


def test_a_mistake_of_ours_says_which() -> None:
    assert failure_of(ZeroDivisionError("x")).message == "ZeroDivisionError: x"


def test_a_message_is_bounded() -> None:
    assert len(failure_of(CommandFailed(Failure.INVALID, "x" * 10_000)).message) == MESSAGE_LIMIT
