"""Why a job cannot be done, in the API's words: errors of a run as reason and message. Pure."""

from __future__ import annotations

from typing import Final

from excamera.errors import (
    BadSource,
    ChunkFailed,
    CloudFailed,
    InvalidJob,
    JobError,
    StorageFailed,
)
from excamera_controller.conditions import Reason
from excamera_controller.observed import Failure
from excamera_lambda.errors import Unavailable
from excamera_store import (
    AccessDenied,
    BucketMissing,
    ObjectMissing,
    StoreError,
    StoreUnreachable,
)
from mu import NoWorkers, TaskFailed

OUTPUT: Final = "output: "
"""How messages of `excamera.failures.of_output` begin."""

STORE_REASONS: Final = {
    "denied": Reason.ACCESS_DENIED,
    "unreachable": Reason.STORE_UNREACHABLE,
    "disk_full": Reason.STORE_FAILED,
}


class Impossible(Exception):
    """The job cannot be begun."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.failure = Failure(reason, message)


class NotReady(CloudFailed):
    """A backend takes no workers yet, and is expected to soon."""


def failure_of(error: JobError, trouble: Failure | None = None) -> Failure:
    """trouble: what kept workers away, if they were."""
    if isinstance(error.__cause__, NoWorkers):
        return trouble or Failure(Reason.NO_WORKERS, str(error))
    return Failure(_reason(error), str(error))


def is_transient(error: JobError) -> bool:
    """Whether the same again may help without anybody doing anything."""
    cause = error.__cause__
    if isinstance(error, NotReady):
        return True
    return isinstance(cause, Unavailable) or (isinstance(cause, StoreError) and cause.transient)


def _reason(error: JobError) -> Reason:
    match error:
        case InvalidJob():
            return Reason.INVALID_SPEC
        case BadSource():
            missing = isinstance(error.__cause__, ObjectMissing)
            return Reason.SOURCE_MISSING if missing else Reason.SOURCE_INVALID
        case StorageFailed():
            return _store_reason(str(error), error.__cause__)
        case CloudFailed():
            return Reason.BACKEND_UNAVAILABLE
        case ChunkFailed():
            return Reason.BACKOFF_LIMIT_EXCEEDED
    return Reason.INTERNAL_ERROR


def _store_reason(message: str, cause: BaseException | None) -> Reason:
    if isinstance(cause, TaskFailed):
        return STORE_REASONS.get(cause.reason, Reason.STORE_FAILED)
    if isinstance(cause, StoreUnreachable):
        return Reason.STORE_UNREACHABLE
    if message.startswith(OUTPUT):
        return Reason.OUTPUT_NOT_WRITABLE
    if isinstance(cause, BucketMissing):
        return Reason.SOURCE_MISSING
    return Reason.ACCESS_DENIED if isinstance(cause, AccessDenied) else Reason.STORE_FAILED
