"""Why a job cannot be done, in the API's words: errors of a run as reason and message. Pure.

Messages say what is wrong; what to do about it in a cluster is added from `advice`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from excamera.errors import (
    BadSource,
    ChunkFailed,
    CloudFailed,
    InvalidJob,
    JobError,
    ProgramKilled,
    StorageFailed,
)
from excamera_controller import advice
from excamera_controller.conditions import Reason
from excamera_controller.observed import Failure, Stored
from excamera_store import (
    AccessDenied,
    BucketMissing,
    NoCredentials,
    ObjectMissing,
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


def failure_of(
    error: Impossible | JobError,
    job: Stored,
    trouble: Failure | None = None,
    more_memory: str = "",
) -> Failure:
    """trouble: what kept workers away, if they were. more_memory: `advice.more_memory`."""
    if isinstance(error, Impossible):
        return error.failure
    if isinstance(_cause(error), NoWorkers):
        return trouble or Failure(Reason.NO_WORKERS, str(error))
    advices = (str(error), *_advices(error, job, more_memory))
    return Failure(_reason(error), "; ".join(filter(None, advices)))


def is_final(error: Impossible | JobError) -> bool:
    """Whether workers have tried as often as they may. What the operator does itself may be tried
    again (`patience`)."""
    return isinstance(_cause(error), TaskFailed | NoWorkers)


def _cause(error: BaseException) -> BaseException | None:
    """What has been put into a job's words, maybe in several steps."""
    cause = error.__cause__
    return _cause(cause) if isinstance(cause, JobError) else cause


def _advices(error: JobError, job: Stored, more_memory: str) -> Iterator[str]:
    match _cause(error):
        case NoCredentials():
            yield advice.no_credentials(job)
        case AccessDenied() | BucketMissing() | StoreUnreachable():
            yield advice.access(job)
        case TaskFailed(reason="denied"):
            yield advice.access(job)
        case TaskFailed(reason=reason, message=message) if advice.is_starved(f"{reason} {message}"):
            yield more_memory
        case _:
            pass
    if isinstance(error, ChunkFailed):
        yield advice.backoff_limit(job)
    if isinstance(error, ProgramKilled):
        yield advice.MORE_MEMORY_FOR_OPERATOR


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
        case ProgramKilled():
            return Reason.PROGRAM_KILLED
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
